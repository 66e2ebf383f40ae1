//! Cases for stores that keep documents, beside the contract: odd bytes, and races that take long.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use super::{Account, Adapter, Authenticator, Revocation, Revoked, SessionRecord, User, VerificationToken};
use crate::{
    clock::{Clock, SystemClock, Timestamp},
    random,
};

/// The time of these tests: a database that looks at its own clock must agree with it.
pub(super) static NOW: LazyLock<Timestamp> = LazyLock::new(|| SystemClock.now());
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// What a database could take for more than text.
const ODD: [&str; 22] = [
    "",
    " ",
    "a",
    "A",
    "a ",
    "a\0",
    "\0",
    "*",
    "?",
    "[a-z]",
    "%",
    "_",
    ".*",
    "$ne",
    "{\"$ne\":null}",
    "{users}:users",
    "}{",
    "a\r\nFLUSHALL\r\n",
    "'); return redis.call('FLUSHALL') --",
    "\"\\\u{7f}\u{85}\u{2028}",
    "e\u{301}",
    "é🦀",
];

pub(super) fn new_user(id: &str) -> User {
    User { id: id.to_owned(), name: None, email: None, email_verified: None, image: None, created: *NOW }
}

pub(super) fn new_session(user_id: &str) -> SessionRecord {
    SessionRecord {
        token_hash: random::hex_token(),
        id: random::uuid(),
        user_id: user_id.to_owned(),
        created: *NOW,
        renewed: *NOW,
        expires: NOW.plus(HOUR),
        max_age: HOUR,
        remembered: true,
        provider: "test".to_owned(),
        user_agent: None,
        address: None,
    }
}

fn new_authenticator(user_id: &str, credential_id: &str) -> Authenticator {
    Authenticator {
        credential_id: credential_id.to_owned(),
        user_id: user_id.to_owned(),
        provider_account_id: credential_id.to_owned(),
        public_key: credential_id.to_owned(),
        counter: 0,
        device_type: credential_id.to_owned(),
        backed_up: false,
        transports: Some(credential_id.to_owned()),
        name: Some(credential_id.to_owned()),
        created: *NOW,
        used: None,
    }
}

pub(super) fn ended(id: &str) -> Revocation {
    Revocation { revoked: Revoked::Session { id: id.to_owned() }, expires: NOW.plus(HOUR) }
}

