//! What `docs/customizing.md` says one can change by variables: the look, and pages of one's own.

use crate::support::{TestServer, sign_in_demo};

#[tokio::test]
async fn the_theme_is_in_the_page_and_its_policy() {
    let server = TestServer::with(&[
        ("AUTH_THEME_BRAND_COLOR", "#b00"),
        ("AUTH_THEME_RADIUS", "0"),
        ("AUTH_THEME_FONT", "Georgia, serif"),
        ("AUTH_THEME_LOGO", "/favicon.svg"),
        ("AUTH_THEME_COLOR_SCHEME", "dark"),
    ])
    .await;
    let page = server.browser().get("/signin").await;
    let policy = page.header("content-security-policy").to_owned();
    let nonce = policy.split("style-src 'self' 'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
    let nonce = nonce.unwrap_or_else(|| panic!("{policy}"));
    let style = format!(
        "<style nonce=\"{nonce}\">:root{{--color-brand:#bb0000;--radius:0;--font-sans:Georgia, serif;}}</style>"
    );
    assert!(page.body.contains(&style), "{}", page.body);
    assert!(page.body.contains("<img src=\"/favicon.svg\" alt=\"\" height=\"32\">"));
    assert!(page.body.contains("data-theme=\"dark\"") && !page.body.contains("/api/fn/set_theme"));
    assert!(!policy.contains("unsafe-inline"));

    let plain = TestServer::start().await;
    let control = plain.browser().get("/signin").await;
    assert!(!control.body.contains("<style") && control.body.contains("/api/fn/set_theme"));
    assert!(control.header("content-security-policy").contains("style-src 'self';"));
}

#[tokio::test]
async fn a_page_of_your_own_stands_in_for_the_starters() {
    // Both lead to pages that there are, so that this sees what a person would.
    let variables = [("AUTH_PAGES_SIGN_IN", "/verify-request"), ("AUTH_PAGES_ERROR", "/welcome")];
    let server = TestServer::with(&variables).await;
    let mut browser = server.browser();
    let moved = browser.get("/signin?callbackUrl=%2Faccount&error=AccessDenied").await;
    assert_eq!(moved.status, 307);
    assert_eq!(moved.location(), "/verify-request?callbackUrl=%2Faccount&error=AccessDenied");
    let by_api = browser.get("/api/auth/signin?callbackUrl=%2Faccount").await;
    assert!(by_api.location().ends_with("/verify-request?callbackUrl=%2Faccount"), "{by_api:?}");
    let error = browser.get("/api/auth/error?error=AccessDenied").await;
    assert!(error.location().ends_with("/welcome?error=AccessDenied"), "{error:?}");
    let guarded = browser.get("/account").await;
    let sign_in = browser.get(guarded.location()).await;
    assert!(sign_in.location().starts_with("/verify-request?"), "{sign_in:?}");
    sign_in_demo(&mut browser).await;

    let plain = TestServer::start().await;
    let mut control = plain.browser();
    assert_eq!(control.get("/signin").await.status, 200);
    assert!(control.get("/api/auth/signin").await.location().ends_with("/signin"));
}
