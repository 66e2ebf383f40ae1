//! User records: replaced with compare-and-swap, removed once, and deleted with their user. Skipped for adapters that do
//! not support them.

use super::store::{HOUR, Store, at_once};
use crate::{
    adapter::{Change, UserRecord},
    clock::Timestamp,
    random,
};

super::promises! {
    Apart: a_record_comes_back, a_user_without_records_has_none, records_are_listed_by_kind_and_id,
        a_record_is_made_once, a_record_is_replaced_by_comparing, a_record_that_is_gone_is_not_replaced,
        a_record_is_taken_away_once, a_record_needs_a_user, records_are_of_their_user_alone,
        a_removed_user_takes_records_along, expired_records_are_found,
        expired_records_of_a_kind_come_in_the_order_of_their_ends, an_expired_record_stays_until_it_is_taken_away,
        a_replaced_record_expires_when_it_says, names_of_records_are_compared_byte_by_byte,
        long_and_odd_records_come_back, of_parallel_writers_of_a_record_one_wins,
        of_parallel_first_writers_of_a_record_one_wins, of_parallel_removals_of_a_record_one_finds_it,
        a_user_removed_meanwhile_leaves_no_record, records_change_with_their_user_or_not_at_all;
}

impl Store {
    fn new_record(&self, user_id: &str) -> UserRecord {
        UserRecord {
            user_id: user_id.to_owned(),
            kind: "contract".to_owned(),
            id: random::uuid(),
            value: random::token(),
            created: self.now,
            expires: Some(self.in_hours(1)),
        }
    }

    async fn put(&self, record: &UserRecord) {
        assert!(self.put_user_record(record, None).await.unwrap(), "{record:?} is new");
    }

    /// A record of a new user.
    async fn record(&self) -> UserRecord {
        let record = self.new_record(&self.user().await.id);
        self.put(&record).await;
        record
    }

    async fn records(&self, user_id: &str) -> Vec<UserRecord> {
        self.list_user_records(user_id).await.unwrap()
    }

    async fn takes_away(&self, record: &UserRecord) -> bool {
        self.delete_user_record(&record.user_id, &record.kind, &record.id).await.unwrap()
    }

    /// Whether it is among the expired ones. Others may have many: it is looked for among all of them.
    async fn is_found_expired(&self, record: &UserRecord) -> bool {
        self.expired_user_records(&record.kind, self.now, 100_000).await.unwrap().contains(record)
    }
}

/// Another value in place of that of `record`.
fn other(record: &UserRecord) -> UserRecord {
    UserRecord { value: random::token(), ..record.clone() }
}

async fn a_record_comes_back(store: Store) {
    let user = store.user().await;
    for record in [
        store.new_record(&user.id),
        UserRecord { expires: None, ..store.new_record(&user.id) },
        UserRecord { id: String::new(), value: String::new(), ..store.new_record(&user.id) },
    ] {
        store.put(&record).await;
        assert_eq!(store.records(&user.id).await, std::slice::from_ref(&record));
        assert!(store.takes_away(&record).await);
    }
}

async fn a_user_without_records_has_none(store: Store) {
    let user = store.user().await;
    assert_eq!(store.records(&user.id).await, []);
    assert_eq!(store.records(&random::uuid()).await, [], "nor has nobody");
}

async fn records_are_listed_by_kind_and_id(store: Store) {
    let user = store.user().await;
    let named = |kind: &str, id: &str| UserRecord {
        kind: kind.to_owned(),
        id: id.to_owned(),
        ..store.new_record(&user.id)
    };
    let records = [named("a", ""), named("a", "1"), named("a", "2"), named("ab", "0"), named("b", "")];
    for index in [3, 1, 4, 0, 2] {
        store.put(&records[index]).await;
    }
    assert_eq!(store.records(&user.id).await, records);
}

async fn a_record_is_made_once(store: Store) {
    let record = store.record().await;
    assert!(!store.put_user_record(&other(&record), None).await.unwrap(), "it is there");
    assert!(!store.put_user_record(&record, None).await.unwrap(), "the same once more");
    assert_eq!(store.records(&record.user_id).await, [record]);
}

async fn a_record_is_replaced_by_comparing(store: Store) {
    let record = store.record().await;
    let (second, third) = (other(&record), other(&record));
    assert!(store.put_user_record(&second, Some(&record.value)).await.unwrap());
    assert!(!store.put_user_record(&third, Some(&record.value)).await.unwrap(), "no longer that value");
    assert_eq!(store.records(&record.user_id).await, std::slice::from_ref(&second));
    assert!(store.put_user_record(&second, Some(&second.value)).await.unwrap(), "by itself");
    assert!(!store.put_user_record(&third, Some("")).await.unwrap(), "empty is not absent");
}

