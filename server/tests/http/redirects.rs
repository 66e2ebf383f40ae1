//! Open redirects (RD rows): each target, tried at every place that takes one. Wherever the browser ends up, it is on
//! this site.

use crate::support::{Answer, Browser, TestServer, query, sign_in_demo, start_dev};

/// Tries one target everywhere. The test's own origin stands for `{origin}`, its host for `{host}`.
async fn assert_stays(server: &TestServer, target: &str) {
    let host = server.origin.split_once("://").unwrap().1;
    let target = target.replace("{origin}", &server.origin).replace("{host}", host);
    let target = target.as_str();
    // Twice for each target the demo user signs in: more than the limit allows.
    server.execute("DELETE FROM attempts").await;
    for landed in [
        sign_in_by_body(server, target).await,
        sign_in_by_cookie(server, target).await,
        sign_out(server, target).await,
        provider(server, target).await,
        json_answer(server, target).await,
        page_form(server, target).await,
    ] {
        assert_own(server, &landed, target);
    }
}

/// On this site, whoever reads the address: as a URL, and as a path.
#[track_caller]
fn assert_own(server: &TestServer, landed: &str, target: &str) {
    let url = url::Url::parse(landed).unwrap_or_else(|_| panic!("{target:?} became {landed:?}"));
    assert_eq!(url.origin().ascii_serialization(), server.origin, "{target:?} became {landed:?}");
    let rest = landed.strip_prefix(&server.origin).unwrap();
    assert!(
        rest.starts_with('/') && !rest.starts_with("//") && !rest.starts_with("/\\"),
        "{target:?}: {landed:?}"
    );
}

/// Where a finished sign-in leads: through the page for new users, if it is one.
fn landed(answer: &Answer) -> String {
    assert!(answer.signs_in(), "{answer:?}");
    query(answer.location(), "callbackUrl").unwrap_or_else(|| answer.location().to_owned())
}

async fn sign_in_by_body(server: &TestServer, target: &str) -> String {
    let form = [("username", "demo"), ("password", "demo-password"), ("callbackUrl", target)];
    landed(&server.browser().submit("/api/auth/callback/credentials", &form).await)
}

async fn sign_in_by_cookie(server: &TestServer, target: &str) -> String {
    let mut browser = server.browser();
    let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
    browser.jar.insert("authjs.callback-url".to_owned(), encoded.replace('+', "%20"));
    landed(&sign_in_demo(&mut browser).await)
}

async fn sign_out(server: &TestServer, target: &str) -> String {
    let answer = server.browser().submit("/api/auth/signout", &[("callbackUrl", target)]).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    answer.location().to_owned()
}

async fn provider(server: &TestServer, target: &str) -> String {
    let mut browser = server.browser();
    let started = browser.submit("/api/auth/signin/dev", &[("callbackUrl", target)]).await;
    let (_, request) = started.location().split_once('?').unwrap();
    let decided = browser.post("/dev/idp/authorize", &[("request", request), ("persona", "ada")]).await;
    landed(&browser.get(decided.location()).await)
}

async fn json_answer(server: &TestServer, target: &str) -> String {
    let headers = [("x-auth-return-redirect", "1")];
    let answer =
        server.browser().submit_with("/api/auth/signout", &headers, &[("callbackUrl", target)]).await;
    answer.json()["url"].as_str().unwrap().to_owned()
}

/// The sign-in page writes the target into its forms.
async fn page_form(server: &TestServer, target: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
    let page = server.browser().get(&format!("/signin?callbackUrl={encoded}")).await;
    assert_eq!(page.status, 200);
    let (_, rest) = page.body.split_once("name=\"callbackUrl\" value=\"").expect("a field");
    rest.split_once('"').unwrap().0.replace("&amp;", "&").replace("&#x27;", "'")
}

macro_rules! rows {
    ($($name:ident: [$($target:expr),+ $(,)?];)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                let server = TestServer::with(&[("AUTH_SESSION", "jwt")]).await;
                for target in [$($target),+] {
                    assert_stays(&server, target).await;
                }
            }
        )+
    };
}

