//! The inbox and the pages of the development provider: available in development, missing in production mode.

use crate::support::{SECRET, TestServer};

const DEV: [&str; 8] = [
    "/dev/inbox",
    "/dev/inbox.json",
    "/dev/idp/.well-known/openid-configuration",
    "/dev/idp/jwks",
    "/dev/idp/authorize",
    "/dev/gallery",
    "/dev/gallery/empty",
    "/api/fn/dev_status",
];

#[tokio::test]
async fn the_inbox_shows_what_was_sent() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit("/api/auth/signin/email", &[("email", "o'hara@example.com")]).await;
    let list = browser.get("/dev/inbox").await;
    assert!(list.body.contains("o&#39;hara@example.com") && list.body.contains("http-equiv=\"refresh\""));
    let mail = browser.get("/dev/inbox/1").await;
    assert!(
        mail.body.contains("<iframe")
            && mail.body.contains("sandbox=")
            && mail.body.contains("<dt>Subject</dt>")
    );
    assert!(!mail.header("content-security-policy").contains("unsafe-inline"));
    let frame = browser.get("/dev/inbox/1/html").await;
    assert!(frame.body.contains("<base target=\"_top\">"));
    let policy = frame.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("sandbox")
            && !policy.contains("allow-scripts")
    );
    assert_eq!(frame.header("x-frame-options"), "SAMEORIGIN");
    assert_eq!(browser.get("/dev/inbox/99").await.status, 404);
    assert_eq!(browser.get("/dev/inbox/x").await.status, 400);
}

#[tokio::test]
async fn a_foreign_host_name_opens_no_development_page() {
    let server = TestServer::start().await;
    for path in ["/dev/inbox.json", "/dev/inbox", "/dev/idp/jwks", "/api/fn/dev_status"] {
        let rebound = server.browser().get_with(path, &[("host", "evil.test")]).await;
        assert_eq!(rebound.status, 404, "{path}");
        assert_eq!(server.browser().get(path).await.status, 200, "control");
    }
}

#[tokio::test]
async fn f_a12_op_13_production_mode_has_nothing_of_it() {
    let server = TestServer::with(&[
        ("AUTH_ENV", "production"),
        ("AUTH_URL", "https://app.test"),
        ("AUTH_SECRET", SECRET),
    ])
    .await;
    for path in DEV {
        assert_eq!(server.browser().get(path).await.status, 404, "{path}");
    }
    let home = |page: &str| page.contains("In development") || page.contains("/dev/");
    assert!(!home(&server.browser().get("/").await.body), "the front page shows nothing of it");
    let providers = server.browser().get("/api/auth/providers").await.json();
    let ids: Vec<_> = providers.as_object().unwrap().keys().collect();
    let expected: &[&str] = if cfg!(feature = "passkey") { &["passkey"] } else { &[] };
    assert_eq!(ids, expected, "what needs nothing to be set");
    let form = [("username", "demo"), ("password", "demo-password")];
    let mut browser = server.browser();
    assert_eq!(browser.submit("/api/auth/callback/credentials", &form).await.status, 404);
    let development = TestServer::start().await;
    for path in ["/dev/inbox", "/api/fn/dev_status"] {
        assert_eq!(development.browser().get(path).await.status, 200, "control: {path}");
    }
    assert!(home(&development.browser().get("/").await.body), "control");
}
