//! The target of a sign-in: the requested page, whatever happened in between, and never another site (see
//! `redirects.rs`).

use crate::support::{Answer, Browser, TestServer, query, sign_in_demo, sign_in_email, start_dev};

const WANTED: &str = "/account?tab=7&q=a%26b%2Bc";
const DEMO: [(&str, &str); 2] = [("username", "demo"), ("password", "demo-password")];

/// Returns the `callbackUrl` of the first form of a page.
fn form_target(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    let (_, rest) =
        page.body.split_once("name=\"callbackUrl\" value=\"").unwrap_or_else(|| panic!("no form: {page:?}"));
    rest.split_once('"').unwrap().0.replace("&amp;", "&")
}

/// Follows redirects within the site to a page with a form; from a page without a form, follows the link to the sign-in page.
async fn next_form(browser: &mut Browser, answer: &Answer) -> String {
    let mut page = browser.get(answer.location()).await;
    if !page.body.contains("name=\"callbackUrl\"") {
        // In the page's content, because its header has a separate link.
        let (_, content) = page.body.split_once("<main").unwrap_or_else(|| panic!("no page: {page:?}"));
        let at = content.find("href=\"/signin").unwrap_or_else(|| panic!("no sign-in link: {page:?}")) + 6;
        let href = content[at..].split_once('"').unwrap().0.replace("&amp;", "&");
        page = browser.get(&href).await;
    }
    form_target(&page)
}

fn wanted(server: &TestServer) -> String {
    format!("{}{WANTED}", server.origin)
}

#[tokio::test]
async fn i_03_a_page_reads_its_query_once() {
    let server = TestServer::start().await;
    for target in [
        "/account?q=a%26b",
        "/account?q=50%25",
        "/account?q=a%2Bb",
        "/account?q=a%23b",
        "/account?next=%2Fdoc%3Fid%3D7%26v%3D2",
        "/a%41b",
        "/account?q=%2541",
    ] {
        let mut browser = server.browser();
        let guarded = browser.get(&format!("/account?back={}", target.len())).await;
        assert!(guarded.location().contains("error=SessionRequired"), "control: {guarded:?}");
        let encoded: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        for page in ["/signin", "/signup"] {
            let form = form_target(&browser.get(&format!("{page}?callbackUrl={encoded}")).await);
            assert_eq!(form, format!("{}{target}", server.origin), "{page}");
        }
        // The links between these pages keep the target.
        let page = browser.get(&format!("/signin?callbackUrl={encoded}")).await;
        for start in ["/signup?", "/signin?", "/forgot-password?"] {
            let at =
                page.body.find(&format!("href=\"{start}")).unwrap_or_else(|| panic!("{start}: {page:?}")) + 6;
            let href = page.body[at..].split_once('"').unwrap().0.replace("&amp;", "&");
            assert_eq!(
                form_target(&browser.get(&href).await),
                format!("{}{target}", server.origin),
                "{href}"
            );
        }
    }
    let mut browser = server.browser();
    let guarded = browser.get("/account?q=a%26b").await;
    let page = browser.get(guarded.location()).await;
    let form = form_target(&page);
    let answer = browser
        .submit("/api/auth/callback/credentials", &[&DEMO[..], &[("callbackUrl", &form)]].concat())
        .await;
    let landed = query(answer.location(), "callbackUrl").unwrap();
    assert_eq!(landed, format!("{}/account?q=a%26b", server.origin));
}

#[tokio::test]
async fn i_03_the_link_of_an_email_works_for_every_address() {
    for address in [
        "a%41b@example.com",
        "a+b@example.com",
        "a%26b@example.com",
        "a%2bb@example.com",
        "a%25b@example.com",
        "a%23b@example.com",
        "a&b@example.com",
        "a#b@example.com",
    ] {
        let server = TestServer::start().await;
        let mut browser = server.browser();
        browser.submit("/api/auth/signin/email", &[("email", address)]).await;
        let mail = server.mail_to(address).await;
        let landing = browser.get(mail.link()).await;
        let page = browser.get(landing.location()).await;
        let field = |name: &str| {
            let (_, rest) = page
                .body
                .split_once(&format!("name=\"{name}\" value=\""))
                .unwrap_or_else(|| panic!("{page:?}"));
            rest.split_once('"').unwrap().0.replace("&amp;", "&").replace("&#x27;", "'")
        };
        assert_eq!(field("email"), address);
        let (token, email) = (field("token"), field("email"));
        let answer =
            browser.submit("/api/auth/callback/email", &[("token", &token), ("email", &email)]).await;
        answer.assert_signed_in();
        assert_eq!(browser.who().await["user"]["email"], address);
    }
}

