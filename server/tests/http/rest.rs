//! The REST API as clients of Auth.js know it.

use http::Method;
use serde_json::json;

use crate::support::{TestServer, query, sign_in_demo};

#[tokio::test]
async fn csrf_is_64_hex_digits_and_stays() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let token = browser.csrf().await;
    assert!(token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    let again = browser.get("/api/auth/csrf").await;
    assert_eq!(again.json()["csrfToken"], token);
    assert_eq!(again.header("cache-control"), "private, no-cache, no-store");
    assert!(again.set_cookies().is_empty());
}

#[tokio::test]
async fn providers_have_the_shape_of_authjs() {
    let server = TestServer::with(&[("AUTH_GITHUB_ID", "a"), ("AUTH_GITHUB_SECRET", "b")]).await;
    let providers = server.browser().get("/api/auth/providers").await.json();
    let origin = &server.origin;
    assert_eq!(
        providers["github"],
        json!({
            "id": "github", "name": "GitHub", "type": "oauth",
            "signinUrl": format!("{origin}/api/auth/signin/github"),
            "callbackUrl": format!("{origin}/api/auth/callback/github"),
        })
    );
    for (id, kind) in [("dev", "oidc"), ("email", "email"), ("credentials", "credentials")] {
        assert_eq!(providers[id]["type"], kind, "{providers}");
    }
}

#[tokio::test]
async fn session_is_null_or_user_and_expiry() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    assert_eq!(browser.get("/api/auth/session").await.body, "null");
    sign_in_demo(&mut browser).await;
    let session = browser.who().await;
    assert_eq!(session["user"]["name"], "Demo User");
    assert_eq!(session["user"]["email"], "demo@example.com");
    let expires = session["expires"].as_str().unwrap();
    assert!(expires.len() == 24 && expires.ends_with('Z'), "{expires}");
}

#[tokio::test]
async fn get_shows_pages_and_keeps_the_query() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for (path, page) in [
        ("/api/auth/signin?callbackUrl=%2Faccount", "/signin?callbackUrl=%2Faccount"),
        ("/api/auth/signin", "/signin"),
        ("/api/auth/signout?callbackUrl=%2F", "/signout?callbackUrl=%2F"),
        ("/api/auth/verify-request?provider=email&type=email", "/verify-request?provider=email&type=email"),
        ("/api/auth/error?error=AccessDenied", "/error?error=AccessDenied"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            (answer.status, answer.location()),
            (302, format!("{}{page}", server.origin).as_str()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn oa_20_a_get_starts_no_sign_in() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for provider in ["dev", "email", "credentials", "nosuch"] {
        let answer = browser.get(&format!("/api/auth/signin/{provider}")).await;
        assert!(answer.location().starts_with(&format!("{}/signin", server.origin)), "{answer:?}");
        assert!(answer.set_cookies().is_empty());
    }
    let control = browser.submit("/api/auth/signin/dev", &[]).await;
    assert!(control.location().contains("/dev/idp/authorize?") && !control.set_cookies().is_empty());
}

#[tokio::test]
async fn oa_19_unknown_actions_and_providers_are_not_found() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let long = format!("/api/auth/callback/{}?code=x&state=y", "x".repeat(10_000));
    for path in [
        "/api/auth/nosuch",
        "/api/auth/callback/nosuch?code=x&state=y",
        "/api/auth/callback/__proto__?code=x&state=y",
        "/api/auth/callback/..%2Fsession?code=x&state=y",
        "/api/auth/callback/%00?code=x&state=y",
        "/api/auth/callback/credentials?code=x&state=y",
        "/api/auth/session/x",
        &long,
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.signs_in());
    }
    assert_eq!(browser.submit("/api/auth/signin/nosuch", &[]).await.status, 404);
}

#[tokio::test]
async fn cb_10_other_methods_do_nothing() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let back = crate::support::start_dev(&mut browser, "ada").await;
    let path = back.strip_prefix(&server.origin).unwrap();
    for method in ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"] {
        let method: Method = method.parse().unwrap();
        for path in [path, "/api/auth/signout", "/api/auth/session", "/api/auth/callback/credentials"] {
            let answer = browser.send(method.clone(), path, &[], Vec::new()).await;
            assert!(matches!(answer.status, 403..=405), "{method} {path}: {answer:?}");
        }
    }
    assert!(browser.get(&back).await.signs_in(), "control: the transaction was not used up");
}

#[tokio::test]
async fn a_v5_client_gets_the_redirect_as_json() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let v5 = [("x-auth-return-redirect", "1")];
    let started = browser.submit_with("/api/auth/signin/dev", &v5, &[]).await;
    assert_eq!(started.status, 200);
    assert!(started.json()["url"].as_str().unwrap().contains("/dev/idp/authorize?"));
    let wrong = [("username", "demo"), ("password", "wrong")];
    let refused = browser.submit_with("/api/auth/callback/credentials", &v5, &wrong).await;
    assert_eq!(refused.status, 200);
    let url = refused.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(
        (query(&url, "error").unwrap(), query(&url, "code").unwrap()),
        ("CredentialsSignin".into(), "credentials".into())
    );
    let right = [("username", "demo"), ("password", "demo-password"), ("callbackUrl", "/account")];
    let accepted = browser.submit_with("/api/auth/callback/credentials", &v5, &right).await;
    assert!(accepted.signs_in() && accepted.status == 200);
    let left = browser.submit_with("/api/auth/signout", &v5, &[]).await;
    assert_eq!((left.status, left.json()), (200, json!({ "url": format!("{}/", server.origin) })));
    assert!(browser.who().await.is_null());
}

#[tokio::test]
async fn a_v4_client_gets_json_with_a_status() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let wrong = [("username", "demo"), ("password", "wrong"), ("json", "true")];
    let refused = browser.submit("/api/auth/callback/credentials", &wrong).await;
    assert_eq!(refused.status, 401);
    assert!(refused.json()["url"].as_str().unwrap().contains("error=CredentialsSignin"));
    let right = [("username", "demo"), ("password", "demo-password"), ("json", "true")];
    assert_eq!(browser.submit("/api/auth/callback/credentials", &right).await.status, 200);
    let left = browser.submit("/api/auth/signout", &[("json", "true")]).await;
    assert!(left.status == 200 && left.json()["url"].is_string());
}

#[tokio::test]
async fn an_update_returns_the_session() {
    for server in [TestServer::start().await, TestServer::start_jwt().await] {
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let updated = browser.submit_json("/api/auth/session", json!({ "data": { "anything": 1 } })).await;
        assert_eq!((updated.status, &updated.json()["user"]["name"]), (200, &json!("Demo User")));
        let headers = [("content-type", "application/json")];
        let refused = browser.send(Method::POST, "/api/auth/session", &headers, b"{}".to_vec()).await;
        assert_eq!((refused.status, refused.body.as_str()), (400, "null"), "as Auth.js: no token");
    }
}

#[tokio::test]
async fn people_get_a_page_where_programs_get_json() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let page = browser.get_with("/api/auth/nosuch", &[("accept", "text/html,*/*")]).await;
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(page.body.contains("<h1>") && page.header("cache-control").contains("no-store"));
    let json = browser.get_with("/api/auth/nosuch", &[("accept", "*/*")]).await;
    assert!(json.json()["message"].is_string());
}
