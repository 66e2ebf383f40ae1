//! Sign-in by email: the link and the code (EM and ML rows).

use http::Method;

use crate::support::{Rows, TestServer, query, sign_in_demo, sign_in_email};

const ASK: &str = "/api/auth/signin/email";
const PROVE: &str = "/api/auth/callback/email";

#[tokio::test]
async fn the_link_signs_in() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let asked = browser.submit(ASK, &[("email", "ada@example.com"), ("callbackUrl", "/account")]).await;
    assert!(asked.location().starts_with(&format!("{}/verify-request", server.origin)));
    assert_eq!(server.rows().await.tokens, 1);
    let mail = server.mail_to("ada@example.com").await;
    let landing = browser.get(mail.link()).await;
    assert!(landing.location().starts_with(&format!("{}/signin/email-link?", server.origin)), "{landing:?}");
    let page = browser.get(landing.location()).await;
    assert!(page.body.contains("ada@example.com") && page.body.contains("Sign in as"));
    assert_eq!(server.rows().await.tokens, 1, "a GET consumes nothing");
    let form = mail.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit(PROVE, &form).await;
    let welcome = answer.location();
    assert!(welcome.contains("/welcome?"), "{answer:?}");
    assert_eq!(query(welcome, "callbackUrl").unwrap(), format!("{}/account", server.origin));
    assert_eq!(server.rows().await, Rows { users: 1, accounts: 0, sessions: 1, tokens: 0 });
    assert_eq!(browser.who().await["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn the_typed_code_signs_in_the_browser_that_asked() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let code = server.mail_to("ada@example.com").await.code();
    let typed = format!("{} - {}", &code[..4], &code[4..]);
    let stranger = server.browser().submit(PROVE, &[("code", &code)]).await;
    stranger.assert_denied();
    assert!(stranger.location().contains("/verify-request?error=Verification"));
    assert!(browser.submit(PROVE, &[("code", &typed)]).await.signs_in());
    let again = browser.submit(PROVE, &[("code", &code)]).await;
    again.assert_denied();
}

/// Returns a code in the digits of another script.
fn in_digits(code: &str, zero: char) -> String {
    code.chars().map(|c| char::from_u32(u32::from(zero) + c.to_digit(10).unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn i_10_the_code_is_taken_in_any_digits_and_however_it_was_copied() {
    let server = TestServer::start().await;
    let scripts =
        ['٠', '۰', '０', '०', '০', '๐', '૦', '០', '𝟎'].map(|zero| move |code: &str| in_digits(code, zero));
    type Way = Box<dyn Fn(&str) -> String>;
    let mut ways: Vec<Way> = Vec::new();
    ways.extend(scripts.map(|way| Box::new(way) as Box<dyn Fn(&str) -> String>));
    for between in ["\u{2010}", "\u{2011}", "\u{2013}", "\u{2014}", "\u{2212}", "\u{a0}", " - "] {
        ways.push(Box::new(move |code: &str| format!("{}{between}{}", &code[..4], &code[4..])));
    }
    for (before, after) in
        [("\u{202a}", "\u{202c}"), ("\u{200e}", ""), ("\u{feff}", "\u{200b}"), ("\u{2067}", "\u{2069}")]
    {
        ways.push(Box::new(move |code: &str| format!("{before}{code}{after}")));
    }
    for way in ways {
        server.execute("DELETE FROM attempts").await;
        let mut browser = server.browser();
        browser.submit(ASK, &[("email", "ada@example.com")]).await;
        let typed = way(&server.mail_to("ada@example.com").await.code());
        assert!(browser.submit(PROVE, &[("code", &typed)]).await.signs_in(), "{typed:?}");
    }
}

#[tokio::test]
async fn i_10_a_wrong_code_in_other_digits_is_one_try() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let code = server.mail_to("ada@example.com").await.code();
    let wrong = if code.starts_with('1') { "٢٢٢٢٢٢٢٢" } else { "١١١١١١١١" };
    for _ in 0..4 {
        browser.submit(PROVE, &[("code", wrong)]).await.assert_denied();
    }
    assert!(browser.submit(PROVE, &[("code", &in_digits(&code, '٠'))]).await.signs_in(), "the fifth attempt");
}

#[tokio::test]
async fn i_16_a_link_that_was_changed_on_the_way_works_or_says_so() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com"), ("callbackUrl", "/account")]).await;
    let mail = server.mail_to("ada@example.com").await;
    let (link, token) = (mail.link().to_owned(), mail.token());
    let open = async |link: String| {
        let mut browser = browser.clone();
        let landing = browser.get(&link).await;
        browser.get(landing.location()).await.body
    };
    let cut = token.len() / 2;
    let broken = |with: &str| link.replace(&token, &format!("{}{with}{}", &token[..cut], &token[cut..]));
    for harmless in [
        link.clone(),
        link.replace('&', "&amp;"),
        link.replace('&', "&AMP;"),
        link.replace('&', "&amp;amp;"),
        link.replace('&', "%26amp%3B"),
        format!("{link}."),
        format!("{link})"),
        format!("{link},"),
        format!("{link}%3E"),
        format!("{link}%22"),
        link.replace('=', "=3D"),
        broken("%0D%0A"),
        broken("=%0D%0A"),
    ] {
        let page = open(harmless.clone()).await;
        let has = |text: &str| page.contains(text);
        assert!(has(&format!("value=\"{token}\"")) && has("value=\"ada@example.com\""), "{harmless}: {page}");
        assert!(has(&format!("value=\"{}/account\"", server.origin)), "{harmless}");
    }
    for (what, damaged) in [
        ("cut", link[..link.find(&token).unwrap() + 20].to_owned()),
        ("without token", link.replace(&format!("token={token}&"), "")),
        ("without address", link.split("&email=").next().unwrap().to_owned()),
        ("shorter token", link.replace(&token, &token[..30])),
    ] {
        let page = open(damaged.clone()).await;
        assert!(page.contains("This link is incomplete"), "{what}: {page}");
        assert!(page.contains("href=\"/verify-request\"") && page.contains("href=\"/signin"), "{what}");
        let elsewhere = server
            .browser()
            .get(&damaged.replace("/api/auth/callback/email", "/signin/email-link"))
            .await
            .body;
        assert!(
            elsewhere.contains("This link is incomplete") && !elsewhere.contains("href=\"/verify-request\""),
            "{what}"
        );
    }
    let form = mail.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(browser.submit(PROVE, &form).await.signs_in(), "control: nothing was used up");
}

#[tokio::test]
async fn i_25_the_page_takes_the_addresses_that_the_server_takes() {
    let server = TestServer::start().await;
    for path in ["/signin", "/signup", "/forgot-password"] {
        let page = server.browser().get(path).await.body;
        let (_, field) = page.split_once("name=\"email\"").unwrap();
        let field = field.split_once('>').unwrap().0;
        for part in ["type=\"text\"", "inputmode=\"email\"", "autocomplete=\""] {
            assert!(field.contains(part), "{path}: {field}");
        }
    }
    let mut browser = server.browser();
    let asked = browser.submit(ASK, &[("email", "jürgen@example.com")]).await;
    assert!(asked.location().contains("/verify-request"), "{asked:?}");
    let refused = browser.submit(ASK, &[("email", "jürgen@example")]).await;
    assert_eq!(refused.error().as_deref(), Some("EmailSignin"), "control");
}

#[tokio::test]
async fn a_link_opened_elsewhere_never_signs_in_the_waiting_browser() {
    let server = TestServer::start().await;
    let (mut attacker, mut victim) = (server.browser(), server.browser());
    attacker.submit(ASK, &[("email", "victim@example.com")]).await;
    let form = server.mail_to("victim@example.com").await.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(victim.submit(PROVE, &form).await.signs_in(), "ML-08: it signs in whoever opened it");
    assert!(attacker.who().await.is_null());
    assert!(!attacker.get("/verify-request").await.signs_in());
}

#[tokio::test]
async fn ml_01_a_link_works_once() {
    let server = TestServer::start().await;
    sign_in_email(&server, &mut server.browser(), "ada@example.com").await;
    let form = server.mail_to("ada@example.com").await.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let second = server.browser().submit(PROVE, &form).await;
    second.assert_denied();
    assert_eq!(second.error().as_deref(), Some("Verification"));
    assert_eq!(server.rows().await.sessions, 1);
}

#[tokio::test]
async fn cc_03_of_parallel_uses_one_wins() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let form = server.mail_to("ada@example.com").await.form();
    let uses = (0..16).map(|_| {
        let (mut browser, form) = (server.browser(), form.clone());
        async move {
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.submit(PROVE, &form).await.signs_in()
        }
    });
    let winners = futures_util::future::join_all(uses).await.into_iter().filter(|won| *won).count();
    assert_eq!((winners, server.rows().await), (1, Rows { users: 1, accounts: 0, sessions: 1, tokens: 0 }));
}

#[tokio::test]
async fn ml_03_an_expired_link_is_refused() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    server.execute("UPDATE verification_tokens SET expires = 1").await;
    let mail = server.mail_to("ada@example.com").await;
    let form = mail.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit(PROVE, &form).await.assert_denied();
    browser.submit(PROVE, &[("code", &mail.code())]).await.assert_denied();
    sign_in_email(&server, &mut browser, "ada@example.com").await;
}