#[tokio::test]
async fn i_04_a_try_that_failed_leaves_the_page_that_was_asked_for() {
    let server = TestServer::start().await;
    let tries: [(&str, &[(&str, &str)]); 8] = [
        ("/api/auth/callback/credentials", &[("username", "demo"), ("password", "wrong")]),
        ("/api/auth/callback/password", &[("email", "ada@example.com"), ("password", "wrong wrong wrong")]),
        ("/api/auth/signin/email", &[("email", "not an address")]),
        ("/api/auth/signup", &[("email", "not an address"), ("password", "a bicycle for the mind")]),
        ("/api/auth/signup", &[("email", "ada@example.com"), ("password", "password")]),
        ("/api/auth/forgot-password", &[("email", "not an address")]),
        ("/api/auth/callback/email", &[("token", "x"), ("email", "ada@example.com")]),
        ("/api/auth/callback/passkey", &[("action", "authenticate"), ("data", "{}")]),
    ];
    for (path, form) in tries {
        let mut browser = server.browser();
        let form = [form, &[("callbackUrl", WANTED)]].concat();
        let refused = browser.submit(path, &form).await;
        refused.assert_denied();
        assert_eq!(next_form(&mut browser, &refused).await, wanted(&server), "{path}: {refused:?}");
        // A form that was open too long.
        let stale = browser.post(path, &[&form[..], &[("csrfToken", "x")]].concat()).await;
        assert_eq!(stale.error().as_deref(), Some("MissingCSRF"), "{stale:?}");
        assert_eq!(next_form(&mut browser, &stale).await, wanted(&server), "{path}: {stale:?}");
    }
    let mut browser = server.browser();
    let evil = [&DEMO[..1], &[("password", "wrong"), ("callbackUrl", "https://evil.test/")]].concat();
    let refused = browser.submit("/api/auth/callback/credentials", &evil).await;
    assert!(!refused.location().contains("evil"), "{refused:?}");
    assert_eq!(next_form(&mut browser, &refused).await, format!("{}/", server.origin), "control");
}

#[tokio::test]
async fn i_04_a_provider_that_says_no_leaves_it_too() {
    let server = TestServer::start().await;
    let begin = async |browser: &mut Browser| {
        let started = browser.submit("/api/auth/signin/dev", &[("callbackUrl", WANTED)]).await;
        query(started.location(), "state").unwrap()
    };
    for answer in ["code=wrong", "error=server_error", "error=access_denied", "error=temporarily_unavailable"]
    {
        let mut browser = server.browser();
        let state = begin(&mut browser).await;
        let refused = browser.get(&format!("/api/auth/callback/dev?{answer}&state={state}")).await;
        refused.assert_denied();
        assert_eq!(next_form(&mut browser, &refused).await, wanted(&server), "{answer}: {refused:?}");
    }
    let mut browser = server.browser();
    begin(&mut browser).await;
    let refused = browser.get("/api/auth/callback/dev?code=x&state=another").await;
    refused.assert_denied();
    assert_eq!(next_form(&mut browser, &refused).await, wanted(&server), "another state: {refused:?}");

    let mut browser = server.browser();
    let state = begin(&mut browser).await;
    server.set_later(16 * 60);
    let refused = browser.get(&format!("/api/auth/callback/dev?code=x&state={state}")).await;
    refused.assert_denied();
    assert_eq!(next_form(&mut browser, &refused).await, wanted(&server), "too late: {refused:?}");

    // After a successful sign-in no target is remembered.
    server.set_later(0);
    let back = start_dev(&mut browser, "ada").await;
    browser.get(&back).await.assert_signed_in();
    assert_eq!(form_target(&server.browser().get("/signin").await), format!("{}/", server.origin));
    assert!(!browser.jar.contains_key("authjs.callback-url"), "{:?}", browser.jar);
}

#[tokio::test]
async fn i_04_a_page_without_a_target_goes_on_where_the_last_try_was_to_lead() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit("/api/auth/signin/dev", &[("callbackUrl", WANTED)]).await;
    for page in ["/signin", "/signup", "/forgot-password", "/signin?error=AccessDenied"] {
        assert_eq!(form_target(&browser.get(page).await), wanted(&server), "{page}");
    }
    // The target in the address takes precedence, and a page that begins no sign-in ignores the remembered one.
    assert_eq!(
        form_target(&browser.get("/signin?callbackUrl=%2Fother").await),
        format!("{}/other", server.origin)
    );
    let mut signed_in = browser.clone();
    sign_in_email(&server, &mut signed_in, "ada@example.com").await;
    signed_in.jar.insert("authjs.callback-url".to_owned(), "%2Faccount".to_owned());
    assert_eq!(form_target(&signed_in.get("/signout").await), format!("{}/", server.origin));
    for planted in ["%2F%2Fevil.test", "https%3A%2F%2Fevil.test", "%00", "%ff"] {
        browser.jar.insert("authjs.callback-url".to_owned(), planted.to_owned());
        assert_eq!(form_target(&browser.get("/signin").await), format!("{}/", server.origin), "{planted}");
    }
}

