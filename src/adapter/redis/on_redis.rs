//! Against the server that `TEST_REDIS_URL` names; each test has a prefix of its own.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use super::*;
use crate::{
    adapter::{
        Revoked,
        contract::{self, Scope},
        test_url,
    },
    clock::{Clock, SystemClock},
    random,
};

/// The time of these tests: Redis must agree with it.
pub(super) static NOW: LazyLock<Timestamp> = LazyLock::new(|| SystemClock.now());
const HOUR: Duration = Duration::from_secs(3600);

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

async fn adapter_of(prefix: &str) -> Option<RedisAdapter> {
    let url = test_url("TEST_REDIS_URL")?;
    Some(RedisAdapter::connect(&url).await.unwrap().prefix(prefix))
}

async fn adapter() -> Option<RedisAdapter> {
    adapter_of(&new_prefix()).await
}

fn new_prefix() -> String {
    format!("test-{}:", random::uuid())
}

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

fn ended(id: &str) -> Revocation {
    Revocation { revoked: Revoked::Session { id: id.to_owned() }, expires: NOW.plus(HOUR) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract() {
    let Some(adapter) = adapter().await else { return };
    contract::run(Arc::new(adapter)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract_of_sessions_alone() {
    let Some(adapter) = adapter().await else { return };
    contract::run_for(Arc::new(adapter.sessions_only()), Scope::Sessions).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn db_16_keeps_the_contract_for_16_at_once() {
    let Some(adapter) = adapter().await else { return };
    let adapter = Arc::new(adapter);
    let runs: Vec<_> = (0..16).map(|_| tokio::spawn(contract::run(adapter.clone()))).collect();
    for run in runs {
        run.await.unwrap();
    }
}

#[tokio::test]
async fn in_02_in_03_in_04_users_are_found_by_their_very_bytes() {
    let Some(adapter) = adapter().await else { return };
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

#[tokio::test]
async fn in_02_in_03_in_04_sessions_and_passkeys_are_found_by_their_very_bytes() {
    let Some(adapter) = adapter().await else { return };
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

#[tokio::test]
async fn in_02_in_03_in_04_tokens_and_attempts_are_found_by_their_very_bytes() {
    let Some(adapter) = adapter().await else { return };
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cc_03_of_16_who_follow_one_link_at_two_instances_one_gets_in() {
    let prefix = new_prefix();
    let (Some(one), Some(other)) = (adapter_of(&prefix).await, adapter_of(&prefix).await) else { return };
    let instances = [Arc::new(one), Arc::new(other)];
    for link in 0..1000 {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cc_08_a_session_that_begins_while_its_user_is_deleted_does_not_stay() {
    let Some(adapter) = adapter().await else { return };
    let adapter = Arc::new(adapter);
    let mut began = 0;
    for number in 0..1000 {
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
        began += usize::from(begin.await.unwrap().is_ok());
        assert_eq!(adapter.get_session(&session.token_hash, *NOW).await.unwrap(), None, "round {number}");
        assert_eq!(adapter.list_sessions(&id, *NOW).await.unwrap(), []);
    }
    assert!((1..1000).contains(&began), "some began before, some did not: {began}");
}

#[tokio::test]
async fn sessions_of_users_elsewhere_live_without_them() {
    let Some(adapter) = adapter().await else { return };
    let session = new_session("elsewhere");
    assert!(adapter.create_session(&session).await.is_err(), "a store of users wants the user");
    assert_eq!(adapter.get_session(&session.token_hash, *NOW).await.unwrap(), None);

    let adapter = adapter.sessions_only();
    adapter.create_session(&session).await.unwrap();
    assert_eq!(adapter.list_sessions("elsewhere", *NOW).await.unwrap()[0], session);
    let later = session.expires.plus(HOUR);
    assert!(adapter.update_session(&session.token_hash, session.expires, later, *NOW).await.unwrap());
    assert_eq!(
        adapter.get_session(&session.token_hash, session.expires).await.unwrap().unwrap().expires,
        later
    );
    assert!(!adapter.delete_user("elsewhere").await.unwrap(), "there was no user here");
    assert_eq!(
        adapter.get_session(&session.token_hash, *NOW).await.unwrap(),
        None,
        "but there were sessions"
    );
}

#[tokio::test]
async fn who_is_deleted_takes_no_session_of_others_along() {
    let Some(adapter) = adapter().await else { return };
    let adapter = adapter.sessions_only();
    let session = new_session("u");
    adapter.create_session(&session).await.unwrap();
    let same_token = SessionRecord { user_id: "v".to_owned(), ..session.clone() };
    assert!(matches!(adapter.create_session(&same_token).await, Err(AdapterError::Conflict)));
    adapter.delete_user("v").await.unwrap();
    assert_eq!(adapter.get_session(&session.token_hash, *NOW).await.unwrap().as_ref(), Some(&session));
    adapter.delete_user("u").await.unwrap();
    assert_eq!(adapter.get_session(&session.token_hash, *NOW).await.unwrap(), None);
}

#[tokio::test]
async fn the_list_of_sessions_holds_nothing_that_has_ended() {
    let Some(adapter) = adapter().await else { return };
    let adapter = adapter.sessions_only();
    let (ended, expired, running) = (new_session("u"), new_session("u"), new_session("u"));
    let running = SessionRecord { expires: NOW.plus(HOUR * 100), ..running };
    for session in [&ended, &expired, &running] {
        adapter.create_session(session).await.unwrap();
    }
    assert!(adapter.delete_session(&ended.token_hash).await.unwrap());
    assert_eq!(adapter.list_sessions("u", NOW.plus(HOUR * 30)).await.unwrap(), [running]);
    let mut count = redis::cmd("ZCARD");
    count.arg(adapter.key("sessions", "u"));
    assert_eq!(adapter.send::<i64>(&count).await.unwrap(), 1);
}

#[tokio::test]
async fn rows_that_expire_have_a_lifetime_in_redis() {
    let Some(adapter) = adapter().await else { return };
    let adapter = adapter.sessions_only();
    let session = new_session("u");
    adapter.create_session(&session).await.unwrap();
    adapter.count_attempt("a", HOUR, *NOW).await.unwrap();
    let far = Timestamp::from_millis(i64::MAX);
    let token = VerificationToken { identifier: "a".to_owned(), token_hash: "b".to_owned(), expires: far };
    adapter.create_verification_token(&token).await.unwrap();
    assert!(adapter.use_verification_token("a", "none", *NOW).await.is_ok());
    for (key, most) in [
        (adapter.key("session", &session.token_hash), HOUR),
        (adapter.key("sessions", "u"), HOUR + DAY),
        (adapter.key("attempts", "a"), HOUR),
        (adapter.key("verification-tokens", "a"), CENTURY),
    ] {
        let left: i128 = adapter.send(redis::cmd("PTTL").arg(&key)).await.unwrap();
        assert!(left > 0 && left <= most.as_millis() as i128, "{key}: {left}");
    }
    let forever = SessionRecord { expires: far, ..new_session("u") };
    adapter.create_session(&forever).await.unwrap();
    assert!(
        adapter.get_session(&forever.token_hash, *NOW).await.unwrap().is_some(),
        "no number is too great"
    );
}

#[tokio::test]
async fn se_05_other_instances_hear_of_a_revocation_at_once() {
    let prefix = new_prefix();
    let (Some(one), Some(other)) = (adapter_of(&prefix).await, adapter_of(&prefix).await) else { return };
    let heard = async |limit| tokio::time::timeout(limit, other.revoked()).await.is_ok();
    assert!(
        heard(Duration::from_secs(2)).await,
        "what was said before the subscription may have been missed"
    );
    while heard(Duration::from_millis(200)).await {}
    assert!(!heard(Duration::from_millis(500)).await, "nothing was said");
    let told = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        one.add_revocations(&[ended("a")]).await.unwrap();
    };
    let (heard_it, ()) = tokio::join!(heard(Duration::from_secs(1)), told);
    assert!(heard_it);
    while heard(Duration::from_millis(200)).await {}
    one.add_revocations(&[ended("b")]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(heard(Duration::from_millis(10)).await, "also what is said while nobody waits");
}

#[tokio::test]
async fn se_05_a_server_that_lost_the_last_number_goes_on_above_it() {
    let Some(adapter) = adapter().await else { return };
    adapter.add_revocations(&[ended("a"), ended("b")]).await.unwrap();
    let read = adapter.revocations_after(0, 10).await.unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let keys = adapter.revocation_keys();
    assert_eq!(adapter.send::<i64>(redis::cmd("DEL").arg(&keys)).await.unwrap(), 3);
    adapter.add_revocations(&[ended("c")]).await.unwrap();
    let new = adapter.revocations_after(read[1].0, 10).await.unwrap();
    assert_eq!(new.len(), 1, "who has read the lost ones reads the new one");
    assert_eq!(new[0].1, ended("c"));
}

#[tokio::test]
async fn a_server_that_has_forgotten_the_scripts_gets_them_again() {
    let Some(adapter) = adapter().await else { return };
    assert_eq!(adapter.count_attempt("a", HOUR, *NOW).await.unwrap().count, 1);
    adapter.send::<String>(redis::cmd("SCRIPT").arg("FLUSH")).await.unwrap();
    assert_eq!(adapter.count_attempt("a", HOUR, *NOW).await.unwrap().count, 2);
}

#[tokio::test]
async fn addresses_that_are_none_are_refused_without_their_password() {
    for url in ["", "http://u:secret@host", "redis://:secret@", "redis://u:secret@host:port"] {
        let refused = RedisAdapter::connect(url).await.err().expect(url);
        assert!(!format!("{refused} {refused:?}").contains("secret"), "{url}: {refused:?}");
    }
}
