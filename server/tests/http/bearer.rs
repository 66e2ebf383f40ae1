//! Programs that keep the session token themselves: no cookie, no CSRF token, the same checks.

use crate::support::{Answer, Browser, TestServer, sign_in_demo};

const DEMO: [(&str, &str); 2] = [("username", "demo"), ("password", "demo-password")];

/// Signs in as a script does: one request.
async fn token(app: &mut Browser) -> String {
    let answer = app.program("/api/auth/callback/credentials", &[("x-auth-return-token", "1")], &DEMO).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.json()["url"].is_string());
    assert!(!answer.signs_in(), "the token is not in a cookie as well");
    answer.headers["x-auth-session-token"].to_str().unwrap().to_owned()
}

async fn with(app: &mut Browser, path: &str, token: &str) -> Answer {
    app.get_with(path, &[("authorization", &format!("Bearer {token}"))]).await
}

#[tokio::test]
async fn a_script_signs_in_works_and_signs_out() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut app = server.browser();
        let token = token(&mut app).await;
        app.jar.clear();
        assert_eq!(with(&mut app, "/api/auth/session", &token).await.json()["user"]["name"], "Demo User");
        assert_eq!(with(&mut app, "/api/me", &token).await.json()["name"], "Demo User");
        assert_eq!(app.get("/api/me").await.status, 401, "control");

        let bearer = format!("Bearer {token}");
        let out = app.program("/api/auth/signout", &[("authorization", &bearer)], &[]).await;
        assert_eq!(out.status, 200, "{out:?}");
        assert_eq!(with(&mut app, "/api/me", &token).await.status, 401, "{strategy}");
    }
}

#[tokio::test]
async fn a_script_renews_its_token() {
    let server = TestServer::start_jwt().await;
    let mut app = server.browser();
    let old = token(&mut app).await;
    server.set_later(3600);
    let answer = app.program("/api/auth/session", &[("authorization", &format!("Bearer {old}"))], &[]).await;
    let new = answer.headers["x-auth-session-token"].to_str().unwrap().to_owned();
    assert_ne!(old, new);
    assert!(answer.set_cookies().is_empty());
    app.jar.clear();
    assert_eq!(with(&mut app, "/api/me", &new).await.status, 200);
}

#[tokio::test]
async fn a_wrong_password_gives_no_token() {
    let server = TestServer::start().await;
    let form = [("username", "demo"), ("password", "wrong")];
    let answer = server
        .browser()
        .program("/api/auth/callback/credentials", &[("x-auth-return-token", "1")], &form)
        .await;
    assert_eq!(answer.status, 401);
    assert!(!answer.headers.contains_key("x-auth-session-token"));
}

#[tokio::test]
async fn junk_is_nobody_and_the_cookie_does_not_stand_in() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        assert_eq!(browser.get("/api/me").await.status, 200, "control");
        for junk in ["%", "%ff", "a.b.c.d.e", "x", &"a".repeat(20_000), "null"] {
            let answer = with(&mut browser.clone(), "/api/auth/session", junk).await;
            assert_eq!((answer.status, answer.body.as_str()), (200, "null"), "{strategy}: {junk:.20}");
            assert_eq!(with(&mut browser.clone(), "/api/me", junk).await.status, 401);
        }
        for other in ["Basic ZGVtbzpkZW1v", "Bearer", "Bearer  "] {
            let answer = browser.get_with("/api/me", &[("authorization", other)]).await;
            assert_eq!(answer.status, 200, "what is no bearer token is not ours: {other}");
        }
    }
}

#[tokio::test]
async fn cs_04_a_cookie_alone_still_needs_the_token_of_the_form() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let answer = browser.program("/api/auth/signout", &[], &[]).await;
    assert_ne!(answer.status, 200, "{answer:?}");
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
    // With a bearer token the cookie counts for nothing: there is nothing to ride on.
    let answer = browser.program("/api/auth/signout", &[("authorization", "Bearer junk")], &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
}