#[tokio::test]
async fn f_b5_no_target_makes_a_cookie_that_browsers_refuse() {
    let server = TestServer::start().await;
    for (text, is_kept) in [("a", true), ("é", false), ("👩", false), ("/", true), ("%C3%A9", false)] {
        let target = format!("/account?q={}", text.repeat(1000 / text.len().min(2)));
        let mut browser = server.browser();
        let expected =
            if is_kept { format!("{}{target}", server.origin) } else { format!("{}/", server.origin) };

        let started = browser.submit("/api/auth/signin/dev", &[("callbackUrl", &target)]).await;
        assert_stored(&started);
        let (_, request) = started.location().split_once('?').unwrap();
        let decided = browser.post("/dev/idp/authorize", &[("request", request), ("persona", "ada")]).await;
        let answer = browser.get(decided.location()).await;
        answer.assert_signed_in();
        assert_eq!(
            query(answer.location(), "callbackUrl").unwrap_or(answer.location().to_owned()),
            expected,
            "{text}"
        );

        let mut browser = server.browser();
        let name = "é".repeat(100);
        let form = [
            ("email", "ada.lovelace@example.com"),
            ("password", "a bicycle for the mind"),
            ("name", &name),
            ("callbackUrl", &target),
        ];
        let asked = browser.submit("/api/auth/signup", &form).await;
        assert!(asked.location().contains("/verify-request"), "{asked:?}");
        assert_stored(&asked);
        server.execute("DELETE FROM attempts").await;
    }
}

/// Browsers store at most 4096 bytes of name, value and attributes (RFC 6265bis section 5.6).
#[track_caller]
fn assert_stored(answer: &Answer) {
    assert!(!answer.set_cookies().is_empty());
    for cookie in answer.set_cookies() {
        assert!(cookie.len() <= 4096, "{} bytes: {cookie}", cookie.len());
    }
}

#[tokio::test]
async fn i_09_a_form_that_leads_to_another_origin_is_answered_by_a_page_of_ours() {
    let changes = [("AUTH_GITHUB_ID", "a"), ("AUTH_GITHUB_SECRET", "b")];
    let server = TestServer::with(&changes).await;
    let navigates =
        [("sec-fetch-mode", "navigate"), ("sec-fetch-site", "same-origin"), ("accept", "text/html")];
    let mut browser = server.browser();
    let page =
        browser.submit_with("/api/auth/signin/github", &navigates, &[("callbackUrl", "/account")]).await;
    assert_eq!(
        (page.status, page.header("content-type"), page.location()),
        (200, "text/html; charset=utf-8", "")
    );
    assert!(page.header("cache-control").contains("no-store"), "{page:?}");
    let refresh = "http-equiv=\"refresh\" content=\"0;url=https://github.com/login/oauth/authorize?";
    assert!(page.body.contains(refresh) && page.body.contains("<a href=\"https://github.com/"), "{page:?}");
    assert!(!page.body.contains("<script"), "{page:?}");
    assert!(browser.jar.keys().any(|name| name.contains("transaction")), "the page sets the cookies");

    // Programs, the clients of Auth.js and browsers without Fetch Metadata get the same response as before.
    let plain = server.browser().submit("/api/auth/signin/github", &[]).await;
    assert_eq!(plain.status, 302);
    assert!(plain.location().starts_with("https://github.com/login/oauth/authorize?"), "{plain:?}");
    let v5 = [("x-auth-return-redirect", "1"), ("sec-fetch-mode", "cors"), ("sec-fetch-site", "same-origin")];
    let v5 = server.browser().submit_with("/api/auth/signin/github", &v5, &[]).await;
    assert!(v5.json()["url"].as_str().unwrap().starts_with("https://github.com/"), "{v5:?}");
    let own =
        browser.submit_with("/api/auth/signin/email", &navigates, &[("email", "ada@example.com")]).await;
    assert_eq!(own.status, 302, "no intermediate page for a page on this site: {own:?}");
    sign_in_demo(&mut browser).await;
}
