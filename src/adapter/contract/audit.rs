//! What happened to accounts: written once, read in the order of the ids, and kept when its user goes.

use super::store::{MILLISECOND, Store, at_once, is_conflict};
use crate::{adapter::AuditRecord, clock::Timestamp, random};

super::promises! {
    Apart: what_happened_comes_back, what_happened_to_nobody_comes_back, what_happened_is_never_replaced,
        what_happened_is_listed_newest_first, a_page_of_what_happened_goes_on_where_the_last_one_ended,
        what_happened_is_of_its_user_alone, a_walk_meets_all_that_happened, what_happened_outlives_its_user,
        only_what_has_to_be_told_is_undelivered, what_was_told_is_not_undelivered_any_more,
        of_parallel_deliveries_one_is_noted, what_happened_goes_at_its_end, long_and_odd_data_comes_back;
}

impl Store {
    /// Ids in the order of `number`, at an instant that other cases do not use.
    fn new_audit(&self, user_id: &str, number: u32) -> AuditRecord {
        let created = self.now.plus(MILLISECOND * number);
        AuditRecord {
            id: random::uuid_at(created),
            user_id: Some(user_id.to_owned()),
            created,
            expires: self.in_hours(1),
            data: format!(r#"{{"event":"contract","number":{number}}}"#),
        }
    }

    async fn audit(&self, user_id: &str, number: u32) -> AuditRecord {
        let record = self.new_audit(user_id, number);
        self.add_audit(&record, false).await.unwrap();
        record
    }

    /// Which of these have still to be told, in order.
    async fn undelivered_among(&self, ours: &[&AuditRecord]) -> Vec<AuditRecord> {
        let (mut found, mut last) = (Vec::new(), String::new());
        loop {
            let page = self.undelivered_audit(&last, 500).await.unwrap();
            let Some(record) = page.last() else { return found };
            last.clone_from(&record.id);
            found.extend(page.into_iter().filter(|record| ours.contains(&record)));
        }
    }
}

async fn what_happened_comes_back(store: Store) {
    let user_id = random::uuid();
    let record = store.audit(&user_id, 0).await;
    assert_eq!(store.list_audit(&user_id, None, 10).await.unwrap(), [record]);
}

async fn what_happened_to_nobody_comes_back(store: Store) {
    let record = AuditRecord { user_id: None, ..store.new_audit("", 0) };
    store.add_audit(&record, true).await.unwrap();
    assert_eq!(store.undelivered_among(&[&record]).await, [record]);
    assert_eq!(store.list_audit("", None, 10).await.unwrap(), [], "nobody is not the user without a name");
}

async fn what_happened_is_never_replaced(store: Store) {
    let user_id = random::uuid();
    let record = store.audit(&user_id, 0).await;
    let other = AuditRecord { data: "{}".to_owned(), ..record.clone() };
    assert!(is_conflict(&store.add_audit(&other, false).await));
    assert_eq!(store.list_audit(&user_id, None, 10).await.unwrap(), [record]);
}

async fn what_happened_is_listed_newest_first(store: Store) {
    let user_id = random::uuid();
    let (second, first, third) =
        (store.audit(&user_id, 2).await, store.audit(&user_id, 1).await, store.audit(&user_id, 3).await);
    assert_eq!(store.list_audit(&user_id, None, 10).await.unwrap(), [third, second, first]);
}

async fn a_page_of_what_happened_goes_on_where_the_last_one_ended(store: Store) {
    let user_id = random::uuid();
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(store.audit(&user_id, number).await);
    }
    made.reverse();
    assert_eq!(store.list_audit(&user_id, None, 2).await.unwrap(), made[..2]);
    assert_eq!(store.list_audit(&user_id, Some(&made[1].id), 2).await.unwrap(), made[2..4]);
    assert_eq!(store.list_audit(&user_id, Some(&made[3].id), 2).await.unwrap(), made[4..]);
    assert_eq!(store.list_audit(&user_id, Some(&made[4].id), 2).await.unwrap(), []);
    assert_eq!(store.list_audit(&user_id, None, 0).await.unwrap(), []);
}

