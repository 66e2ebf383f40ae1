//! Sessions: found while they run, moved by comparing, and once ended never back.

use super::store::{HOUR, MILLISECOND, Store, is_conflict};
use crate::{
    adapter::{SessionRecord, User},
    random,
};

super::promises! {
    Sessions: a_session_comes_back, what_is_not_known_of_a_session_stays_unknown, an_unknown_token_has_no_session,
        a_session_ends_at_its_end, a_renewal_moves_the_end_and_nothing_else,
        a_renewal_from_another_end_is_refused, a_renewal_to_the_same_end_finds_its_session,
        a_renewal_can_shorten_a_session, an_expired_session_is_not_renewed, an_ended_session_is_gone,
        an_ended_session_is_not_renewed, ending_a_session_spares_others, a_token_belongs_to_one_session,
        sessions_are_listed_by_renewal, a_renewed_session_is_listed_first,
        sessions_are_listed_while_they_run, ended_sessions_are_not_listed, sessions_are_of_their_user_alone,
        forty_sessions_are_all_listed;
    Apart: a_session_comes_with_its_user, a_session_comes_with_its_user_as_it_is_now,
        a_session_that_has_ended_has_no_user;
    Everything: a_session_needs_a_user;
}

async fn stored(store: &Store, session: &SessionRecord) -> Option<SessionRecord> {
    store.get_session(&session.token_hash, store.now).await.unwrap()
}

async fn a_session_comes_back(store: Store) {
    let session = store.session().await;
    store.session_of(&session.user_id).await;
    assert_eq!(stored(&store, &session).await, Some(session));
}

async fn what_is_not_known_of_a_session_stays_unknown(store: Store) {
    let session = SessionRecord {
        remembered: false,
        user_agent: None,
        address: None,
        ..store.new_session(&store.user_id().await)
    };
    store.create_session(&session).await.unwrap();
    assert_eq!(stored(&store, &session).await, Some(session));
}

async fn an_unknown_token_has_no_session(store: Store) {
    let session = store.session().await;
    let upper_case = session.token_hash.to_uppercase();
    for token_hash in [random::hex_token().as_str(), "", "unknown", &session.id, &upper_case] {
        assert_eq!(store.get_session(token_hash, store.now).await.unwrap(), None, "token {token_hash:?}");
        assert!(!store.delete_session(token_hash).await.unwrap(), "token {token_hash:?}");
        let moved = store.update_session(token_hash, session.expires, store.in_hours(2), store.now).await;
        assert!(!moved.unwrap(), "token {token_hash:?}");
    }
    assert_eq!(stored(&store, &session).await, Some(session));
}

async fn a_session_ends_at_its_end(store: Store) {
    let session = store.session().await;
    let at = async |now| store.get_session(&session.token_hash, now).await.unwrap();
    let last = store.now.plus(HOUR - MILLISECOND);
    assert_eq!(at(last).await.as_ref(), Some(&session), "a millisecond before");
    assert_eq!(at(session.expires).await, None, "at its end");
    assert_eq!(at(store.in_hours(1000)).await, None, "long after");
}

async fn a_renewal_moves_the_end_and_nothing_else(store: Store) {
    let (session, other) = (store.session().await, store.session().await);
    let (now, later) = (store.now.plus(MILLISECOND), store.in_hours(2).plus(MILLISECOND));
    assert!(store.update_session(&session.token_hash, session.expires, later, now).await.unwrap());
    let moved = SessionRecord { expires: later, renewed: now, ..session.clone() };
    assert_eq!(stored(&store, &session).await.as_ref(), Some(&moved));
    let found = store.get_session(&session.token_hash, session.expires).await.unwrap();
    assert_eq!(found, Some(moved), "it runs beyond its former end");
    assert_eq!(stored(&store, &other).await, Some(other), "others stay");
}

async fn a_renewal_from_another_end_is_refused(store: Store) {
    let session = store.session().await;
    let renew =
        async |from, to| store.update_session(&session.token_hash, from, to, store.now).await.unwrap();
    assert!(!renew(session.expires.plus(MILLISECOND), store.in_hours(2)).await);
    assert!(renew(session.expires, store.in_hours(2)).await);
    assert!(!renew(session.expires, store.in_hours(3)).await, "it was moved before");
    assert_eq!(stored(&store, &session).await.map(|session| session.expires), Some(store.in_hours(2)));
}

async fn a_renewal_to_the_same_end_finds_its_session(store: Store) {
    let session = store.session().await;
    for _ in 0..2 {
        let same = store.update_session(&session.token_hash, session.expires, session.expires, store.now);
        assert!(same.await.unwrap());
    }
}

async fn a_renewal_can_shorten_a_session(store: Store) {
    let session = store.session().await;
    let sooner = store.now.plus(HOUR / 2);
    assert!(store.update_session(&session.token_hash, session.expires, sooner, store.now).await.unwrap());
    assert_eq!(store.get_session(&session.token_hash, sooner).await.unwrap(), None);
}

async fn an_expired_session_is_not_renewed(store: Store) {
    let session = store.session().await;
    let late = store.update_session(&session.token_hash, session.expires, store.in_hours(9), session.expires);
    assert!(!late.await.unwrap());
    assert_eq!(store.get_session(&session.token_hash, store.in_hours(2)).await.unwrap(), None);
}

async fn an_ended_session_is_gone(store: Store) {
    let session = store.session().await;
    assert!(store.delete_session(&session.token_hash).await.unwrap(), "there");
    assert!(!store.delete_session(&session.token_hash).await.unwrap(), "gone");
    assert_eq!(stored(&store, &session).await, None);
}

