//! Passkeys: a credential id belongs to one user, and a counter is moved by comparing.

use super::store::{Store, is_conflict, is_failed};
use crate::{adapter::Authenticator, random};

super::promises! {
    Apart: a_passkey_comes_back, an_unknown_passkey_is_none, a_credential_id_is_taken_once,
        a_passkey_needs_a_user, passkeys_are_listed_newest_first, passkeys_are_of_their_user_alone,
        a_use_moves_the_counter, a_use_with_an_old_counter_is_refused, a_use_without_counting_is_noted,
        the_largest_counter_comes_back, an_unknown_passkey_is_not_used, a_passkey_gets_another_name,
        a_passkey_keeps_its_name_from_others, a_passkey_is_taken_away, a_passkey_is_not_taken_away_by_others;
}

async fn stored(store: &Store, passkey: &Authenticator) -> Option<Authenticator> {
    store.get_authenticator(&passkey.credential_id).await.unwrap()
}

async fn a_passkey_comes_back(store: Store) {
    let user = store.user().await;
    let full = Authenticator { used: Some(store.now), counter: 7, ..store.new_authenticator(&user.id) };
    let bare = Authenticator {
        device_type: "singleDevice".to_owned(),
        backed_up: false,
        transports: None,
        name: None,
        ..store.new_authenticator(&user.id)
    };
    for passkey in [full, bare] {
        store.create_authenticator(&passkey).await.unwrap();
        assert_eq!(stored(&store, &passkey).await, Some(passkey));
    }
}

async fn an_unknown_passkey_is_none(store: Store) {
    let passkey = store.authenticator().await;
    for id in [random::token(), String::new(), passkey.credential_id.to_uppercase()] {
        assert_eq!(store.get_authenticator(&id).await.unwrap(), None, "credential id {id:?}");
    }
}

async fn a_credential_id_is_taken_once(store: Store) {
    let (first, thief) = (store.authenticator().await, store.user().await);
    for user_id in [&thief.id, &first.user_id] {
        let second = Authenticator {
            credential_id: first.credential_id.clone(),
            name: Some("Other".to_owned()),
            ..store.new_authenticator(user_id)
        };
        assert!(is_conflict(&store.create_authenticator(&second).await), "it is taken");
    }
    assert_eq!(stored(&store, &first).await, Some(first), "the first one stays as it was");
    assert_eq!(store.list_authenticators(&thief.id).await.unwrap(), []);
}

async fn a_passkey_needs_a_user(store: Store) {
    let passkey = store.new_authenticator(&random::uuid());
    assert!(is_failed(&store.create_authenticator(&passkey).await));
    assert_eq!(stored(&store, &passkey).await, None);
}

async fn passkeys_are_listed_newest_first(store: Store) {
    let user = store.user().await;
    let mut expected = Vec::new();
    for hours in [2, 1, 3] {
        let passkey = Authenticator { created: store.in_hours(hours), ..store.new_authenticator(&user.id) };
        store.create_authenticator(&passkey).await.unwrap();
        expected.push(passkey);
    }
    expected.sort_by_key(|passkey| std::cmp::Reverse(passkey.created));
    assert_eq!(store.list_authenticators(&user.id).await.unwrap(), expected);
}

async fn passkeys_are_of_their_user_alone(store: Store) {
    let (passkey, without) = (store.authenticator().await, store.user().await);
    for id in [without.id.as_str(), &random::uuid(), "nobody"] {
        assert_eq!(store.list_authenticators(id).await.unwrap(), [], "user {id:?}");
    }
    assert_eq!(store.list_authenticators(&passkey.user_id).await.unwrap(), [passkey]);
}

async fn a_use_moves_the_counter(store: Store) {
    let (passkey, other) = (store.authenticator().await, store.authenticator().await);
    let id = passkey.credential_id.as_str();
    assert!(store.use_authenticator(id, 0, 5, false, store.in_hours(1)).await.unwrap());
    let used =
        Authenticator { counter: 5, backed_up: false, used: Some(store.in_hours(1)), ..passkey.clone() };
    assert_eq!(stored(&store, &passkey).await, Some(used), "counter, backup and time of use, nothing else");
    assert!(store.use_authenticator(id, 5, 6, true, store.in_hours(2)).await.unwrap());
    let used = Authenticator { counter: 6, used: Some(store.in_hours(2)), ..passkey.clone() };
    assert_eq!(stored(&store, &passkey).await, Some(used));
    assert_eq!(stored(&store, &other).await, Some(other), "of that passkey alone");
}