#[tokio::test]
async fn ml_04_what_is_stored_is_no_token() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let stored = server.text("SELECT token_hash FROM verification_tokens").await;
    let mail = server.mail_to("ada@example.com").await;
    assert!(!stored.contains(&mail.token()) && !stored.contains(&mail.code()));
    browser.submit(PROVE, &[("token", &stored), ("email", "ada@example.com")]).await.assert_denied();
}

#[tokio::test]
async fn ml_06_guesses_are_limited_and_the_right_link_still_works() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let mut words = Vec::new();
    for number in 0..25 {
        let token = format!("guess-{number}");
        let answer = browser.submit(PROVE, &[("token", &token), ("email", "ada@example.com")]).await;
        answer.assert_denied();
        words.push(answer.error().unwrap());
    }
    assert_eq!(words.last().map(String::as_str), Some("RateLimited"));
    let form = server.mail_to("ada@example.com").await.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(browser.submit(PROVE, &form).await.signs_in(), "control");
}

#[tokio::test]
async fn ml_06_codes_are_limited_to_five_tries() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let code = server.mail_to("ada@example.com").await.code();
    for _ in 0..5 {
        let answer = browser.submit(PROVE, &[("code", "00000000")]).await;
        assert!(code == "00000000" || answer.error().as_deref() == Some("Verification"));
    }
    let copied = browser.clone();
    for mut browser in [browser, copied] {
        let right = browser.submit(PROVE, &[("code", &code)]).await;
        assert_eq!(right.error().as_deref(), Some("RateLimited"), "also with a copied cookie");
    }
}

