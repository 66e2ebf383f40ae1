//! Revocations: every instance meets each of them once, in pages.

use std::time::{Duration, Instant};

use super::store::{MILLISECOND, Store};
use crate::{
    adapter::{Revocation, Revoked},
    random,
};

super::promises! {
    Sessions: revocations_of_each_kind_come_back, revocations_come_in_the_order_of_their_making,
        revocations_are_numbered_upwards, a_page_of_revocations_goes_on_where_the_last_one_ended,
        no_revocations_are_none, many_revocations_are_made_at_once,
        revocations_need_no_user, waiting_for_revocations_is_idle;
}

async fn revocations_of_each_kind_come_back(store: Store) {
    let id = random::uuid;
    let made = [
        Revoked::Session { id: id() },
        Revoked::User { id: id(), before: store.now, except: Some(id()) },
        Revoked::User { id: id(), before: store.now.plus(MILLISECOND), except: None },
        Revoked::Change { id: id(), before: store.now },
    ]
    .map(|revoked| Revocation { revoked, expires: store.in_hours(1).plus(MILLISECOND) });
    store.add_revocations(&made).await.unwrap();
    assert_eq!(store.revocations_among(&made).await, made);
}

async fn revocations_come_in_the_order_of_their_making(store: Store) {
    let made: Vec<_> = (0..10).map(|_| store.new_revocation()).collect();
    for pair in made.chunks(2) {
        store.add_revocations(pair).await.unwrap();
    }
    assert_eq!(store.revocations_among(&made).await, made);
}

async fn revocations_are_numbered_upwards(store: Store) {
    store.add_revocations(&[store.new_revocation(), store.new_revocation()]).await.unwrap();
    let mut last = 0;
    loop {
        let page = store.revocations_after(last, 100).await.unwrap();
        assert!(page.len() <= 100, "as many as asked");
        let numbers: Vec<i64> = page.iter().map(|(number, _)| *number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        assert!(numbers.first().is_none_or(|first| *first > last), "{numbers:?} after {last}");
        let Some(greatest) = numbers.last() else { break };
        last = *greatest;
    }
    assert!(last > 0, "ours are there");
}

async fn a_page_of_revocations_goes_on_where_the_last_one_ended(store: Store) {
    let made: Vec<_> = (0..5).map(|_| store.new_revocation()).collect();
    store.add_revocations(&made).await.unwrap();
    let mut found = vec![made[0].clone()];
    let mut last = number_of(&store, &made[0]).await;
    while found.len() < made.len() {
        let page = store.revocations_after(last, 1).await.unwrap();
        assert_eq!(page.len(), 1, "one at a time, as long as there are more");
        last = page[0].0;
        found.extend(page.into_iter().map(|(_, revocation)| revocation).filter(|row| made.contains(row)));
    }
    assert_eq!(found, made);
}

async fn number_of(store: &Store, revocation: &Revocation) -> i64 {
    let mut last = 0;
    loop {
        let page = store.revocations_after(last, 500).await.unwrap();
        last = page.last().unwrap().0;
        if let Some((number, _)) = page.iter().find(|(_, row)| row == revocation) {
            return *number;
        }
    }
}

async fn no_revocations_are_none(store: Store) {
    store.add_revocations(&[]).await.unwrap();
    assert_eq!(store.revocations_after(i64::MAX - 1, 10).await.unwrap(), []);
}

async fn many_revocations_are_made_at_once(store: Store) {
    // As many sessions as somebody may have.
    let made: Vec<_> = (0..200).map(|_| store.new_revocation()).collect();
    store.add_revocations(&made).await.unwrap();
    assert_eq!(store.revocations_among(&made).await.len(), made.len());
}

async fn revocations_need_no_user(store: Store) {
    let revoked = Revoked::User { id: "nobody".to_owned(), before: store.now, except: None };
    let made = [Revocation { revoked, expires: store.in_hours(1).plus(Duration::from_millis(77)) }];
    store.add_revocations(&made).await.unwrap();
    assert!(!store.revocations_among(&made).await.is_empty(), "tokens outlive the row of their user");
}

async fn waiting_for_revocations_is_idle(store: Store) {
    let begin = Instant::now();
    let mut returns = 0;
    while begin.elapsed() < Duration::from_millis(300) {
        returns += u32::from(tokio::time::timeout(100 * MILLISECOND, store.revoked()).await.is_ok());
    }
    // Others may be revoking at this time, but not that much.
    assert!(returns < 1000, "it returned {returns} times although nothing was revoked");
}
