//! Tests with the server at `TEST_MONGODB_URL`; each test creates its own database and removes it.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use mongodb::bson::Bson;

use super::*;
use crate::{
    adapter::{
        cases::{self, HOUR, NOW, ended, new_session, new_user},
        contract::{self, Case, Scope},
        test_url,
    },
    random,
};

/// The same address with another database.
fn url_of(database: &str) -> String {
    let url = test_url("TEST_MONGODB_URL");
    let (before, options) = url.split_once('?').map_or((&*url, ""), |(before, options)| (before, options));
    let hosts = before.strip_prefix("mongodb://").unwrap().split('/').next().unwrap();
    format!("mongodb://{hosts}/{database}?{options}")
}

fn new_name() -> String {
    format!("test-{}", random::uuid())
}

async fn adapter_of(database: &str) -> MongoAdapter {
    MongoAdapter::connect(&url_of(database)).await.unwrap()
}

async fn adapter() -> MongoAdapter {
    adapter_of(&new_name()).await
}

async fn remove(adapter: &MongoAdapter) {
    adapter.database.drop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn keeps_the_contract() {
    let adapter = Arc::new(adapter().await);
    contract::run(adapter.clone()).await;
    remove(&adapter).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn keeps_the_contract_of_sessions_alone() {
    let adapter = Arc::new(adapter().await.sessions_only());
    contract::run_for(adapter.clone(), Scope::Sessions).await;
    remove(&adapter).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn db_16_keeps_the_contract_for_16_at_once() {
    let adapter = Arc::new(adapter().await);
    let check = |case: &'static Case| case.check(adapter.clone(), Scope::Everything);
    let mut outcomes = stream::iter(contract::cases(Scope::Everything)).map(check).buffer_unordered(16);
    while let Some(outcome) = outcomes.next().await {
        assert_eq!(outcome, Ok(()));
    }
    remove(&adapter).await;
}

#[tokio::test]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn in_02_in_03_in_04_users_are_found_by_their_very_bytes() {
    let adapter = adapter().await;
    cases::users_are_found_by_their_very_bytes(&adapter).await;
    remove(&adapter).await;
}

#[tokio::test]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn in_02_in_03_in_04_sessions_and_passkeys_are_found_by_their_very_bytes() {
    let adapter = adapter().await;
    cases::sessions_and_passkeys_are_found_by_their_very_bytes(&adapter).await;
    remove(&adapter).await;
}

#[tokio::test]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn in_02_in_03_in_04_tokens_and_attempts_are_found_by_their_very_bytes() {
    let adapter = adapter().await;
    cases::tokens_and_attempts_are_found_by_their_very_bytes(&adapter).await;
    remove(&adapter).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn cc_03_of_16_who_follow_one_link_at_two_instances_one_gets_in() {
    let name = new_name();
    let [one, other] = [Arc::new(adapter_of(&name).await), Arc::new(adapter_of(&name).await)];
    cases::of_16_who_follow_one_link_one_gets_in([one.clone(), other], 100).await;
    remove(&one).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn cc_08_a_session_that_begins_while_its_user_is_deleted_does_not_stay() {
    let adapter = Arc::new(adapter().await);
    cases::a_session_that_begins_while_its_user_is_deleted_does_not_stay(adapter.clone(), 200).await;
    remove(&adapter).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn op_03_ten_starts_at_once_and_again_make_one_set_of_indexes() {
    let name = new_name();
    let url = url_of(&name);
    for _ in 0..2 {
        let start = |url: String| tokio::spawn(async move { MongoAdapter::connect(&url).await.map(drop) });
        for start in [(); 10].map(|()| start(url.clone())) {
            start.await.unwrap().unwrap();
        }
    }
    let adapter = MongoAdapter::connect(&url).await.unwrap();
    let names = adapter.users().list_index_names().await.unwrap();
    assert_eq!(names.len(), 5, "the key and four more: {names:?}");
    remove(&adapter).await;
}

#[tokio::test]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn users_without_address_account_and_passkey_are_no_duplicates_of_each_other() {
    let adapter = adapter().await;
    let account =
        Account { r#type: "oidc".to_owned(), provider: "p".to_owned(), provider_account_id: "1".to_owned() };
    for id in ["a", "b", "c"] {
        adapter.create_user(&new_user(id), None, None, None).await.unwrap();
        adapter.link_account(id, &account, *NOW).await.unwrap();
        assert!(matches!(adapter.link_account(id, &account, *NOW).await, Err(AdapterError::Conflict)));
        let taken = adapter.create_user(&new_user("d"), None, Some(&account), None).await;
        assert!(matches!(taken, Err(AdapterError::Conflict)));
        assert!(adapter.unlink_account(id, "p", "1").await.unwrap(), "it is empty once more");
    }
    remove(&adapter).await;
}

#[tokio::test]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn an_address_keeps_only_its_newest_tokens() {
    let adapter = adapter().await;
    let token = |number: i32| VerificationToken {
        identifier: "a".to_owned(),
        token_hash: number.to_string(),
        expires: NOW.plus(HOUR),
    };
    for number in 0..=MOST_TOKENS {
        adapter.create_verification_token(&token(number)).await.unwrap();
    }
    assert!(!adapter.use_verification_token("a", "0", *NOW).await.unwrap());
    assert!(adapter.use_verification_token("a", "1", *NOW).await.unwrap());
    remove(&adapter).await;
}

#[tokio::test]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn numbers_are_stored_in_64_bits_and_no_text_becomes_a_key() {
    let adapter = adapter().await;
    adapter.create_user(&new_user("$where"), Some("a.b"), None, None).await.unwrap();
    adapter.create_session(&new_session("$where")).await.unwrap();
    adapter.add_revocations(&[ended("a")]).await.unwrap();
    let user = adapter.users().find_one(doc! {}).await.unwrap().unwrap();
    let session = adapter.sessions().find_one(doc! {}).await.unwrap().unwrap();
    for (document, field) in [(&user, "created"), (&session, "expires"), (&session, "max_age")] {
        assert!(matches!(document.get(field), Some(Bson::Int64(_))), "{field}: {document}");
    }
    assert!(user.keys().chain(session.keys()).all(|key| !key.contains(['$', '.'])));
    remove(&adapter).await;
}

#[tokio::test]
async fn db_04_a_server_that_is_not_there_is_waited_for_five_seconds() {
    // Nobody listens on the first address; the second one takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent_url = format!("mongodb://{}/a", silent.local_addr().unwrap());
    for url in ["mongodb://127.0.0.1:9/a", &silent_url] {
        let started = std::time::Instant::now();
        let refused = MongoAdapter::connect(url).await;
        assert!(matches!(refused, Err(AdapterError::Failed(_))), "{url}");
        assert!(started.elapsed() < LIMIT + Duration::from_secs(1), "{url}: {:?}", started.elapsed());
    }
}

/// A way to the server that is there until the task is aborted; then no connection is left and none is taken.
async fn way(address: &str, server: &str) -> tokio::task::JoinHandle<()> {
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let server = server.to_owned();
    tokio::spawn(async move {
        let mut ways = tokio::task::JoinSet::new();
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            let server = server.clone();
            ways.spawn(async move {
                let mut far = tokio::net::TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs MongoDB: cargo xtask services"]
async fn db_05_calls_fail_while_the_server_is_away_and_work_after() {
    let name = new_name();
    let url = url_of(&name);
    let server = url.strip_prefix("mongodb://").unwrap().split('/').next().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut open = way(&free, server).await;
    let adapter =
        MongoAdapter::connect(&format!("mongodb://{free}/{name}?directConnection=true")).await.unwrap();
    adapter.create_user(&new_user("u"), None, None, None).await.unwrap();
    for round in 0..2 {
        open.abort();
        assert!(open.await.unwrap_err().is_cancelled());
        let started = std::time::Instant::now();
        let failure = adapter.get_user("u").await;
        assert!(matches!(failure, Err(AdapterError::Failed(_))), "round {round}");
        assert!(started.elapsed() < LIMIT + Duration::from_secs(1), "round {round}");
        open = way(&free, server).await;
        let started = std::time::Instant::now();
        assert!(adapter.get_user("u").await.unwrap().is_some(), "the next call works: round {round}");
        assert!(started.elapsed() < LIMIT, "round {round}");
    }
    remove(&adapter).await;
}

#[tokio::test]
async fn addresses_that_are_none_are_refused_without_their_password() {
    for url in ["", "http://u:secret@host", "mongodb://u:secret@", "mongodb://u:secret@host:port/a"] {
        let refused = MongoAdapter::connect(url).await.err().expect(url);
        assert!(!format!("{refused} {refused:?}").contains("secret"), "{url}: {refused:?}");
    }
}
