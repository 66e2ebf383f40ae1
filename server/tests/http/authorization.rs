//! Guarded pages and handlers (AZ rows).

use crate::support::{TestServer, query, sign_in_demo};

#[tokio::test]
async fn the_extractor_refuses_programs_and_leads_people() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let program = browser.get("/api/me").await;
    assert_eq!((program.status, program.header("content-type")), (401, "application/json"));
    let person = browser.get_with("/api/me?x=1", &[("accept", "text/html")]).await;
    assert_eq!(person.status, 303);
    assert_eq!(query(person.location(), "callbackUrl").as_deref(), Some("/api/me?x=1"));
    assert_eq!(query(person.location(), "error").as_deref(), Some("SessionRequired"));
    sign_in_demo(&mut browser).await;
    assert_eq!(browser.get("/api/me").await.json()["name"], "Demo User", "control");
}

#[tokio::test]
async fn az_03_no_private_byte_before_the_guard() {
    let server = TestServer::start().await;
    sign_in_demo(&mut server.browser()).await;
    let id = server.text("SELECT id FROM users").await;
    let page = server.browser().get("/account").await;
    assert!(
        !page.body.contains("Demo User")
            && !page.body.contains("demo@example.com")
            && !page.body.contains(&id)
    );
}

#[tokio::test]
async fn az_05_db_03_when_the_store_is_away_nobody_comes_in_and_nobody_goes_out() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let cookie = browser.session_cookie().cloned();
    server.execute("ALTER TABLE sessions RENAME TO away").await;
    for path in ["/api/auth/session", "/account", "/", "/api/me", "/api/fn/account"] {
        let answer = browser.get(path).await;
        assert!(matches!(answer.status, 503), "{path}: {}", answer.status);
        assert!(!answer.body.contains("Demo User"), "{path}");
        assert!(answer.set_cookies().is_empty() || !answer.set_cookies()[0].contains("session"), "{path}");
    }
    for path in ["/api/auth/session", "/account", "/api/me"] {
        assert!(browser.get(path).await.headers.contains_key("retry-after"), "{path}");
    }
    assert_eq!(browser.session_cookie().cloned(), cookie);
    assert_eq!(browser.get("/health").await.status, 200, "the process lives");
    assert_eq!(server.browser().get("/signin").await.status, 200, "whoever has no session needs no store");
    server.execute("ALTER TABLE away RENAME TO sessions").await;
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "and everything is as it was");
}

#[tokio::test]
async fn az_06_other_spellings_are_guarded_or_not_found() {
    let server = TestServer::start().await;
    sign_in_demo(&mut server.browser()).await;
    for path in [
        "//account",
        "/account/",
        "/account/.",
        "/./account",
        "/%61ccount",
        "/account;x",
        "/ACCOUNT",
        "/account%2f",
        "/x/../account",
        "/account?x",
        "//api/fn/account",
        "/api/fn/%61ccount",
        "/API/me",
        "/api/me/",
        "/api//me",
    ] {
        let headers = [("x-middleware-subrequest", "1"), ("rsc", "1"), ("islands-router", "1")];
        let answer = server.browser().get_with(path, &headers).await;
        assert!(!answer.body.contains("Demo User") && !answer.body.contains("demo@example.com"), "{path}");
        assert!(answer.status < 500, "{path}: {}", answer.status);
    }
}