async fn what_happened_is_of_its_user_alone(store: Store) {
    let (one, other) = (random::uuid(), random::uuid());
    let (ours, theirs) = (store.audit(&one, 1).await, store.audit(&other, 2).await);
    assert_eq!(store.list_audit(&one, None, 10).await.unwrap(), [ours]);
    assert_eq!(store.list_audit(&other, None, 10).await.unwrap(), [theirs]);
    assert_eq!(store.list_audit(&one.to_uppercase(), None, 10).await.unwrap(), []);
}

async fn a_walk_meets_all_that_happened(store: Store) {
    let user_id = random::uuid();
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(store.audit(&user_id, number).await);
    }
    // Others happen meanwhile: so only from our first to our last.
    let mut last = random::uuid_at(Timestamp::from_millis(store.now.as_millis() - 1));
    let mut met = Vec::new();
    while met.len() < made.len() {
        let page = store.audit_after(&last, 2).await.unwrap();
        assert!(page.len() <= 2 && page.is_sorted_by(|a, b| a.id < b.id), "{page:?}");
        assert_ne!(page.len(), 0, "ours are still to come");
        last.clone_from(&page[page.len() - 1].id);
        met.extend(page.into_iter().filter(|record| record.user_id.as_deref() == Some(&*user_id)));
    }
    assert_eq!(met, made);
}

async fn what_happened_outlives_its_user(store: Store) {
    let user = store.user().await;
    let record = store.audit(&user.id, 0).await;
    assert!(store.delete_user(&user.id).await.unwrap());
    assert_eq!(store.list_audit(&user.id, None, 10).await.unwrap(), [record]);
}

async fn only_what_has_to_be_told_is_undelivered(store: Store) {
    let (told, silent) = (store.new_audit("a", 1), store.new_audit("a", 2));
    store.add_audit(&told, true).await.unwrap();
    store.add_audit(&silent, false).await.unwrap();
    assert_eq!(store.undelivered_among(&[&told, &silent]).await, [told]);
    assert!(!store.audit_delivered(&silent.id).await.unwrap());
}

async fn what_was_told_is_not_undelivered_any_more(store: Store) {
    let user_id = random::uuid();
    let record = store.new_audit(&user_id, 0);
    store.add_audit(&record, true).await.unwrap();
    assert!(store.audit_delivered(&record.id).await.unwrap());
    assert_eq!(store.undelivered_among(&[&record]).await, []);
    assert_eq!(store.list_audit(&user_id, None, 10).await.unwrap(), [record], "it is still there");
    assert!(!store.audit_delivered(&random::uuid()).await.unwrap(), "unknown");
}

async fn of_parallel_deliveries_one_is_noted(store: Store) {
    let record = store.new_audit(&random::uuid(), 0);
    store.add_audit(&record, true).await.unwrap();
    let results = at_once(16, |_| {
        let (store, id) = (store.clone(), record.id.clone());
        async move { store.audit_delivered(&id).await.unwrap() }
    })
    .await;
    assert_eq!(results.into_iter().filter(|noted| *noted).count(), 1);
}

async fn what_happened_goes_at_its_end(store: Store) {
    let user_id = random::uuid();
    let expired = AuditRecord { expires: store.past(), ..store.new_audit(&user_id, 1) };
    store.add_audit(&expired, true).await.unwrap();
    let kept = store.audit(&user_id, 2).await;
    for _ in 0..1000 {
        if store.purge_expired(store.now, 100).await.unwrap() == 0 {
            break;
        }
    }
    assert_eq!(store.list_audit(&user_id, None, 10).await.unwrap(), [kept]);
    assert_eq!(store.undelivered_among(&[&expired]).await, []);
}

async fn long_and_odd_data_comes_back(store: Store) {
    let user_id = random::uuid();
    let odd = "\"\\ {\"$ne\":1} 'ä' 日本語 🦀 \u{202e} \u{7f}\r\n%_ ".repeat(500);
    let record = AuditRecord { data: odd, ..store.new_audit(&user_id, 0) };
    store.add_audit(&record, true).await.unwrap();
    assert_eq!(store.undelivered_among(&[&record]).await, std::slice::from_ref(&record));
    assert_eq!(store.list_audit(&user_id, None, 10).await.unwrap(), [record]);
}