async fn a_use_with_an_old_counter_is_refused(store: Store) {
    let passkey = store.authenticator().await;
    let uses = async |from, to| {
        store.use_authenticator(&passkey.credential_id, from, to, true, store.now).await.unwrap()
    };
    assert!(uses(0, 5).await);
    let before = stored(&store, &passkey).await;
    assert!(!uses(0, 6).await, "a copy of the key");
    assert!(!uses(4, 6).await && !uses(6, 7).await, "another counter");
    assert_eq!(stored(&store, &passkey).await, before, "nothing has changed");
}

async fn a_use_without_counting_is_noted(store: Store) {
    let passkey = store.authenticator().await;
    // Twice at one instant: the second one changes no value, and is a use all the same.
    for _ in 0..2 {
        assert!(store.use_authenticator(&passkey.credential_id, 0, 0, true, store.now).await.unwrap());
    }
    assert_eq!(stored(&store, &passkey).await.and_then(|passkey| passkey.used), Some(store.now));
}

async fn the_largest_counter_comes_back(store: Store) {
    let user = store.user().await;
    let passkey = Authenticator { counter: u32::MAX - 1, ..store.new_authenticator(&user.id) };
    store.create_authenticator(&passkey).await.unwrap();
    let id = passkey.credential_id.as_str();
    assert!(store.use_authenticator(id, u32::MAX - 1, u32::MAX, true, store.now).await.unwrap());
    assert_eq!(stored(&store, &passkey).await.map(|passkey| passkey.counter), Some(u32::MAX));
}

async fn an_unknown_passkey_is_not_used(store: Store) {
    let id = random::token();
    assert!(!store.use_authenticator(&id, 0, 1, true, store.now).await.unwrap());
    assert_eq!(store.get_authenticator(&id).await.unwrap(), None);
}

async fn a_passkey_gets_another_name(store: Store) {
    let passkey = store.authenticator().await;
    for name in [Some("Key ring"), Some("Key ring"), None] {
        let renamed = store.rename_authenticator(&passkey.user_id, &passkey.credential_id, name);
        assert!(renamed.await.unwrap(), "name {name:?}");
        let expected = Authenticator { name: name.map(str::to_owned), ..passkey.clone() };
        assert_eq!(stored(&store, &passkey).await, Some(expected));
    }
}

async fn a_passkey_keeps_its_name_from_others(store: Store) {
    let (passkey, other) = (store.authenticator().await, store.user().await);
    for user_id in [other.id.as_str(), &random::uuid(), ""] {
        let renamed = store.rename_authenticator(user_id, &passkey.credential_id, Some("Mine")).await;
        assert!(!renamed.unwrap(), "user {user_id:?}");
    }
    assert!(!store.rename_authenticator(&other.id, &random::token(), None).await.unwrap(), "an unknown one");
    assert_eq!(stored(&store, &passkey).await, Some(passkey));
}

async fn a_passkey_is_taken_away(store: Store) {
    let passkey = store.authenticator().await;
    let other = store.authenticator_of(&passkey.user_id).await;
    let delete = async || store.delete_authenticator(&passkey.user_id, &passkey.credential_id).await.unwrap();
    assert!(delete().await, "there");
    assert!(!delete().await, "gone");
    assert_eq!(stored(&store, &passkey).await, None);
    assert_eq!(store.list_authenticators(&passkey.user_id).await.unwrap(), [other]);
    assert!(!store.use_authenticator(&passkey.credential_id, 0, 1, true, store.now).await.unwrap());
}

async fn a_passkey_is_not_taken_away_by_others(store: Store) {
    let (passkey, other) = (store.authenticator().await, store.user().await);
    for user_id in [other.id.as_str(), &random::uuid(), ""] {
        assert!(!store.delete_authenticator(user_id, &passkey.credential_id).await.unwrap());
    }
    assert_eq!(stored(&store, &passkey).await, Some(passkey));
}
