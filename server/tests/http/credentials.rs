//! Name and password, with both kinds of session.

use http::Method;
use serde_json::json;

use crate::support::{Rows, TestServer, sign_in_demo};

const PATH: &str = "/api/auth/callback/credentials";

#[tokio::test]
async fn signs_in_with_a_database_session() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let answer = sign_in_demo(&mut browser).await;
    assert!(answer.location().contains("/welcome"), "new user: {answer:?}");
    assert_eq!(server.rows().await, Rows { users: 1, accounts: 1, sessions: 1, tokens: 0 });
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
    let again = sign_in_demo(&mut server.browser()).await;
    assert_eq!(again.location(), format!("{}/", server.origin), "known user");
    assert_eq!(server.rows().await, Rows { users: 1, accounts: 1, sessions: 2, tokens: 0 });
}

#[tokio::test]
async fn signs_in_with_a_jwt_session() {
    let server = TestServer::start_jwt().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
    assert!(browser.session_cookie().unwrap().starts_with("ey"), "a JWE");
    assert_eq!(server.rows().await.sessions, 1, "for the list of sessions");
}

#[tokio::test]
async fn signs_in_without_a_database() {
    let server = TestServer::with(&[("DATABASE_URL", "")]).await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
    let providers = server.browser().get("/api/auth/providers").await.json();
    assert!(providers["email"].is_null(), "e-mail needs a place for its tokens");
}

#[tokio::test]
async fn cr_01_wrong_names_and_passwords_get_the_same_answer() {
    let server = TestServer::start().await;
    let mut answers = Vec::new();
    for (username, password) in [("demo", "wrong"), ("nobody", "demo-password"), ("", ""), ("demo", "")] {
        let mut browser = server.browser();
        let answer = browser.submit(PATH, &[("username", username), ("password", password)]).await;
        answer.assert_denied();
        answers.push((answer.status, answer.location().to_owned(), answer.body));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(server.rows().await, Rows { users: 0, accounts: 0, sessions: 0, tokens: 0 });
    sign_in_demo(&mut server.browser()).await;
}

#[tokio::test]
async fn rl_01_rl_12_guesses_are_limited_also_in_parallel() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let token = browser.csrf().await;
    let guesses = (0..20).map(|number| {
        let (mut browser, token) = (browser.clone(), token.clone());
        async move {
            let password = format!("guess-{number}");
            let form = [("csrfToken", token.as_str()), ("username", "demo"), ("password", &password)];
            browser.post(PATH, &form).await.error().unwrap()
        }
    });
    let words = futures_util::future::join_all(guesses).await;
    let checked = words.iter().filter(|word| *word == "CredentialsSignin").count();
    assert_eq!((checked, words.iter().filter(|word| *word == "RateLimited").count()), (10, 10));
    let right = browser.submit(PATH, &[("username", "Demo"), ("password", "demo-password")]).await;
    assert_eq!(right.error().as_deref(), Some("RateLimited"), "the right one waits too");
    assert!(
        crate::support::query(right.location(), "retryAfter").is_some()
            && right.headers.contains_key("retry-after")
    );
    let other = browser.submit(PATH, &[("username", "other"), ("password", "x")]).await;
    assert_eq!(other.error().as_deref(), Some("CredentialsSignin"), "RL-13: nobody else is locked out");
}

#[tokio::test]
async fn rl_08_another_spelling_of_the_path_gives_no_new_tries() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let guess = [("username", "demo"), ("password", "guess")];
    for _ in 0..10 {
        assert_eq!(browser.submit(PATH, &guess).await.error().as_deref(), Some("CredentialsSignin"));
    }
    let right = [("username", "demo"), ("password", "demo-password")];
    for path in [
        "//api/auth/callback/credentials",
        "/api/auth//callback/credentials",
        "/API/AUTH/callback/credentials",
        "/api/auth/callback/credentials/",
        "/api/auth/callback/credentials;x",
        "/api/auth/callback/%63redentials",
        "/api/auth/./callback/credentials",
        "/api/auth/callback/Credentials",
        "/api/auth/callback/credentials?x=1",
    ] {
        let answer = browser.submit(path, &right).await;
        let is_limited = answer.error().as_deref() == Some("RateLimited");
        assert!(!answer.signs_in() && (answer.status == 404 || is_limited), "{path}: {answer:?}");
    }
    let mut json = json!({ "username": "demo", "password": "demo-password" });
    json["json"] = json!(true);
    assert_eq!(browser.submit_json(PATH, json).await.status, 429, "nor another content type");
}

#[tokio::test]
async fn rl_11_a_restart_forgets_nothing() {
    let first = TestServer::start().await;
    let mut browser = first.browser();
    for _ in 0..10 {
        browser.submit(PATH, &[("username", "demo"), ("password", "guess")]).await;
    }
    // Another process on the same database is what comes after a restart.
    let second = first.twin(&[]).await;
    let right = [("username", "demo"), ("password", "demo-password")];
    let answer = browser.at(&second).submit(PATH, &right).await;
    assert_eq!(answer.error().as_deref(), Some("RateLimited"), "{answer:?}");
    second.set_later(16 * 60);
    assert!(browser.at(&second).submit(PATH, &right).await.signs_in(), "control: the window ends");
}

#[tokio::test]
async fn cr_12_only_text_is_a_password() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for json in [
        json!({ "username": { "$ne": null }, "password": { "$gt": "" } }),
        json!({ "username": ["demo"], "password": ["demo-password"] }),
        json!({ "username": "demo", "password": 1 }),
    ] {
        let answer = browser.submit_json(PATH, json.clone()).await;
        assert_eq!(answer.status, 400, "{json}");
    }
    browser.submit(PATH, &[("username[$ne]", ""), ("password[$ne]", "")]).await.assert_denied();
    let control = browser.submit_json(PATH, json!({ "username": "demo", "password": "demo-password" })).await;
    assert!(control.signs_in());
}

#[tokio::test]
async fn cr_13_a_password_in_the_address_is_not_read() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let path = format!("{PATH}?username=demo&password=demo-password");
    browser.submit(&path, &[]).await.assert_denied();
    assert_eq!(browser.get(&path).await.status, 404);
}

#[tokio::test]
async fn in_04_in_07_odd_fields_are_refused() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let token = browser.csrf().await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", server.origin.as_str())];
    for rest in [
        "username=demo&username=demo&password=demo-password",
        "username=demo%00&password=demo-password",
        "username=demo%ff&password=demo-password",
        "username=demo%ed%a0%80&password=demo-password",
    ] {
        let body = format!("csrfToken={token}&{rest}");
        let answer = browser.send(Method::POST, PATH, &headers, body.into_bytes()).await;
        assert_eq!(answer.status, 400, "{rest}");
    }
    let control = format!("csrfToken={token}&username=demo&password=demo-password");
    assert!(browser.send(Method::POST, PATH, &headers, control.into_bytes()).await.signs_in());
}
