//! Times: to the millisecond, in UTC, from 1970 to the end of 9999.

use std::time::Duration;

use super::store::{HOUR, MILLISECOND, Store, new_account};
use crate::{
    adapter::{Attempts, Authenticator, Revocation, Revoked, SessionRecord, User, VerificationToken},
    clock::Timestamp,
    random,
};

super::promises! {
    Sessions: times_of_sessions_come_back_to_the_millisecond, lengths_of_sessions_come_back,
        sessions_run_to_the_end_of_9999, tokens_run_to_the_end_of_9999, revocations_run_to_the_end_of_9999,
        windows_end_to_the_millisecond;
    Apart: times_of_users_come_back_to_the_millisecond, times_of_accounts_come_back_to_the_millisecond,
        times_of_passkeys_come_back_to_the_millisecond;
}

/// 9999-12-31T23:59:59.999Z, the last instant of four digits.
const LAST: Timestamp = Timestamp::from_millis(253_402_300_799_999);

/// Instants at which something is different: the first one, leap days, the end of 32 bits of seconds with and without
/// sign, the last one; and those whose digits some place's summer time leaves out or has twice, so that a database which
/// takes them for local times cannot keep them.
const INSTANTS: [Timestamp; 11] = [
    Timestamp::from_millis(0),
    Timestamp::from_millis(1),
    Timestamp::from_millis(951_782_400_001), // 2000-02-29T00:00:00.001Z
    Timestamp::from_millis(1_772_937_000_999), // 2026-03-08T02:30:00.999Z: left out in New York
    Timestamp::from_millis(1_774_751_400_123), // 2026-03-29T02:30:00.123Z: left out in Berlin
    Timestamp::from_millis(1_792_895_400_456), // 2026-10-25T02:30:00.456Z: twice in Berlin
    Timestamp::from_millis(2_147_483_647_999), // 2038-01-19T03:14:07.999Z
    Timestamp::from_millis(2_147_483_648_000),
    Timestamp::from_millis(4_294_967_296_001), // 2106-02-07T06:28:16.001Z
    Timestamp::from_millis(16_725_225_600_500), // 2500-01-01T00:00:00.500Z
    LAST,
];

async fn times_of_users_come_back_to_the_millisecond(store: Store) {
    for instant in INSTANTS {
        let ((user, key), account) = (store.new_user(), new_account());
        let user = User { created: instant, email_verified: Some(instant), ..user };
        let user = store.create(user, Some(&key), Some(&account)).await;
        assert_eq!(store.get_user(&user.id).await.unwrap().as_ref(), Some(&user), "by id");
        assert_eq!(store.get_user_by_email(&key).await.unwrap().as_ref(), Some(&user), "by address");
        assert_eq!(store.owner(&account).await.as_ref(), Some(&user), "by account");
        let session = store.session_of(&user.id).await;
        let found = store.get_session_and_user(&session.token_hash, store.now).await.unwrap();
        assert_eq!(found, Some((session, user)), "by session");
    }
}

async fn times_of_accounts_come_back_to_the_millisecond(store: Store) {
    let (user, _) = store.user_and_account().await;
    for instant in INSTANTS {
        let account = new_account();
        store.link_account(&user.id, &account, instant).await.unwrap();
        let records = store.get_accounts(&user.id).await.unwrap();
        let record = records.into_iter().find(|record| record.account == account);
        assert_eq!(record.map(|record| record.created), Some(instant));
    }
}

async fn times_of_passkeys_come_back_to_the_millisecond(store: Store) {
    let user = store.user().await;
    for instant in INSTANTS {
        let passkey =
            Authenticator { created: instant, used: Some(instant), ..store.new_authenticator(&user.id) };
        store.create_authenticator(&passkey).await.unwrap();
        let id = passkey.credential_id.clone();
        assert_eq!(store.get_authenticator(&id).await.unwrap().as_ref(), Some(&passkey));
        let later = instant.plus(if instant == LAST { Duration::ZERO } else { MILLISECOND });
        assert!(store.use_authenticator(&id, 0, 1, true, later).await.unwrap());
        assert_eq!(store.get_authenticator(&id).await.unwrap().and_then(|used| used.used), Some(later));
    }
}

