//! Failure: a call that fails, or that nobody waits for any more, changes nothing or everything.

use std::time::Duration;

use super::store::{MILLISECOND, Store, is_conflict, new_account};
use crate::adapter::User;

super::promises! {
    Sessions: a_dropped_use_of_a_token_is_whole;
    Apart: a_taken_account_leaves_no_user, a_taken_account_leaves_the_address_free,
        a_taken_address_leaves_the_account_free, a_taken_address_and_account_conflict,
        a_store_goes_on_after_conflicts, a_dropped_first_sign_in_is_whole, a_dropped_removal_is_whole;
}

async fn a_taken_account_leaves_no_user(store: Store) {
    let ((owner, account), (late, key)) = (store.user_and_account().await, store.new_user());
    assert!(is_conflict(&store.create_user(&late, Some(&key), Some(&account), None).await), "it is taken");
    assert_eq!(store.get_user(&late.id).await.unwrap(), None, "no user without the account");
    assert_eq!(store.owner(&account).await, Some(owner), "its owner keeps it");
}

async fn a_taken_account_leaves_the_address_free(store: Store) {
    let ((_, account), (late, key)) = (store.user_and_account().await, store.new_user());
    assert!(is_conflict(&store.create_user(&late, Some(&key), Some(&account), None).await));
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), None);
    let late = store.create(late, Some(&key), Some(&new_account())).await;
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), Some(late), "with another account it works");
}

async fn a_taken_address_leaves_the_account_free(store: Store) {
    let ((owner, key), account) = (store.user_and_key().await, new_account());
    let (late, _) = store.new_user();
    assert!(is_conflict(&store.create_user(&late, Some(&key), Some(&account), None).await));
    assert_eq!(store.owner(&account).await, None, "no account without the user");
    assert_eq!(store.get_user(&late.id).await.unwrap(), None);
    store.link_account(&owner.id, &account, store.now).await.unwrap();
    assert_eq!(store.owner(&account).await, Some(owner), "it has stayed free");
}

async fn a_taken_address_and_account_conflict(store: Store) {
    let ((owner, key), (other, account)) = (store.user_and_key().await, store.user_and_account().await);
    let (late, _) = store.new_user();
    assert!(is_conflict(&store.create_user(&late, Some(&key), Some(&account), None).await));
    assert_eq!(store.get_user(&late.id).await.unwrap(), None);
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), Some(owner));
    assert_eq!(store.owner(&account).await, Some(other));
}

async fn a_store_goes_on_after_conflicts(store: Store) {
    // More than a pool has connections: none may be left within a transaction that failed.
    let ((owner, account), (late, key)) = (store.user_and_account().await, store.new_user());
    for _ in 0..40 {
        assert!(is_conflict(&store.create_user(&late, Some(&key), Some(&account), None).await));
    }
    let late = store.create(late, Some(&key), Some(&new_account())).await;
    assert_eq!(store.get_user(&late.id).await.unwrap(), Some(late));
    assert_eq!(store.owner(&account).await, Some(owner));
}

/// How long a caller waits before it gives up: from not at all until it has the answer.
fn patience() -> impl Iterator<Item = Duration> {
    (0..24).map(|step| Duration::from_micros(100 * step * step))
}

async fn a_dropped_first_sign_in_is_whole(store: Store) {
    for patience in patience() {
        let ((user, key), account) = (store.new_user(), new_account());
        // The browser has gone: the call is dropped wherever it is.
        let call = store.create_user(&user, Some(&key), Some(&account), None);
        let answered = tokio::time::timeout(patience, call).await.is_ok();
        // Whoever tries again gets in, by this attempt or by the first one.
        let again = User { id: crate::random::uuid(), ..user.clone() };
        let second = store.create_user(&again, Some(&key), Some(&account), None).await;
        assert!(second.is_ok() || is_conflict(&second), "{second:?}");
        assert!(!answered || is_conflict(&second), "an answered call is not lost");
        let by_account = store.owner(&account).await.map(|user| user.id);
        let by_address = store.get_user_by_email(&key).await.unwrap().map(|user| user.id);
        assert!(by_account.is_some(), "a half-created user keeps the account or the address from everybody");
        assert_eq!(by_account, by_address, "given up after {patience:?}");
    }
}

async fn a_dropped_removal_is_whole(store: Store) {
    for patience in patience() {
        let (user, account) = store.user_and_account().await;
        let passkey = store.authenticator_of(&user.id).await;
        if tokio::time::timeout(patience, store.delete_user(&user.id)).await.is_err() {
            // It may still be on the wire.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let is_gone = !store.update_user(&user, None).await.unwrap();
        assert_eq!(store.get_user(&user.id).await.unwrap().is_none(), is_gone);
        assert_eq!(store.owner(&account).await.is_none(), is_gone, "given up after {patience:?}");
        let found = store.get_authenticator(&passkey.credential_id).await.unwrap();
        assert_eq!(found.is_none(), is_gone, "given up after {patience:?}");
    }
}

async fn a_dropped_use_of_a_token_is_whole(store: Store) {
    for patience in patience() {
        let (token, session) = (store.token().await, store.session().await);
        let call = store.use_verification_token(&token.identifier, &token.token_hash, store.now);
        let answer = tokio::time::timeout(patience, call).await.ok().map(Result::unwrap);
        let second = store.uses(&token, store.now).await;
        assert!(answer != Some(true) || !second, "two have used it");
        assert!(!store.uses(&token, store.now).await, "now at the latest it is used");
        // Of a session the same.
        let call = store.delete_session(&session.token_hash);
        drop(tokio::time::timeout(patience, call).await);
        store.delete_session(&session.token_hash).await.unwrap();
        let found = store.get_session(&session.token_hash, store.now.plus(MILLISECOND)).await.unwrap();
        assert_eq!(found, None);
    }
}
