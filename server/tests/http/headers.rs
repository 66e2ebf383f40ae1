//! What browsers are told not to do, on every kind of answer (HD rows).

use http::Method;

use crate::support::{Answer, TestServer, sign_in_demo};

const PAGES: [&str; 10] = [
    "/",
    "/signin",
    "/signin/email-link",
    "/verify-request",
    "/signout",
    "/error",
    "/error/help",
    "/welcome",
    "/account",
    "/nope",
];

/// One answer of each kind.
async fn one_of_each(server: &TestServer) -> Vec<(&'static str, Answer)> {
    let mut browser = server.browser();
    let mut answers = Vec::new();
    for path in PAGES {
        answers.push((path, browser.get(path).await));
    }
    for path in [
        "/api/auth/session",
        "/api/auth/csrf",
        "/api/auth/providers",
        "/api/auth/signin",
        "/api/auth/nope",
        "/api/nope",
        "/api/me",
        "/api/fn/account",
        "/health",
        "/favicon.svg",
        "/pkg/leptos-auth.aaaa.js",
        "/nope.txt",
    ] {
        answers.push((path, browser.get(path).await));
    }
    answers.push(("refused", browser.post("/api/auth/signout", &[]).await));
    answers.push((
        "cross-site",
        browser.post_with("/api/fn/set_theme", &[("origin", "https://evil.test")], &[]).await,
    ));
    answers
        .push(("too large", browser.send(Method::POST, "/api/auth/signout", &[], vec![b'a'; 70_000]).await));
    answers.push(("method", browser.send(Method::PUT, "/signin", &[], Vec::new()).await));
    answers
}

#[tokio::test]
async fn hd_01_hd_05_every_answer_has_the_headers() {
    let server = TestServer::start().await;
    for (path, answer) in one_of_each(&server).await {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(
            ["strict-origin-when-cross-origin", "no-referrer"].contains(&answer.header("referrer-policy")),
            "{path}"
        );
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
    }
}

#[tokio::test]
async fn hd_02_pages_run_only_our_scripts() {
    let server = TestServer::start().await;
    let mut nonces = std::collections::BTreeSet::new();
    for path in PAGES {
        let page = server.browser().get(path).await;
        let policy = page.header("content-security-policy").to_owned();
        if page.status == 302 {
            continue;
        }
        for part in [
            "'strict-dynamic'",
            "'wasm-unsafe-eval'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
        let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0.to_owned();
        for script in page.body.split("<script").skip(1) {
            assert!(script.contains(&format!("nonce=\"{nonce}\"")), "{path}: a script without the nonce");
        }
        assert!(nonce.len() >= 22 && nonces.insert(nonce), "a nonce is used once");
    }
}

#[tokio::test]
async fn hd_02_forms_may_lead_to_the_providers_and_nowhere_else() {
    let server = TestServer::with(&[("AUTH_GITHUB_ID", "a"), ("AUTH_GITHUB_SECRET", "b")]).await;
    let page = server.browser().get("/signin").await;
    let policy = page.header("content-security-policy");
    let targets = policy.split_once("form-action ").unwrap().1;
    assert!(targets.contains("https://github.com") && targets.contains("'self'"), "{policy}");
    assert!(!targets.contains('*'));
}

#[tokio::test]
async fn hd_04_hsts_on_https_only() {
    let plain = TestServer::start().await;
    assert!(
        one_of_each(&plain)
            .await
            .iter()
            .all(|(_, answer)| answer.header("strict-transport-security").is_empty())
    );
    let secure = TestServer::with(&[("AUTH_URL", "https://app.test")]).await;
    for (path, answer) in one_of_each(&secure).await {
        let value = answer.header("strict-transport-security");
        let age =
            value.split_once("max-age=").and_then(|(_, rest)| rest.split(';').next()?.parse::<u64>().ok());
        assert!(
            age.is_some_and(|age| age >= 31_536_000) && value.contains("includeSubDomains"),
            "{path}: {value}"
        );
    }
}

#[tokio::test]
async fn hd_06_what_depends_on_the_visitor_is_not_stored() {
    let server = TestServer::start().await;
    for (path, answer) in one_of_each(&server).await {
        let is_file = path.starts_with("/pkg/") || path == "/favicon.svg";
        let stored = !answer.header("cache-control").contains("no-store");
        assert_eq!(stored, is_file, "{path}: {}", answer.header("cache-control"));
        assert!(is_file || answer.header("vary").contains("Cookie"), "{path}");
        assert!(answer.set_cookies().is_empty() || !stored, "{path}");
    }
    let mut browser = server.browser();
    let callback = sign_in_demo(&mut browser).await;
    assert!(callback.header("cache-control").contains("no-store"));
    assert!(browser.get("/account").await.header("cache-control").contains("no-store"));
}

#[tokio::test]
async fn hd_07_static_files() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for (path, kind, cache) in [
        ("/pkg/leptos-auth.aaaa.js", "text/javascript", "public, max-age=31536000, immutable"),
        ("/pkg/leptos-auth.bbbb.wasm", "application/wasm", "public, max-age=31536000, immutable"),
        ("/pkg/leptos-auth.cccc.css", "text/css", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "image/svg+xml", "public, no-cache"),
    ] {
        let file = browser.get(path).await;
        assert_eq!(file.status, 200, "{path}");
        assert!(file.header("content-type").starts_with(kind), "{path}: {}", file.header("content-type"));
        assert_eq!(file.header("cache-control"), cache, "{path}");
    }
    let compressed = browser.get_with("/pkg/leptos-auth.cccc.css", &[("accept-encoding", "br")]).await;
    assert_eq!((compressed.header("content-encoding"), compressed.body.as_str()), ("br", "compressed"));
    for path in [
        "/.env",
        "/%2eenv",
        "/pkg/",
        "/pkg",
        "/pkg/..%2f.env",
        "/pkg/..%2f..%2ftest.db",
        "/..%2ftest.db",
        "/test.db",
        "/pkg/hash.txt",
        "/pkg/leptos-auth.aaaa.js.map",
        "/pkg/%00.js",
        "/Cargo.toml",
        "/.git/config",
        "/pkg/%252e%252e%252f.env",
        "/pkg/..%5c.env",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.body.contains("canary") && !answer.body.contains("aaaa\n"), "{path}");
    }
    let page = browser.get("/").await;
    assert!(
        page.body.contains("/pkg/leptos-auth.aaaa.js") && page.body.contains("/pkg/leptos-auth.bbbb.wasm")
    );
}

#[tokio::test]
async fn hd_08_nobody_learns_what_runs_here() {
    let server = TestServer::start().await;
    for (path, answer) in one_of_each(&server).await {
        assert!(answer.header("server").is_empty() && answer.header("x-powered-by").is_empty(), "{path}");
    }
}
