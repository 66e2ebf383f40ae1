//! Too much, too slow, too odd (DS, IN and LG rows that a test can ask for in a second).

use http::Method;

use super::host::raw;
use crate::support::{TestServer, sign_in_demo};

#[tokio::test]
async fn ds_04_large_bodies_are_refused() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for path in ["/api/auth/signout", "/api/auth/session", "/api/fn/set_theme"] {
        let origin = server.origin.clone();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin.as_str())];
        let answer = browser.send(Method::POST, path, &headers, vec![b'a'; 65 * 1024]).await;
        assert_eq!(answer.status, 413, "{path}");
    }
    let head = "POST /api/auth/signout HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775808\r\n\r\n";
    let answer = raw(&server, head).await;
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    sign_in_demo(&mut browser).await;
}

#[tokio::test]
async fn ds_05_large_heads_are_refused() {
    let server = TestServer::start().await;
    let headers: String = (0..1000).map(|number| format!("X-{number}: y\r\n")).collect();
    for request in [
        format!("GET /health HTTP/1.1\r\nHost: x\r\n{headers}\r\n"),
        format!("GET /health HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(1_000_000)),
        format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "y".repeat(1_000_000)),
    ] {
        let answer = raw(&server, &request).await;
        let status = answer.get(9..12).unwrap_or("gone");
        assert!(["400", "414", "431", "gone"].contains(&status), "{answer:.100}");
    }
    assert_eq!(server.browser().get("/health").await.status, 200, "control");
}

#[tokio::test]
async fn ds_09_many_fields_and_deep_json_are_quick() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let form = "a=&".repeat(16_000).into_bytes();
    let json = "[".repeat(60_000).into_bytes();
    let object = format!("{{\"a\":{}", "{\"a\":".repeat(10_000)).into_bytes();
    for (content_type, body) in [
        ("application/x-www-form-urlencoded", form),
        ("application/json", json),
        ("application/json", object),
    ] {
        let started = std::time::Instant::now();
        let headers = [("content-type", content_type)];
        let answer = browser.send(Method::POST, "/api/auth/signout", &headers, body).await;
        assert_eq!(answer.status, 400);
        assert!(started.elapsed().as_millis() < 200);
    }
}

#[tokio::test]
async fn in_06_authorization_headers_mean_nothing() {
    let server = TestServer::start().await;
    let long = format!("Bearer {}", "x".repeat(20_000));
    for value in ["Bearer %E0%A4%A", "Bearer", "Basic x", "Basic ZGVtbzpkZW1vLXBhc3N3b3Jk", &long] {
        let answer = server.browser().get_with("/api/auth/session", &[("authorization", value)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "null"));
    }
}

#[tokio::test]
async fn in_12_compressed_bodies_are_not_unpacked() {
    let server = TestServer::start().await;
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let answer = server.browser().send(Method::POST, "/api/auth/signout", &headers, body).await;
    assert!(matches!(answer.status, 400 | 415), "{answer:?}");
}

#[tokio::test]
async fn lg_04_answers_tell_nothing_of_the_inside() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    server.execute("ALTER TABLE sessions RENAME TO away").await;
    for path in ["/api/auth/session", "/account", "/api/fn/account", "/ready", "/api/me"] {
        let body = browser.get(path).await.body.to_lowercase();
        for word in ["sqlite", "no such table", "select ", "sqlx", "panicked", "src/", ".rs"] {
            assert!(!body.contains(word), "{path}: {word}");
        }
    }
    let form = [("username", "demo"), ("password", "demo-password")];
    let page = browser.submit_with("/api/auth/callback/credentials", &[("accept", "text/html")], &form).await;
    assert_eq!((page.status, page.header("content-type")), (503, "text/html; charset=utf-8"));
    assert!(page.headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn cb_03_cb_04_pages_repeat_nothing_of_their_address() {
    let server = TestServer::start().await;
    let long = "x".repeat(20_000);
    for (path, canary) in [
        ("/error?error=%3Csvg%20onload%3Dcanary%3E", "canary"),
        ("/error?error=canary", "canary"),
        ("/error?error[]=canary", "canary"),
        ("/error?error=AccessDenied&error=canary", "canary"),
        ("/signin?error=%22%3E%3Cimg%20src%3Dcanary%3E", "<img"),
        ("/signin?error=Verification&callbackUrl=javascript:canary%22%3E%3C", "canary"),
        ("/verify-request?error=%3Cb%3Ecanary", "canary"),
        ("/signout?callbackUrl=%22%3E%3Cb%3Ecanary", "<b>"),
        ("/welcome?callbackUrl=javascript:canary", "canary"),
        ("/signin/email-link?token=%22%3E%3Cb%3E&email=%3Cb%3Ecanary@x", "<b>"),
        (&format!("/error?error={long}"), &long),
    ] {
        let page = server.browser().get(path).await;
        assert!(page.header("content-type").starts_with("text/html"), "{path:.60}");
        assert!(!without_way_back(&page.body).contains(canary), "{path:.60}");
    }
}

/// The switches of the footer know, escaped, which page to go back to. Apart from that a page holds nothing of its address.
pub fn without_way_back(page: &str) -> String {
    let mut fields = page.split("name=\"back\" value=\"");
    let before = fields.next().unwrap().to_owned();
    fields.fold(before, |page, field| {
        let (value, after) = field.split_once('"').unwrap();
        assert!(!value.contains(['<', '>']), "{value}");
        page + after
    })
}
