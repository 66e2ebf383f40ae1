//! Leptos server functions, called from outside (LP rows).

use http::Method;

use super::limits::without_way_back;
use crate::support::{TestServer, query, sign_in_demo};

const FUNCTION: &str = "/api/fn/set_theme";

#[tokio::test]
async fn lp_01_cs_01_another_site_cannot_call() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let form = [("theme", "dark"), ("back", "/account")];
    let own = server.origin.clone();
    for headers in [
        vec![("origin", "https://evil.test")],
        vec![("origin", "null")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "same-site")],
    ] {
        let answer = browser.post_with(FUNCTION, &headers, &form).await;
        assert_eq!((answer.status, answer.set_cookies().len()), (403, 0), "{headers:?}");
    }
    let silent = [("content-type", "application/x-www-form-urlencoded")];
    let answer = browser.send(Method::POST, FUNCTION, &silent, b"theme=dark&back=/".to_vec()).await;
    assert_eq!(answer.status, 403, "no token, no origin: no call");
    let answer = browser.post_with(FUNCTION, &[("accept", "text/html")], &form).await;
    assert_eq!((answer.status, answer.location()), (302, "/account"), "control");
    assert!(answer.set_cookies()[0].starts_with("theme=dark"));
}

#[tokio::test]
async fn lp_02_only_forms_are_taken() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for content_type in [
        "application/json",
        "application/cbor",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/x-msgpack",
        "",
    ] {
        let headers = [("origin", server.origin.as_str()), ("content-type", content_type)];
        let answer = browser.send(Method::POST, FUNCTION, &headers, b"theme=dark&back=/".to_vec()).await;
        assert_eq!((answer.status, answer.set_cookies().len()), (415, 0), "{content_type}");
    }
    let charset = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    let control = browser.post_with(FUNCTION, &charset, &[("theme", "dark"), ("back", "/")]).await;
    assert!(control.status < 400 && control.set_cookies().len() == 1);
}

#[tokio::test]
async fn lp_03_a_get_changes_nothing() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let answer = browser.get(&format!("{FUNCTION}?theme=dark&back=/")).await;
    assert_eq!((answer.status, answer.set_cookies().len()), (405, 0));
    for function in ["account", "sign_in_form", "verify_request"] {
        let path = format!("/api/fn/{function}");
        let posted = browser.post(&path, &[]).await;
        assert_eq!(posted.status, 405, "{function} only reads");
        let foreign = browser.get_with(&path, &[("sec-fetch-site", "cross-site")]).await;
        assert_eq!(foreign.status, 403, "{function} is for our own pages");
    }
}

#[tokio::test]
async fn lp_05_lp_10_nobody_is_sent_to_a_foreign_referer() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let html = ("accept", "text/html");
    for referer in
        ["https://evil.test/", "//evil.test", "https://localhost.evil.test/", "javascript:alert(1)"]
    {
        for path in ["/api/fn/account", "/api/fn/sign_in_form"] {
            let answer = browser.get_with(path, &[html, ("referer", referer)]).await;
            assert!(
                !answer.location().contains("evil") && !answer.location().contains("javascript"),
                "{answer:?}"
            );
        }
        let answer =
            browser.post_with(FUNCTION, &[html, ("referer", referer)], &[("theme", "nonsense")]).await;
        assert!(
            !answer.location().contains("evil") && !answer.location().contains("javascript"),
            "{answer:?}"
        );
    }
    let target = browser.post_with(FUNCTION, &[html], &[("theme", "dark"), ("back", "//evil.test")]).await;
    assert_eq!(target.location(), "/", "LP-10");
}

#[tokio::test]
async fn lp_06_forged_errors_are_not_displayed() {
    let server = TestServer::start().await;
    let lie = "WW91ciBhY2NvdW50IGlzIGxvY2tlZCwgY2FsbCAwMTIz";
    for query in [
        format!("__path=/api/fn/account&__err={lie}"),
        "__err=%%%".to_owned(),
        "__path=x&__err=PGI+eA==".to_owned(),
    ] {
        let page = server.browser().get(&format!("/signin?{query}")).await;
        assert_eq!(page.status, 200);
        let body = without_way_back(&page.body);
        assert!(!body.contains("locked") && !body.contains(lie), "{query}");
    }
}

#[tokio::test]
async fn lp_07_bodies_are_small() {
    let server = TestServer::start().await;
    let large = "x".repeat(70_000);
    let answer = server.browser().post(FUNCTION, &[("theme", "dark"), ("back", &large)]).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn nonsense_is_the_callers_mistake() {
    let server = TestServer::start().await;
    for form in [vec![], vec![("theme", "nonsense"), ("back", "/")], vec![("theme", "dark")]] {
        let answer = server.browser().post(FUNCTION, &form).await;
        assert_eq!(answer.status, 400, "{form:?}");
        assert!(
            !answer.body.contains("missing field") && !answer.body.contains("variant"),
            "LG-04: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn lg_05_unknown_functions_are_not_found() {
    let server = TestServer::start().await;
    for path in ["/api/fn/nosuch123", "/api/nosuch123", "/api/fn/", "/api/fn/account/x"] {
        let answer = server.browser().post(path, &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("server function"), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn az_01_private_data_needs_a_session() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let refused = browser.get("/api/fn/account").await;
    assert_eq!((refused.status, refused.body.as_str()), (401, "\"SessionRequired\""));
    sign_in_demo(&mut browser).await;
    let account = browser.get("/api/fn/account").await;
    assert_eq!((account.status, &account.json()["name"]), (200, &"Demo User".into()));
    let page = browser.get("/account").await;
    assert!(page.body.contains("Demo User"));
}

#[tokio::test]
async fn the_first_html_knows_the_user() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    assert!(browser.get("/").await.body.contains("data-session-status=\"unauthenticated\""));
    sign_in_demo(&mut browser).await;
    let page = browser.get("/").await.body;
    assert!(page.contains("data-session-status=\"authenticated\"") && page.contains("Demo User"));
    let token = browser.session_cookie().unwrap();
    assert!(!page.contains(token.as_str()), "LG-07: never a token");
    let answer = browser.get("/signin?error=CredentialsSignin").await;
    assert_eq!(query("/signin?error=CredentialsSignin", "error").as_deref(), Some("CredentialsSignin"));
    assert!(answer.body.contains("role=\"alert\""));
}