async fn a_record_that_is_gone_is_not_replaced(store: Store) {
    let record = store.record().await;
    assert!(store.takes_away(&record).await);
    assert!(!store.put_user_record(&other(&record), Some(&record.value)).await.unwrap());
    assert!(!store.put_user_record(&other(&record), Some("")).await.unwrap());
    assert_eq!(store.records(&record.user_id).await, []);
    store.put(&record).await;
}

async fn a_record_is_taken_away_once(store: Store) {
    let record = store.record().await;
    let kept = store.new_record(&record.user_id);
    store.put(&kept).await;
    assert!(store.takes_away(&record).await);
    assert!(!store.takes_away(&record).await);
    assert_eq!(store.records(&record.user_id).await, [kept]);
}

async fn a_record_needs_a_user(store: Store) {
    let record = store.new_record(&random::uuid());
    assert!(!store.put_user_record(&record, None).await.unwrap());
    assert_eq!(store.records(&record.user_id).await, []);
}

async fn records_are_of_their_user_alone(store: Store) {
    let record = store.record().await;
    let theirs = UserRecord { user_id: store.user().await.id, ..other(&record) };
    assert!(!store.takes_away(&theirs).await, "another user has one of that name");
    assert!(!store.put_user_record(&theirs, Some(&record.value)).await.unwrap());
    store.put(&theirs).await;
    assert_eq!(store.records(&record.user_id).await, [record]);
    assert_eq!(store.records(&theirs.user_id).await, std::slice::from_ref(&theirs));
}

async fn a_removed_user_takes_records_along(store: Store) {
    let user = store.user().await;
    let expired = UserRecord { expires: Some(store.past()), ..store.new_record(&user.id) };
    store.put(&expired).await;
    store.put(&store.new_record(&user.id)).await;
    assert!(store.delete_user(&user.id).await.unwrap());
    assert_eq!(store.records(&user.id).await, []);
    assert!(!store.is_found_expired(&expired).await);
}

async fn expired_records_are_found(store: Store) {
    let user = store.user().await;
    let at = |expires| UserRecord { expires, ..store.new_record(&user.id) };
    let expired = [at(Some(store.past())), at(Some(store.now))];
    let running = [at(Some(store.now.plus(super::store::MILLISECOND))), at(None)];
    for record in expired.iter().chain(&running) {
        store.put(record).await;
    }
    for record in &expired {
        assert!(store.is_found_expired(record).await, "{record:?}");
    }
    for record in &running {
        assert!(!store.is_found_expired(record).await, "{record:?}");
    }
    for record in &expired {
        assert!(store.takes_away(record).await);
        assert!(!store.is_found_expired(record).await, "{record:?}");
    }
}

async fn expired_records_of_a_kind_come_in_the_order_of_their_ends(store: Store) {
    // No other case has records of this kind.
    let kind = random::uuid();
    let (mut expired, mut others) = (Vec::new(), Vec::new());
    for minutes in [2, 5, 1, 4, 3] {
        let user = store.user().await;
        let end = Timestamp::from_millis(store.now.as_millis() - minutes * 60_000);
        let record = UserRecord { kind: kind.clone(), expires: Some(end), ..store.new_record(&user.id) };
        let other = UserRecord { kind: format!("{kind}x"), ..store.new_record(&user.id) };
        let other = UserRecord { expires: Some(end), ..other };
        let unending = UserRecord { kind: kind.clone(), expires: None, ..store.new_record(&user.id) };
        for record in [&record, &other, &unending] {
            store.put(record).await;
        }
        expired.push(record);
        others.push(other);
    }
    expired.sort_by_key(|record| record.expires);
    for limit in [0, 1, 3, 5, 100] {
        let found = store.expired_user_records(&kind, store.now, limit).await.unwrap();
        assert_eq!(found, expired[..expired.len().min(limit as usize)], "{limit}");
    }
    let earlier = expired[2].expires.unwrap();
    assert_eq!(store.expired_user_records(&kind, earlier, 100).await.unwrap(), expired[..3]);
    assert_eq!(store.expired_user_records(&random::uuid(), store.now, 100).await.unwrap(), []);
    // Expired records stay otherwise.
    for record in expired.iter().chain(&others) {
        assert!(store.takes_away(record).await);
    }
}

async fn an_expired_record_stays_until_it_is_taken_away(store: Store) {
    let user = store.user().await;
    let expired = UserRecord { expires: Some(store.past()), ..store.new_record(&user.id) };
    store.put(&expired).await;
    store.purge_expired(store.now, 100).await.unwrap();
    assert_eq!(store.records(&user.id).await, std::slice::from_ref(&expired));
    assert!(store.takes_away(&expired).await);
}

async fn a_replaced_record_expires_when_it_says(store: Store) {
    let record = store.record().await;
    let expired = UserRecord { expires: Some(store.past()), created: store.now.plus(HOUR), ..other(&record) };
    assert!(store.put_user_record(&expired, Some(&record.value)).await.unwrap());
    assert!(store.is_found_expired(&expired).await);
    assert_eq!(store.records(&record.user_id).await, std::slice::from_ref(&expired));
    let unending = UserRecord { expires: None, ..other(&record) };
    assert!(store.put_user_record(&unending, Some(&expired.value)).await.unwrap());
    assert!(!store.is_found_expired(&expired).await);
    assert_eq!(store.records(&record.user_id).await, [unending]);
}