pub(super) async fn users_are_found_by_their_very_bytes(adapter: &dyn Adapter) {
    for odd in ODD {
        let user = User {
            name: Some(odd.to_owned()),
            email: Some(odd.to_owned()),
            image: Some(odd.to_owned()),
            ..new_user(&format!("id {odd}"))
        };
        let account =
            Account { r#type: odd.to_owned(), provider: odd.to_owned(), provider_account_id: odd.to_owned() };
        assert_eq!(adapter.get_user_by_email(odd).await.unwrap(), None, "{odd:?}");
        assert_eq!(adapter.get_user_by_account(odd, odd).await.unwrap(), None, "{odd:?}");
        adapter.create_user(&user, Some(odd), Some(&account), None).await.unwrap();
        assert_eq!(adapter.get_user(&user.id).await.unwrap().as_ref(), Some(&user), "{odd:?}");
        assert_eq!(adapter.get_user_by_email(odd).await.unwrap().as_ref(), Some(&user), "{odd:?}");
        assert_eq!(adapter.get_user_by_account(odd, odd).await.unwrap().as_ref(), Some(&user), "{odd:?}");
        assert_eq!(adapter.get_accounts(&user.id).await.unwrap()[0].account, account, "{odd:?}");
        assert!(adapter.update_account_tokens(&account, None, Some(odd)).await.unwrap(), "{odd:?}");
        assert!(adapter.lease_account_tokens(&account, odd, NOW.plus(HOUR), *NOW).await.unwrap(), "{odd:?}");
    }
    for odd in ODD {
        let id = format!("id {odd}");
        assert_eq!(adapter.get_user_by_email(odd).await.unwrap().unwrap().id, id, "all are still there");
        assert!(adapter.delete_user(&id).await.unwrap(), "{odd:?}");
        assert_eq!(adapter.get_user_by_email(odd).await.unwrap(), None, "{odd:?}");
        assert_eq!(adapter.get_user_by_account(odd, odd).await.unwrap(), None, "{odd:?}");
    }
}

pub(super) async fn sessions_and_passkeys_are_found_by_their_very_bytes(adapter: &dyn Adapter) {
    for odd in ODD {
        adapter.create_user(&new_user(odd), None, None, None).await.unwrap();
        let session = SessionRecord {
            token_hash: odd.to_owned(),
            id: odd.to_owned(),
            provider: odd.to_owned(),
            user_agent: Some(odd.to_owned()),
            address: Some(odd.to_owned()),
            ..new_session(odd)
        };
        assert_eq!(adapter.get_session(odd, *NOW).await.unwrap(), None, "{odd:?}");
        adapter.create_session(&session).await.unwrap();
        assert_eq!(adapter.get_session(odd, *NOW).await.unwrap().as_ref(), Some(&session), "{odd:?}");
        let passkey = new_authenticator(odd, odd);
        assert_eq!(adapter.get_authenticator(odd).await.unwrap(), None, "{odd:?}");
        adapter.create_authenticator(&passkey).await.unwrap();
        assert_eq!(adapter.get_authenticator(odd).await.unwrap().as_ref(), Some(&passkey), "{odd:?}");
        assert_eq!(adapter.list_sessions(odd, *NOW).await.unwrap(), [session], "{odd:?}");
        assert_eq!(adapter.list_authenticators(odd).await.unwrap(), [passkey], "{odd:?}");
    }
    for odd in ODD {
        assert!(adapter.delete_session(odd).await.unwrap(), "{odd:?}");
        assert_eq!(adapter.list_sessions(odd, *NOW).await.unwrap(), [], "{odd:?}");
        assert!(adapter.delete_authenticator(odd, odd).await.unwrap(), "{odd:?}");
    }
}

pub(super) async fn tokens_and_attempts_are_found_by_their_very_bytes(adapter: &dyn Adapter) {
    let token = |odd: &str| VerificationToken {
        identifier: odd.to_owned(),
        token_hash: odd.to_owned(),
        expires: NOW.plus(HOUR),
    };
    for odd in ODD {
        assert!(!adapter.use_verification_token(odd, odd, *NOW).await.unwrap(), "{odd:?}");
        adapter.create_verification_token(&token(odd)).await.unwrap();
        assert_eq!(adapter.count_attempt(odd, HOUR, *NOW).await.unwrap().count, 1, "{odd:?}");
        adapter.add_revocations(&[ended(odd)]).await.unwrap();
    }
    for odd in ODD {
        for other in ODD.into_iter().filter(|other| *other != odd) {
            assert!(!adapter.use_verification_token(odd, other, *NOW).await.unwrap(), "{odd:?} {other:?}");
        }
        assert!(adapter.use_verification_token(odd, odd, *NOW).await.unwrap(), "{odd:?}");
        assert_eq!(adapter.count_attempt(odd, HOUR, *NOW).await.unwrap().count, 2, "{odd:?}");
    }
    let revoked = adapter.revocations_after(0, 100).await.unwrap();
    let revoked: Vec<_> = revoked.into_iter().map(|(_, revocation)| revocation).collect();
    assert_eq!(revoked, ODD.map(ended));
}

pub(super) async fn of_16_who_follow_one_link_one_gets_in(instances: [Arc<dyn Adapter>; 2], links: u32) {
    for link in 0..links {
        let token = VerificationToken {
            identifier: format!("{link}@example.com"),
            token_hash: random::hex_token(),
            expires: NOW.plus(HOUR),
        };
        instances[0].create_verification_token(&token).await.unwrap();
        let uses = (0..16).map(|number| {
            let (instance, token) = (instances[number % 2].clone(), token.clone());
            tokio::spawn(async move {
                instance.use_verification_token(&token.identifier, &token.token_hash, *NOW).await.unwrap()
            })
        });
        let mut winners = 0;
        for used in uses.collect::<Vec<_>>() {
            winners += usize::from(used.await.unwrap());
        }
        assert_eq!(winners, 1, "link {link}");
    }
}

pub(super) async fn a_session_that_begins_while_its_user_is_deleted_does_not_stay(
    adapter: Arc<dyn Adapter>,
    rounds: u64,
) {
    let mut began = 0;
    for number in 0..rounds {
        let id = random::uuid();
        adapter.create_user(&new_user(&id), None, None, None).await.unwrap();
        let session = new_session(&id);
        let begin = {
            let (adapter, session) = (adapter.clone(), session.clone());
            tokio::spawn(async move { adapter.create_session(&session).await })
        };
        // From before its first step to after its last.
        tokio::time::sleep(Duration::from_micros(number % 10 * 150)).await;
        assert!(adapter.delete_user(&id).await.unwrap());
        began += u64::from(begin.await.unwrap().is_ok());
        assert_eq!(adapter.get_session(&session.token_hash, *NOW).await.unwrap(), None, "round {number}");
        assert_eq!(adapter.list_sessions(&id, *NOW).await.unwrap(), []);
    }
    assert!((1..rounds).contains(&began), "some began before, some did not: {began}");
}