#[tokio::test]
async fn ml_07_an_older_link_works_as_well() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let older = server.mail_to("ada@example.com").await;
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let form = older.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(browser.submit(PROVE, &form).await.signs_in());
}

#[tokio::test]
async fn ml_09_the_landing_page_leaks_nothing() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let link = server.mail_to("ada@example.com").await.link().to_owned();
    let landing = browser.get(&link).await.location().to_owned();
    let page = browser.get(&landing).await;
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("x-robots-tag"), "noindex");
    assert!(page.header("cache-control").contains("no-store"));
    for attribute in ["src=\"http", "href=\"http", "src=\"//", "href=\"//"] {
        assert!(!page.body.contains(attribute), "a foreign resource: {attribute}");
    }
    let control = browser.get("/signin").await;
    assert_eq!(control.header("referrer-policy"), "strict-origin-when-cross-origin");
}

#[tokio::test]
async fn ml_09_no_address_that_a_mail_leads_to_is_told_to_others() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    for page in ["/reset-password", "/account/email/confirm", "/account/undo"] {
        let page = browser.get(&format!("{page}?token=abc")).await;
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("x-robots-tag"), "noindex");
    }
}

#[tokio::test]
async fn ml_10_somebody_else_is_replaced_only_by_the_button() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    server.browser().submit(ASK, &[("email", "ada@example.com")]).await;
    let mail = server.mail_to("ada@example.com").await;
    let landing = browser.get(mail.link()).await.location().to_owned();
    let page = browser.get(&landing).await;
    assert!(page.body.contains("Demo User") && page.body.contains("ada@example.com"));
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
    let before = browser.session_cookie().cloned();
    let form = mail.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(browser.submit(PROVE, &form).await.signs_in());
    assert_ne!(browser.session_cookie().cloned(), before);
    assert_eq!(
        server.rows().await,
        Rows { users: 2, accounts: 1, sessions: 1, tokens: 0 },
        "a user of their own"
    );
}