async fn names_of_records_are_compared_byte_by_byte(store: Store) {
    let user = store.user().await;
    let alike = ["a", "A", "á", "a\u{301}", "a ", " a", "ａ", "%", "_", "\"", "\"[", "ß", "ss", ""];
    let named = |id: &str| UserRecord { id: id.to_owned(), ..store.new_record(&user.id) };
    let records = alike.map(named);
    for record in &records {
        store.put(record).await;
    }
    assert_eq!(store.records(&user.id).await.len(), records.len());
    for record in &records {
        assert!(store.takes_away(record).await, "{:?}", record.id);
    }
    assert_eq!(store.records(&user.id).await, []);
}

async fn long_and_odd_records_come_back(store: Store) {
    let user = store.user().await;
    let odd = "{\"$ne\":null} \\ \"q\" 'x' 日本語 🦀 e\u{301} \u{202e}\u{7f}\r\n%_ ${x} ".repeat(1000);
    let record = UserRecord { value: odd, id: "i".repeat(255), ..store.new_record(&user.id) };
    store.put(&record).await;
    assert_eq!(store.records(&user.id).await, std::slice::from_ref(&record));
    let changed = UserRecord { value: record.value.clone() + "x", ..record.clone() };
    assert!(!store.put_user_record(&changed, Some(&changed.value)).await.unwrap(), "compared to the end");
    assert!(store.put_user_record(&changed, Some(&record.value)).await.unwrap());
    assert_eq!(store.records(&user.id).await, [changed]);
}

async fn of_parallel_writers_of_a_record_one_wins(store: Store) {
    let record = store.record().await;
    let wins = at_once(16, |_| {
        let (store, mine, from) = (store.clone(), other(&record), record.value.clone());
        async move { store.put_user_record(&mine, Some(&from)).await.unwrap().then_some(mine) }
    })
    .await;
    let winners: Vec<_> = wins.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(store.records(&record.user_id).await, winners);
}

async fn of_parallel_first_writers_of_a_record_one_wins(store: Store) {
    let record = store.new_record(&store.user().await.id);
    let wins = at_once(16, |_| {
        let (store, mine) = (store.clone(), other(&record));
        async move { store.put_user_record(&mine, None).await.unwrap().then_some(mine) }
    })
    .await;
    let winners: Vec<_> = wins.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(store.records(&record.user_id).await, winners);
}

async fn of_parallel_removals_of_a_record_one_finds_it(store: Store) {
    let record = store.record().await;
    let found = at_once(16, |_| {
        let (store, record) = (store.clone(), record.clone());
        async move { store.takes_away(&record).await }
    })
    .await;
    assert_eq!(found.into_iter().filter(|found| *found).count(), 1);
}

async fn a_user_removed_meanwhile_leaves_no_record(store: Store) {
    for _ in 0..8 {
        let user = store.user().await;
        at_once(4, |index| {
            let (store, record) = (store.clone(), store.new_record(&user.id));
            async move {
                if index == 0 {
                    store.delete_user(&record.user_id).await.unwrap();
                } else {
                    // Before the user went, or refused.
                    let _ = store.put_user_record(&record, None).await;
                }
            }
        })
        .await;
        assert_eq!(store.records(&user.id).await, []);
    }
}

async fn records_change_with_their_user_or_not_at_all(store: Store) {
    let record = store.record().await;
    let (user_id, replaced) = (record.user_id.as_str(), other(&record));
    let added = store.new_record(user_id);
    let remove = |value| Change::RemoveRecord { kind: &record.kind, id: &record.id, value };
    let name = async || store.get_user(user_id).await.unwrap().and_then(|user| user.name);
    let before = name().await;
    for last in [
        Change::PutRecord { record: &replaced, from: None },
        Change::PutRecord { record: &replaced, from: Some("another value") },
        remove(Some("another value")),
        Change::RemoveRecord { kind: &record.kind, id: "nothing", value: None },
    ] {
        let changes = [Change::Name(Some("Half")), Change::PutRecord { record: &added, from: None }, last];
        assert!(!store.change_user(user_id, &changes).await.unwrap(), "{last:?}");
        assert_eq!(store.records(user_id).await, std::slice::from_ref(&record), "{last:?}");
        assert_eq!(name().await, before, "{last:?}");
    }
    let changes = [
        Change::Name(Some("Whole")),
        Change::PutRecord { record: &added, from: None },
        remove(Some(&record.value)),
    ];
    assert!(store.change_user(user_id, &changes).await.unwrap());
    assert_eq!(store.records(user_id).await, [added]);
    assert_eq!(name().await.as_deref(), Some("Whole"));
}
