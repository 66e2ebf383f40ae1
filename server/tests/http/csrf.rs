//! Requests that another site makes with our visitor's cookies (CS rows).

use http::Method;
use serde_json::json;

use crate::support::{Browser, Rows, TestServer, sign_in_demo, sign_in_dev};

/// Everything of the API that changes something.
const POSTS: &[&str] = &[
    "/api/auth/account/profile",
    "/api/auth/account/email",
    "/api/auth/account/confirm-email",
    "/api/auth/account/delete",
    "/api/auth/account/keep",
    "/api/auth/signin/dev",
    "/api/auth/signin/email",
    "/api/auth/callback/credentials",
    "/api/auth/callback/email",
    "/api/auth/signout",
    "/api/auth/session",
];

async fn signed_in(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    browser.csrf().await;
    browser
}

/// Nothing has changed: same rows, same user, and no mail.
async fn assert_untouched(server: &TestServer, browser: &mut Browser, rows: Rows) {
    assert_eq!(server.rows().await, rows);
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
    assert!(server.mails().await.is_empty());
}

#[tokio::test]
async fn cs_01_without_a_token_nothing_happens() {
    let server = TestServer::start().await;
    let mut browser = signed_in(&server).await;
    let rows = server.rows().await;
    let form = [("email", "a@example.com"), ("username", "demo"), ("password", "demo-password")];
    for path in POSTS {
        let answer = browser.clone().post(path, &form).await;
        answer.assert_denied();
        assert!(
            answer.status == 400 || answer.error().as_deref() == Some("MissingCSRF"),
            "{path}: {answer:?}"
        );
    }
    for method in ["PUT", "PATCH", "DELETE"] {
        for path in POSTS {
            let answer = browser.send(method.parse().unwrap(), path, &[], Vec::new()).await;
            assert!(matches!(answer.status, 403..=405), "{method} {path}");
        }
    }
    assert_untouched(&server, &mut browser, rows).await;
    assert_eq!(browser.submit("/api/auth/signout", &[]).await.status, 302);
    assert!(browser.who().await.is_null(), "control");
}

#[tokio::test]
async fn cs_02_another_token_is_none() {
    let server = TestServer::start().await;
    let mut browser = signed_in(&server).await;
    let rows = server.rows().await;
    let foreign = server.browser().csrf().await;
    let own = browser.csrf().await;
    let half = own[..32].to_owned();
    for token in [foreign.as_str(), "", "x", &half, &own.to_uppercase()] {
        let is_upper_of_digits = token == own;
        let answer = browser.clone().post("/api/auth/signout", &[("csrfToken", token)]).await;
        assert!(
            is_upper_of_digits || answer.error().as_deref() == Some("MissingCSRF"),
            "{token}: {answer:?}"
        );
    }
    let in_query = format!("/api/auth/signout?csrfToken={own}");
    browser.clone().post(&in_query, &[]).await.assert_denied();
    let mut no_cookie = browser.clone();
    no_cookie.jar.retain(|name, _| !name.contains("csrf"));
    no_cookie.post("/api/auth/signout", &[("csrfToken", &own)]).await.assert_denied();
    no_cookie.post("/api/auth/signout", &[("csrfToken", "")]).await.assert_denied();
    let list = json!({ "csrfToken": [own] }).to_string().into_bytes();
    let json = [("content-type", "application/json")];
    browser.clone().send(Method::POST, "/api/auth/signout", &json, list).await.assert_denied();
    assert_untouched(&server, &mut browser, rows).await;
}

#[tokio::test]
async fn cs_03_a_pair_made_without_the_secret_is_refused() {
    let server = TestServer::start().await;
    let mut browser = signed_in(&server).await;
    let rows = server.rows().await;
    let token = "a".repeat(64);
    let hash = "b".repeat(64);
    for (cookie, token) in [
        (format!("{token}%7C{hash}"), token.as_str()),
        (format!("{token}%7C"), token.as_str()),
        ("%7C".to_owned(), ""),
        (token.clone(), token.as_str()),
        ("%7C%7C%7C%7C%7C".to_owned(), ""),
        (String::new(), ""),
    ] {
        let mut forged = browser.clone();
        forged.jar.insert("authjs.csrf-token".to_owned(), cookie.clone());
        forged.post("/api/auth/signout", &[("csrfToken", token)]).await.assert_denied();
    }
    assert_untouched(&server, &mut browser, rows).await;
}

#[tokio::test]
async fn cs_05_json_is_no_way_around() {
    let server = TestServer::start().await;
    let mut browser = signed_in(&server).await;
    let rows = server.rows().await;
    for content_type in
        ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/cbor"]
    {
        for path in POSTS {
            let headers = [("content-type", content_type)];
            let answer = browser.clone().send(Method::POST, path, &headers, b"{}".to_vec()).await;
            answer.assert_denied();
            assert!(matches!(answer.status, 400 | 403), "{content_type} {path}: {answer:?}");
        }
    }
    let preflight = [("origin", "https://evil.test"), ("access-control-request-method", "POST")];
    let answer = browser.send(Method::OPTIONS, "/api/auth/signout", &preflight, Vec::new()).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin") && answer.status == 405);
    assert_untouched(&server, &mut browser, rows).await;
}