async fn an_ended_session_is_not_renewed(store: Store) {
    let session = store.session().await;
    assert!(store.delete_session(&session.token_hash).await.unwrap());
    let slow = store.update_session(&session.token_hash, session.expires, store.in_hours(2), store.now);
    assert!(!slow.await.unwrap());
    assert_eq!(stored(&store, &session).await, None);
    assert_eq!(store.list_sessions(&session.user_id, store.now).await.unwrap(), []);
}

async fn ending_a_session_spares_others(store: Store) {
    let first = store.session().await;
    let second = store.session_of(&first.user_id).await;
    assert!(store.delete_session(&first.token_hash).await.unwrap());
    assert_eq!(stored(&store, &second).await, Some(second));
}

async fn a_token_belongs_to_one_session(store: Store) {
    let (first, thief) = (store.session().await, store.user_id().await);
    let second = SessionRecord { token_hash: first.token_hash.clone(), ..store.new_session(&thief) };
    assert!(is_conflict(&store.create_session(&second).await));
    assert_eq!(stored(&store, &first).await, Some(first));
    assert_eq!(store.list_sessions(&thief, store.now).await.unwrap(), []);
}

async fn sessions_are_listed_by_renewal(store: Store) {
    let user_id = store.user_id().await;
    let mut expected = Vec::new();
    for minutes in [20, 10, 30] {
        let renewed = store.now.plus(HOUR / 60 * minutes);
        let session = SessionRecord { renewed, ..store.new_session(&user_id) };
        store.create_session(&session).await.unwrap();
        expected.push(session);
    }
    expected.sort_by_key(|session| std::cmp::Reverse(session.renewed));
    assert_eq!(store.list_sessions(&user_id, store.now).await.unwrap(), expected);
}

async fn a_renewed_session_is_listed_first(store: Store) {
    let first = store.session().await;
    let second = SessionRecord { renewed: store.now.plus(HOUR / 4), ..store.new_session(&first.user_id) };
    store.create_session(&second).await.unwrap();
    let list = async || store.list_sessions(&first.user_id, store.now).await.unwrap();
    assert_eq!(list().await, [second.clone(), first.clone()]);
    let now = store.now.plus(HOUR / 2);
    assert!(store.update_session(&first.token_hash, first.expires, store.in_hours(3), now).await.unwrap());
    let renewed = SessionRecord { renewed: now, expires: store.in_hours(3), ..first.clone() };
    assert_eq!(list().await, [renewed, second]);
}

async fn sessions_are_listed_while_they_run(store: Store) {
    let first = store.session().await;
    let longer = SessionRecord { expires: store.in_hours(2), ..store.new_session(&first.user_id) };
    store.create_session(&longer).await.unwrap();
    let list = async |now| store.list_sessions(&first.user_id, now).await.unwrap();
    assert_eq!(list(store.now.plus(HOUR - MILLISECOND)).await.len(), 2);
    assert_eq!(list(store.in_hours(1)).await, [longer]);
    assert_eq!(list(store.in_hours(2)).await, []);
}

async fn ended_sessions_are_not_listed(store: Store) {
    let first = store.session().await;
    let second = store.session_of(&first.user_id).await;
    assert!(store.delete_session(&first.token_hash).await.unwrap());
    assert_eq!(store.list_sessions(&first.user_id, store.now).await.unwrap(), [second]);
}

async fn sessions_are_of_their_user_alone(store: Store) {
    let session = store.session().await;
    for id in [store.user_id().await.as_str(), &random::uuid(), "nobody", ""] {
        assert_eq!(store.list_sessions(id, store.now).await.unwrap(), [], "user {id:?}");
    }
    assert_eq!(store.list_sessions(&session.user_id, store.now).await.unwrap(), [session]);
}

async fn forty_sessions_are_all_listed(store: Store) {
    let user_id = store.user_id().await;
    for _ in 0..40 {
        store.session_of(&user_id).await;
    }
    assert_eq!(store.list_sessions(&user_id, store.now).await.unwrap().len(), 40);
}

async fn a_session_comes_with_its_user(store: Store) {
    let (user, other) = (store.user().await, store.user().await);
    let session = store.session_of(&user.id).await;
    store.session_of(&other.id).await;
    let found = store.get_session_and_user(&session.token_hash, store.now).await.unwrap();
    assert_eq!(found, Some((session, user)));
}

async fn a_session_comes_with_its_user_as_it_is_now(store: Store) {
    let (user, key) = store.user_and_key().await;
    let session = store.session_of(&user.id).await;
    store.get_session_and_user(&session.token_hash, store.now).await.unwrap();
    let changed = User { name: Some("Phil Murray".to_owned()), image: None, ..user };
    assert!(store.update_user(&changed, Some(&key)).await.unwrap());
    let found = store.get_session_and_user(&session.token_hash, store.now).await.unwrap();
    assert_eq!(found, Some((session, changed)));
}

async fn a_session_that_has_ended_has_no_user(store: Store) {
    let session = store.session().await;
    let at = async |now| store.get_session_and_user(&session.token_hash, now).await.unwrap();
    assert!(at(store.now.plus(HOUR - MILLISECOND)).await.is_some(), "a millisecond before its end");
    assert_eq!(at(session.expires).await, None, "at its end");
    assert!(store.delete_session(&session.token_hash).await.unwrap());
    assert_eq!(at(store.now).await, None, "ended before");
    assert_eq!(store.get_session_and_user(&random::hex_token(), store.now).await.unwrap(), None, "unknown");
}

async fn a_session_needs_a_user(store: Store) {
    for nobody in [random::uuid().as_str(), "nobody"] {
        let session = store.new_session(nobody);
        assert!(store.create_session(&session).await.is_err(), "user {nobody:?}");
        assert_eq!(stored(&store, &session).await, None);
        assert_eq!(store.list_sessions(nobody, store.now).await.unwrap(), []);
    }
}