async fn times_of_sessions_come_back_to_the_millisecond(store: Store) {
    let user_id = store.user_id().await;
    for instant in INSTANTS {
        let session = SessionRecord { created: instant, renewed: instant, ..store.new_session(&user_id) };
        store.create_session(&session).await.unwrap();
        let found = store.get_session(&session.token_hash, store.now).await.unwrap();
        assert_eq!(found, Some(session));
    }
    for millisecond in [0, 1, 499, 500, 999] {
        let expires = Timestamp::from_seconds(store.in_hours(1).as_seconds()).plus(MILLISECOND * millisecond);
        let session = SessionRecord { expires, ..store.new_session(&user_id) };
        store.create_session(&session).await.unwrap();
        let at = async |now| store.get_session(&session.token_hash, now).await.unwrap();
        let before = Timestamp::from_millis(expires.as_millis() - 1);
        assert_eq!(at(before).await.as_ref(), Some(&session), "a millisecond before {expires}");
        assert_eq!(at(expires).await, None, "at {expires}");
    }
}

async fn lengths_of_sessions_come_back(store: Store) {
    let user_id = store.user_id().await;
    for max_age in [MILLISECOND, 1001 * MILLISECOND, 24 * 400 * HOUR, 24 * 365 * 100 * HOUR] {
        let session = SessionRecord { max_age, ..store.new_session(&user_id) };
        store.create_session(&session).await.unwrap();
        let found = store.get_session(&session.token_hash, store.now).await.unwrap();
        assert_eq!(found, Some(session));
    }
}

async fn sessions_run_to_the_end_of_9999(store: Store) {
    let session = SessionRecord { expires: LAST, ..store.new_session(&store.user_id().await) };
    store.create_session(&session).await.unwrap();
    let found = store.get_session(&session.token_hash, INSTANTS[9]).await.unwrap();
    assert_eq!(found.as_ref(), Some(&session));
    assert_eq!(store.get_session(&session.token_hash, LAST).await.unwrap(), None);
    let shorter = store.session().await;
    assert!(store.update_session(&shorter.token_hash, shorter.expires, LAST, store.now).await.unwrap());
    let found = store.get_session(&shorter.token_hash, store.now).await.unwrap();
    assert_eq!(found, Some(SessionRecord { expires: LAST, ..shorter }));
}

async fn tokens_run_to_the_end_of_9999(store: Store) {
    for (now, is_good) in [(store.now, true), (INSTANTS[9], true), (LAST, false)] {
        let token = VerificationToken { expires: LAST, ..store.new_token() };
        store.create_verification_token(&token).await.unwrap();
        assert_eq!(store.uses(&token, now).await, is_good, "at {now}");
    }
}

async fn revocations_run_to_the_end_of_9999(store: Store) {
    let made = INSTANTS
        .map(|before| Revocation { revoked: Revoked::Change { id: random::uuid(), before }, expires: LAST });
    store.add_revocations(&made).await.unwrap();
    assert_eq!(store.revocations_among(&made).await, made);
}

async fn windows_end_to_the_millisecond(store: Store) {
    for millisecond in [1, 999, 1001] {
        let (key, window) = (random::uuid(), HOUR + MILLISECOND * millisecond);
        let resets = store.now.plus(window);
        let count = async |now| store.count_attempt(&key, window, now).await.unwrap();
        assert_eq!(count(store.now).await, Attempts { count: 1, resets });
        let before = Timestamp::from_millis(resets.as_millis() - 1);
        assert_eq!(count(before).await, Attempts { count: 2, resets });
        assert_eq!(count(resets).await, Attempts { count: 1, resets: resets.plus(window) });
    }
}