rows! {
    rd_01_other_sites: ["https://evil.test/", "http://evil.test", "HTTPS://EVIL.test"];
    rd_02_two_slashes: ["//evil.test", "///evil.test", "////evil.test/.."];
    rd_03_backslash_hosts: ["/\\evil.test", "\\/evil.test", "\\\\evil.test", "/\\/evil.test", "/%5cevil.test", "/%255cevil.test"];
    rd_04_missing_slashes: ["https:evil.test", "https:/evil.test", "https:\\evil.test", "http:////evil.test"];
    rd_05_user_names: ["{origin}@evil.test", "{origin}:443@evil.test/", "{origin}%40evil.test", "@evil.test"];
    rd_06_look_alikes: ["{origin}.evil.test", "{origin}evil", "https://evil.test/{host}", "https://evil.test?{host}", "https://evil.test#{host}"];
    rd_08_encoded: ["%2f%2fevil.test", "%252f%252fevil.test", "/%2fevil.test", "/%2e%2e//evil.test", "/.//evil.test", "/;//evil.test"];
    rd_09_paths: ["/..//evil.test", "/foo/../..//evil.test", "/foo//../../\\evil.test", ".//evil.test", "./\\evil.test"];
    rd_10_schemes: [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "javascript://{host}/%0aalert(1)",
        "data:text/html,x", "vbscript:x", "blob:{origin}/x", "file:///etc/passwd", "view-source:x", "intent:x",
    ];
    rd_11_unicode: ["https://app。test", "https://ａpp.test", "／／evil.test", "https://evil。test", "https://ⓔvil.test", "/\u{ad}/evil.test", "\u{200f}//evil.test"];
    rd_12_punycode: ["https://xn--app-.test", "http://localhost.xn--", "http://localhost./"];
    rd_13_ports: ["http://localhost:1", "https://{host}", "http://localhost"];
    rd_14_numbers: ["http://[::ffff:127.0.0.1]", "http://2130706433", "http://0x7f.1", "http://[evil"];
    rd_17_sub_domains: ["http://x.localhost", "http://x.{host}"];
    rd_18_the_api_itself: [
        "/api/auth/signout?callbackUrl=//evil.test", "/api/auth/signin?callbackUrl=/api/auth/signin?callbackUrl=//evil.test",
    ];
    rd_20_fragments: ["/#//evil.test", "/ok#@evil"];
    rd_22_malformed: ["http://", "http:///", "://", "[", "http://a b", "", "/ok\r\nSet-Cookie: evil=1"];
}

#[tokio::test]
async fn rd_control_own_pages_are_kept() {
    let server = TestServer::start_jwt().await;
    for target in ["/account", "/account?tab=1#devices"] {
        let expected = format!("{}{target}", server.origin);
        assert_eq!(sign_in_by_body(&server, target).await, expected);
        assert_eq!(sign_in_by_body(&server, &expected).await, expected);
        assert_eq!(sign_in_by_cookie(&server, target).await, expected);
        assert_eq!(sign_out(&server, target).await, expected);
        assert_eq!(provider(&server, target).await, expected);
        assert_eq!(json_answer(&server, target).await, expected);
        assert_eq!(page_form(&server, target).await, expected);
    }
}

#[tokio::test]
async fn rd_15_the_first_place_decides() {
    let server = TestServer::start_jwt().await;
    let mut browser = server.browser();
    let form = [("username", "demo"), ("password", "demo-password"), ("callbackUrl", "//evil.test")];
    let answer = browser.submit("/api/auth/callback/credentials?callbackUrl=%2Faccount", &form).await;
    assert_own(&server, &landed(&answer), "body");
    let form = [("username", "demo"), ("password", "demo-password"), ("callbackUrl", "/account")];
    let mut browser: Browser = server.browser();
    browser.jar.insert("authjs.callback-url".to_owned(), "%2F%2Fevil.test".to_owned());
    let answer = browser.submit("/api/auth/callback/credentials", &form).await;
    assert_eq!(landed(&answer), format!("{}/account", server.origin));
    let token = browser.csrf().await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", server.origin.as_str())];
    let body = format!("csrfToken={token}&callbackUrl=/ok&callbackUrl=//evil.test").into_bytes();
    let twice = browser.send(http::Method::POST, "/api/auth/signout", &headers, body).await;
    assert_eq!(twice.status, 400);
}

#[tokio::test]
async fn rd_19_long_and_broken_targets_are_quick() {
    let server = TestServer::start_jwt().await;
    for target in ["a".repeat(60_000), format!("/{}", "../".repeat(10_000))] {
        let answer = server.browser().submit("/api/auth/signout", &[("callbackUrl", &target)]).await;
        assert_eq!(answer.location(), format!("{}/", server.origin));
    }
    let mut browser = server.browser();
    let token = browser.csrf().await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", server.origin.as_str())];
    for target in ["%ff%fe", "%ed%a0%80"] {
        let body = format!("csrfToken={token}&callbackUrl={target}").into_bytes();
        assert_eq!(browser.send(http::Method::POST, "/api/auth/signout", &headers, body).await.status, 400);
    }
}

#[tokio::test]
async fn rd_21_the_target_cannot_be_changed_on_the_way() {
    let server = TestServer::start_jwt().await;
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    let answer = browser.get(&format!("{back}&callbackUrl=https%3A%2F%2Fevil.test")).await;
    assert_eq!(landed(&answer), format!("{}/account", server.origin));
}
