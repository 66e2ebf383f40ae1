//! Against the server that `TEST_REDIS_URL` names; each test has a prefix of its own.

use std::{sync::Arc, time::Duration};

use super::*;
use crate::{
    adapter::{
        cases::{self, HOUR, NOW, ended, new_session},
        contract::{self, Scope},
        test_url,
    },
    random,
};

async fn adapter_of(prefix: &str) -> RedisAdapter {
    RedisAdapter::connect(&test_url("TEST_REDIS_URL")).await.unwrap().prefix(prefix)
}

async fn adapter() -> RedisAdapter {
    adapter_of(&new_prefix()).await
}

fn new_prefix() -> String {
    format!("test-{}:", random::uuid())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: cargo xtask services"]
async fn keeps_the_contract() {
    let adapter = adapter().await;
    contract::run(Arc::new(adapter)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: cargo xtask services"]
async fn keeps_the_contract_of_sessions_alone() {
    let adapter = adapter().await;
    contract::run_for(Arc::new(adapter.sessions_only()), Scope::Sessions).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: cargo xtask services"]
async fn db_16_keeps_the_contract_for_16_at_once() {
    let adapter = adapter().await;
    let adapter = Arc::new(adapter);
    let runs: Vec<_> = (0..16).map(|_| tokio::spawn(contract::run(adapter.clone()))).collect();
    for run in runs {
        run.await.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs Redis: cargo xtask services"]
async fn in_02_in_03_in_04_users_are_found_by_their_very_bytes() {
    let adapter = adapter().await;
    cases::users_are_found_by_their_very_bytes(&adapter).await;
}

#[tokio::test]
#[ignore = "needs Redis: cargo xtask services"]
async fn in_02_in_03_in_04_sessions_and_passkeys_are_found_by_their_very_bytes() {
    let adapter = adapter().await;
    cases::sessions_and_passkeys_are_found_by_their_very_bytes(&adapter).await;
}

#[tokio::test]
#[ignore = "needs Redis: cargo xtask services"]
async fn in_02_in_03_in_04_tokens_and_attempts_are_found_by_their_very_bytes() {
    let adapter = adapter().await;
    cases::tokens_and_attempts_are_found_by_their_very_bytes(&adapter).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: cargo xtask services"]
async fn cc_03_of_16_who_follow_one_link_at_two_instances_one_gets_in() {
    let prefix = new_prefix();
    let (one, other) = (adapter_of(&prefix).await, adapter_of(&prefix).await);
    cases::of_16_who_follow_one_link_one_gets_in([Arc::new(one), Arc::new(other)], 1000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Redis: cargo xtask services"]
async fn cc_08_a_session_that_begins_while_its_user_is_deleted_does_not_stay() {
    let adapter = adapter().await;
    cases::a_session_that_begins_while_its_user_is_deleted_does_not_stay(Arc::new(adapter), 1000).await;
}

#[tokio::test]
#[ignore = "needs Redis: cargo xtask services"]
async fn sessions_of_users_elsewhere_live_without_them() {
    let adapter = adapter().await;
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
#[ignore = "needs Redis: cargo xtask services"]
async fn who_is_deleted_takes_no_session_of_others_along() {
    let adapter = adapter().await;
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
#[ignore = "needs Redis: cargo xtask services"]
async fn the_list_of_sessions_holds_nothing_that_has_ended() {
    let adapter = adapter().await;
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
#[ignore = "needs Redis: cargo xtask services"]
async fn rows_that_expire_have_a_lifetime_in_redis() {
    let adapter = adapter().await;
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
#[ignore = "needs Redis: cargo xtask services"]
async fn se_05_other_instances_hear_of_a_revocation_at_once() {
    let prefix = new_prefix();
    let (one, other) = (adapter_of(&prefix).await, adapter_of(&prefix).await);
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
#[ignore = "needs Redis: cargo xtask services"]
async fn se_05_a_server_that_lost_the_last_number_goes_on_above_it() {
    let adapter = adapter().await;
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
#[ignore = "needs Redis: cargo xtask services"]
async fn a_server_that_has_forgotten_the_scripts_gets_them_again() {
    let adapter = adapter().await;
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
