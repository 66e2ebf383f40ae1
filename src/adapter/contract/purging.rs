//! Purging: in small batches, and only what has expired.

use std::time::Duration;

use super::store::{HOUR, Store};
use crate::{
    adapter::{Attempts, Revocation, SessionRecord, VerificationToken},
    clock::Timestamp,
    random,
};

super::promises! {
    Sessions: expired_rows_of_each_kind_go, running_sessions_stay, running_revocations_stay, running_tokens_stay,
        running_windows_stay, a_batch_is_as_small_as_asked, the_store_answers;
    Apart: users_accounts_and_passkeys_stay;
}

/// Purges until nothing is left to purge, or others are making more than we purge.
async fn purge(store: &Store, limit: u32) {
    for _ in 0..1000 {
        if store.purge_expired(store.now, limit).await.unwrap() == 0 {
            return;
        }
    }
}

async fn expired_rows_of_each_kind_go(store: Store) {
    let expired = store.past();
    let just_before = Timestamp::from_millis(expired.as_millis() - 1);
    let user_id = store.user_id().await;
    let session = SessionRecord { expires: expired, ..store.new_session(&user_id) };
    store.create_session(&session).await.unwrap();
    let token = VerificationToken { expires: expired, ..store.new_token() };
    store.create_verification_token(&token).await.unwrap();
    let revocation = [Revocation { expires: expired, ..store.new_revocation() }];
    store.add_revocations(&revocation).await.unwrap();
    let key = random::uuid();
    store.count_attempt(&key, Duration::ZERO, expired).await.unwrap();

    purge(&store, 100).await;
    // By a clock that stands before their end they would be running.
    assert_eq!(store.get_session(&session.token_hash, just_before).await.unwrap(), None, "session");
    assert!(!store.delete_session(&session.token_hash).await.unwrap(), "session");
    assert_eq!(store.list_sessions(&user_id, just_before).await.unwrap(), [], "session");
    assert!(!store.uses(&token, just_before).await, "token");
    assert_eq!(store.revocations_among(&revocation).await, [], "revocation");
    assert_eq!(store.count_attempt(&key, HOUR, just_before).await.unwrap().count, 1, "attempts");
}

async fn running_sessions_stay(store: Store) {
    let session = store.session().await;
    let expired = SessionRecord { expires: store.past(), ..store.new_session(&session.user_id) };
    store.create_session(&expired).await.unwrap();
    purge(&store, 100).await;
    let found = store.list_sessions(&session.user_id, store.now).await.unwrap();
    assert_eq!(found, [session]);
}

async fn running_revocations_stay(store: Store) {
    let made = [
        Revocation { expires: store.past(), ..store.new_revocation() },
        store.new_revocation(),
        Revocation { expires: store.past(), ..store.new_revocation() },
        store.new_revocation(),
    ];
    store.add_revocations(&made).await.unwrap();
    purge(&store, 100).await;
    assert_eq!(store.revocations_among(&made).await, [made[1].clone(), made[3].clone()]);
    // Numbers go on: who has read up to the last one meets the next one.
    let next = [store.new_revocation()];
    store.add_revocations(&next).await.unwrap();
    let both = [made[3].clone(), next[0].clone()];
    assert_eq!(store.revocations_among(&both).await, both);
}

async fn running_tokens_stay(store: Store) {
    let token = store.token().await;
    let expired =
        VerificationToken { expires: store.past(), token_hash: random::hex_token(), ..token.clone() };
    store.create_verification_token(&expired).await.unwrap();
    purge(&store, 100).await;
    assert!(store.uses(&token, store.now).await);
}

async fn running_windows_stay(store: Store) {
    let key = random::uuid();
    let first = store.count_attempt(&key, HOUR, store.now).await.unwrap();
    purge(&store, 100).await;
    let second = store.count_attempt(&key, HOUR, store.now).await.unwrap();
    assert_eq!(second, Attempts { count: 2, ..first });
}

async fn a_batch_is_as_small_as_asked(store: Store) {
    let user_id = store.user_id().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        let session = SessionRecord { expires: store.past(), ..store.new_session(&user_id) };
        store.create_session(&session).await.unwrap();
        made.push(Revocation { expires: store.past(), ..store.new_revocation() });
    }
    store.add_revocations(&made).await.unwrap();
    let kinds = 5;
    let mut removed = store.purge_expired(store.now, 1).await.unwrap();
    assert!(removed <= kinds, "{removed} rows in a batch of one of each kind");
    removed = store.purge_expired(store.now, 2).await.unwrap();
    assert!(removed <= 2 * kinds, "{removed} rows in a batch of two of each kind");
    purge(&store, 100).await;
    assert_eq!(store.revocations_among(&made).await, [], "batch by batch all of them go");
}

async fn users_accounts_and_passkeys_stay(store: Store) {
    let (user, account) = store.user_and_account().await;
    let passkey = store.authenticator_of(&user.id).await;
    let expired = SessionRecord { expires: store.past(), ..store.new_session(&user.id) };
    store.create_session(&expired).await.unwrap();
    purge(&store, 100).await;
    assert_eq!(store.owner(&account).await, Some(user));
    assert_eq!(store.get_authenticator(&passkey.credential_id).await.unwrap(), Some(passkey));
}

async fn the_store_answers(store: Store) {
    store.ping().await.unwrap();
}