#[tokio::test]
async fn cs_07_the_browsers_word_counts_beside_the_token() {
    let server = TestServer::start().await;
    let mut browser = signed_in(&server).await;
    let rows = server.rows().await;
    let own = server.origin.clone();
    for headers in [
        vec![("origin", "https://evil.test")],
        vec![("origin", "null")],
        vec![("origin", "http://localhost")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "same-site")],
        vec![("origin", "https://evil.test"), ("sec-fetch-site", "same-origin")],
    ] {
        for path in POSTS {
            let answer = browser.clone().submit_with(path, &headers, &[("email", "a@example.com")]).await;
            assert_eq!(answer.status, 403, "{path} {headers:?}");
        }
    }
    assert_untouched(&server, &mut browser, rows).await;
    let token = browser.csrf().await;
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("csrfToken={token}").into_bytes();
    let old_client = browser.send(Method::POST, "/api/auth/signout", &headers, body).await;
    assert_eq!(old_client.status, 302, "a client that says nothing and has the token");
    assert!(browser.who().await.is_null());
}

#[tokio::test]
async fn cs_08_nobody_is_signed_in_by_another_site() {
    let server = TestServer::start().await;
    let mut victim = signed_in(&server).await;
    let rows = server.rows().await;
    // The attacker's own token and cookie fit together; the victim's browser has another cookie.
    let attackers = server.browser().csrf().await;
    let form = [
        ("csrfToken", attackers.as_str()),
        ("username", "demo"),
        ("password", "demo-password"),
        ("email", "a@example.com"),
    ];
    let foreign = [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")];
    for path in [
        "/api/auth/callback/credentials",
        "/api/auth/signin/email",
        "/api/auth/signin/dev",
        "/api/auth/callback/email",
    ] {
        let answer = victim.clone().post_with(path, &foreign, &form).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.set_cookies().is_empty());
    }
    assert_untouched(&server, &mut victim, rows).await;
}

#[tokio::test]
async fn cs_09_a_link_signs_nobody_out() {
    let server = TestServer::start().await;
    let mut browser = signed_in(&server).await;
    let rows = server.rows().await;
    let shown = browser.get("/api/auth/signout").await;
    assert_eq!(shown.location(), format!("{}/signout", server.origin));
    let page = browser.get("/signout").await;
    assert!(page.status == 200 && page.body.contains("Sign out"));
    assert_untouched(&server, &mut browser, rows).await;
}

#[tokio::test]
async fn cs_10_methods_cannot_be_disguised() {
    let server = TestServer::start().await;
    let mut browser = signed_in(&server).await;
    let rows = server.rows().await;
    let token = browser.csrf().await;
    let body = format!("csrfToken={token}").into_bytes();
    for headers in [
        vec![("x-http-method-override", "POST")],
        vec![("x-method-override", "POST")],
        vec![("content-type", "application/x-www-form-urlencoded")],
    ] {
        let path = format!("/api/auth/signout?_method=POST&csrfToken={token}");
        let answer = browser.send(Method::GET, &path, &headers, body.clone()).await;
        assert!(answer.location().contains("/signout?"), "only a page: {answer:?}");
    }
    assert_untouched(&server, &mut browser, rows).await;
}

#[tokio::test]
async fn cs_11_no_other_origin_may_read() {
    let server = TestServer::start().await;
    let mut browser = signed_in(&server).await;
    for origin in ["https://evil.test", "null", "http://localhost.evil.test"] {
        for path in ["csrf", "session", "providers", "signin", "signout", "error"]
            .map(|path| format!("/api/auth/{path}"))
        {
            let answer = browser.get_with(&path, &[("origin", origin)]).await;
            assert!(
                !answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn cs_12_a_token_ends_with_the_sign_in() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let before = browser.csrf().await;
    sign_in_dev(&mut browser, "ada").await;
    let old = browser.post("/api/auth/signout", &[("csrfToken", &before)]).await;
    assert_eq!(
        old.error().as_deref(),
        Some("MissingCSRF"),
        "a form drawn before does not work for this user"
    );
    let after = browser.csrf().await;
    assert_ne!(before, after, "and a new token is there for the asking");
    browser.post("/api/auth/signout", &[("csrfToken", &after)]).await;
    assert!(browser.who().await.is_null());
    sign_in_demo(&mut browser).await;
}

#[tokio::test]
async fn cs_13_pages_change_nothing() {
    let server = TestServer::start().await;
    let mut browser = signed_in(&server).await;
    let rows = server.rows().await;
    for path in [
        "/",
        "/signin",
        "/signin/email-link?token=3DkV0vZ2m_Xq8-Yw3sT5uN7pR9aB1cD4eF6gH8iJ0kL&email=a@example.com",
        "/verify-request",
        "/signout",
        "/error",
        "/error/help",
        "/welcome",
        "/account",
        "/nope",
        "/health",
        "/ready",
        "/api/me",
        "/api/auth/providers",
        "/api/auth/csrf",
        "/api/auth/callback/email?token=x&email=a@example.com",
        "/api/auth/signin/dev",
        "/dev/inbox",
    ] {
        browser.get(path).await;
    }
    assert_untouched(&server, &mut browser, rows).await;
}

#[tokio::test]
async fn cs_14_an_update_changes_no_identity() {
    for server in [TestServer::start().await, TestServer::start_jwt().await] {
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let before = browser.who().await;
        let forged =
            json!({ "data": { "user": { "id": "root", "email": "root@example.com", "role": "admin" } } });
        let answer = browser.submit_json("/api/auth/session", forged.clone()).await;
        assert_eq!((answer.status, &answer.json()["user"]), (200, &before["user"]));
        assert_eq!(browser.who().await["user"], before["user"]);
        let foreign = [("content-type", "application/json"), ("origin", "https://evil.test")];
        let refused =
            browser.send(Method::POST, "/api/auth/session", &foreign, forged.to_string().into_bytes()).await;
        assert_eq!(refused.status, 403);
    }
}