#[tokio::test]
async fn ml_11_the_links_target_is_checked() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com"), ("callbackUrl", "https://evil.test/")]).await;
    let mail = server.mail_to("ada@example.com").await;
    assert!(!mail.text.contains("evil.test") && !mail.html.contains("evil.test"));
    let form =
        [("token", mail.token()), ("email", mail.to.clone()), ("callbackUrl", "//evil.test".to_owned())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit(PROVE, &form).await;
    assert!(answer.signs_in() && !answer.location().contains("evil"), "{answer:?}");
}

#[tokio::test]
async fn ml_12_mails_to_one_address_are_limited() {
    let server = TestServer::start().await;
    for number in 0..8 {
        let answer = server.browser().submit(ASK, &[("email", "Ada@example.com")]).await;
        if number >= 5 {
            assert_eq!(answer.error().as_deref(), Some("RateLimited"));
            assert!(answer.headers.contains_key("retry-after"));
        }
    }
    assert_eq!(server.mails().await.len(), 5);
    let other = server.browser().submit(ASK, &[("email", "grace@example.com")]).await;
    assert!(other.location().contains("/verify-request"), "control");
}

#[tokio::test]
async fn ml_15_a_token_is_bound_to_its_address() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "mallory@example.com")]).await;
    let token = server.mail_to("mallory@example.com").await.token();
    browser.submit(PROVE, &[("token", &token), ("email", "victim@example.com")]).await.assert_denied();
    let control = browser.submit(PROVE, &[("token", &token), ("email", "mallory@example.com")]).await;
    assert!(control.signs_in());
    assert_eq!(browser.who().await["user"]["email"], "mallory@example.com");
}

