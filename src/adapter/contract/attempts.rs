//! Attempts: counted within a window that the first one opens.

use super::store::{HOUR, MILLISECOND, Store};
use crate::{adapter::Attempts, random};

super::promises! {
    Sessions: the_first_attempt_opens_a_window, later_attempts_count_in_the_same_window,
        at_its_end_a_window_begins_anew, each_key_is_counted_apart, keys_are_counted_as_they_are_spelled,
        a_window_without_length_is_over_at_once,
        a_window_that_ends_too_late_is_over, attempts_are_taken_back;
}

async fn the_first_attempt_opens_a_window(store: Store) {
    let attempts = store.count_attempt(&random::uuid(), HOUR, store.now).await.unwrap();
    assert_eq!(attempts, Attempts { count: 1, resets: store.in_hours(1) });
}

async fn later_attempts_count_in_the_same_window(store: Store) {
    let key = random::uuid();
    for count in 1..=5 {
        // Neither the time nor the length of a later attempt moves the end.
        let now = store.now.plus(MILLISECOND * (count - 1));
        let attempts = store.count_attempt(&key, HOUR * count, now).await.unwrap();
        assert_eq!(attempts, Attempts { count, resets: store.in_hours(1) });
    }
}

async fn at_its_end_a_window_begins_anew(store: Store) {
    let key = random::uuid();
    let count = async |now| store.count_attempt(&key, HOUR, now).await.unwrap();
    count(store.now).await;
    let last = count(store.now.plus(HOUR - MILLISECOND)).await;
    assert_eq!(last, Attempts { count: 2, resets: store.in_hours(1) }, "a millisecond before its end");
    let next = count(store.in_hours(1)).await;
    assert_eq!(next, Attempts { count: 1, resets: store.in_hours(2) }, "at its end");
    let second = count(store.in_hours(1).plus(MILLISECOND)).await;
    assert_eq!(second, Attempts { count: 2, resets: store.in_hours(2) }, "in the new window");
}

async fn each_key_is_counted_apart(store: Store) {
    let (first, second) = (random::uuid(), random::uuid());
    for _ in 0..3 {
        store.count_attempt(&first, HOUR, store.now).await.unwrap();
    }
    assert_eq!(store.count_attempt(&second, HOUR, store.now).await.unwrap().count, 1);
    assert_eq!(store.count_attempt(&first, HOUR, store.now).await.unwrap().count, 4);
}

async fn keys_are_counted_as_they_are_spelled(store: Store) {
    let key = format!("mail:{}", random::uuid());
    for spelling in [&key, &key.to_uppercase(), &format!("{key} "), &format!("{key}%")] {
        let attempts = store.count_attempt(spelling, HOUR, store.now).await.unwrap();
        assert_eq!(attempts.count, 1, "key {spelling:?}");
    }
}

async fn a_window_without_length_is_over_at_once(store: Store) {
    let key = random::uuid();
    for _ in 0..3 {
        let attempts = store.count_attempt(&key, std::time::Duration::ZERO, store.now).await.unwrap();
        assert_eq!(attempts, Attempts { count: 1, resets: store.now });
    }
}

async fn a_window_that_ends_too_late_is_over(store: Store) {
    let key = random::uuid();
    for count in 1..=3 {
        let attempts = store.count_attempt(&key, HOUR, store.in_hours(9)).await.unwrap();
        assert_eq!(attempts, Attempts { count, resets: store.in_hours(10) }, "the clock is wrong");
    }
    let corrected = store.count_attempt(&key, HOUR, store.now).await.unwrap();
    assert_eq!(corrected, Attempts { count: 1, resets: store.in_hours(1) }, "F-B9: the clock was set back");
    let slow = Attempts::latest_reset(HOUR, store.now).since(store.in_hours(1));
    let attempts = store.count_attempt(&key, HOUR - slow, store.now).await.unwrap();
    assert_eq!(attempts, Attempts { count: 2, resets: store.in_hours(1) }, "clocks may differ a little");
}

async fn attempts_are_taken_back(store: Store) {
    let (key, other) = (random::uuid(), random::uuid());
    let count = async |key: &str| store.count_attempt(key, HOUR, store.now).await.unwrap().count;
    for _ in 0..3 {
        count(&key).await;
        count(&other).await;
    }
    store.return_attempts(&key, 1).await.unwrap();
    assert_eq!(count(&key).await, 3);
    store.return_attempts(&key, u32::MAX).await.unwrap();
    assert_eq!(count(&key).await, 1, "not below zero");
    assert_eq!(count(&other).await, 4, "another key");
    let unknown = random::uuid();
    store.return_attempts(&unknown, 1).await.unwrap();
    assert_eq!(count(&unknown).await, 1);
}