#[tokio::test]
async fn em_01_to_em_12_only_plain_addresses_get_mail() {
    let server = TestServer::start().await;
    let long_local = format!("{}@example.com", "a".repeat(65));
    let long_total = format!("a@{}.com", "b.".repeat(130));
    for address in [
        "a@evil.test,v@app.test",
        "a@evil.test;v@app.test",
        "a@evil.test v@app.test",
        "a@evil.test\nv@app.test",
        "\"V\" <a@evil.test>",
        "<a@evil.test>v@app.test",
        "v@app.test <a@evil.test>",
        "v(@evil.test)@app.test",
        "v@app.test(@evil.test)",
        "\"a@evil.test\"@app.test",
        "\"a b\"@x.test",
        "\"\\\"\"@x",
        "v@app.test\r\nBcc:a@evil.test",
        "v@app.test\nRCPT TO:<a@evil.test>",
        "v@app.test\u{2028}x",
        "v@app.test\u{85}x",
        "v\u{ff20}app.test",
        "v\u{fe6b}app.test",
        "v@app\u{2024}test@x",
        "<a href=//evil>x</a>@x.test",
        &long_local,
        &long_total,
        "v@localhost",
        "@",
        "a@",
        "@b",
        "v@[127.0.0.1]",
        "v@app.test.",
        "v@.app.test",
        "v@app..test",
        ".v@app.test",
        "v..v@app.test",
        "-oQ/tmp@x",
        "",
    ] {
        let answer = server.browser().submit(ASK, &[("email", address)]).await;
        answer.assert_denied();
        assert_eq!(answer.error().as_deref(), Some("EmailSignin"), "{address:?}");
    }
    assert!(server.mails().await.is_empty());
    assert_eq!(server.rows().await.tokens, 0);
    for address in ["ada@example.com", "v+x@app.test", "o'hara@app.test"] {
        let answer = server.browser().submit(ASK, &[("email", address)]).await;
        assert!(answer.location().contains("/verify-request"), "control: {address}");
    }
}

#[tokio::test]
async fn em_01_two_fields_are_no_address() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let token = browser.csrf().await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", server.origin.as_str())];
    let body = format!("csrfToken={token}&email=a@evil.test&email=v@app.test");
    assert_eq!(browser.send(Method::POST, ASK, &headers, body.into_bytes()).await.status, 400);
    let list = serde_json::json!({ "email": ["a@evil.test"] });
    assert_eq!(browser.submit_json(ASK, list).await.status, 400);
    assert!(server.mails().await.is_empty());
}

#[tokio::test]
async fn em_09_a_mail_holds_no_foreign_markup() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let target = "/account?x=\"><img src=x>&y='";
    browser.submit(ASK, &[("email", "o'hara&co@example.com"), ("callbackUrl", target)]).await;
    let mail = server.mail_to("o'hara&co@example.com").await;
    assert!(!mail.html.contains("<img") && !mail.html.contains("o'hara&co"), "{}", mail.html);
    assert!(mail.html.contains("&amp;token="), "the link is escaped");
    assert!(mail.link().starts_with(&server.origin), "the text holds the link as it is");
}

#[tokio::test]
async fn em_10_em_11_which_addresses_are_one_person() {
    let server = TestServer::start().await;
    sign_in_email_as(&server, "Ada@Example.com").await;
    sign_in_email_as(&server, "ada@example.COM").await;
    assert_eq!(server.rows().await.users, 1, "case does not make another person");
    sign_in_email_as(&server, "ada+x@example.com").await;
    sign_in_email_as(&server, "a.da@example.com").await;
    assert_eq!(server.rows().await.users, 3, "tags and dots do");
}

/// The address in the inbox may be written differently than it was typed.
async fn sign_in_email_as(server: &TestServer, address: &str) {
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", address)]).await;
    let form = server.mails().await.first().unwrap().form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(browser.submit(PROVE, &form).await.signs_in());
}

#[tokio::test]
async fn cc_03_cc_04_parallel_sign_ups_of_one_address_leave_one_user() {
    let server = TestServer::start().await;
    let mut forms = Vec::new();
    for spelling in ["Grace@Example.com", "grace@example.com", "GRACE@example.com"] {
        server.browser().submit("/api/auth/signin/email", &[("email", spelling)]).await;
        forms.push(server.mails().await.remove(0).form());
    }
    // Every mail's link is opened four times at once.
    let posts = (0..12).map(|number| {
        let (mut browser, form) = (server.browser(), forms[number % 3].clone());
        async move {
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.submit("/api/auth/callback/email", &form).await.signs_in()
        }
    });
    let winners = futures_util::future::join_all(posts).await.into_iter().filter(|won| *won).count();
    assert_eq!(winners, 1, "and with it the other tokens of the address are used up");
    let rows = server.rows().await;
    assert_eq!((rows.users, rows.sessions, rows.tokens), (1, 1, 0));
}
