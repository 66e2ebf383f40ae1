//! A new account with a password: the proof of the address comes first (LK-01, CC-04, CR-01, CR-07, CR-09).

use super::{ADDRESS, OTHER, PASSWORD, PROVE, STRATEGIES, masked, sign_in, sign_up, stored};
use crate::support::{Answer, Browser, Mail, Rows, TestServer, query, sign_in_email};

const PATH: &str = "/api/auth/signup";

async fn ask(browser: &mut Browser, address: &str, password: &str) -> Answer {
    browser.submit(PATH, &[("email", address), ("password", password)]).await
}

async fn open_link(browser: &mut Browser, mail: &Mail) -> Answer {
    let form = mail.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit(PROVE, &form).await
}

#[tokio::test]
async fn nothing_is_stored_before_the_address_is_proven() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = server.browser();
        let form = [("email", ADDRESS), ("password", PASSWORD), ("name", "Ada"), ("callbackUrl", "/account")];
        let asked = browser.submit(PATH, &form).await;
        assert!(asked.location().starts_with(&format!("{}/verify-request", server.origin)), "{asked:?}");
        assert_eq!(server.rows().await, Rows { users: 0, accounts: 0, sessions: 0, tokens: 1 });
        sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.assert_denied();
        let mail = server.mail_to(ADDRESS).await;
        assert!(mail.text.contains("Create your account"), "{}", mail.text);
        let answer = browser.submit(PROVE, &[("code", &mail.code())]).await;
        answer.assert_signed_in();
        let target = query(answer.location(), "callbackUrl").unwrap();
        assert!(answer.location().contains("/welcome?") && target.ends_with("/account"), "{answer:?}");
        assert_eq!(browser.name().await.as_deref(), Some("Ada"), "{strategy}");
        assert!(sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.signs_in(), "{strategy}");
    }
}

#[tokio::test]
async fn the_link_counts_in_the_browser_that_chose_the_password() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    ask(&mut browser, ADDRESS, PASSWORD).await;
    open_link(&mut browser, &server.mail_to(ADDRESS).await).await.assert_signed_in();
    assert!(sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.signs_in());
}

#[tokio::test]
async fn lk_01_a_password_that_somebody_else_chose_never_gets_into_the_account() {
    let server = TestServer::start().await;
    let (mut attacker, mut victim) = (server.browser(), server.browser());
    ask(&mut attacker, ADDRESS, PASSWORD).await;
    // The victim opens the mail that the attacker has asked for.
    open_link(&mut victim, &server.mail_to(ADDRESS).await).await.assert_signed_in();
    assert_eq!(server.rows().await.users, 1);
    assert!(attacker.who().await.is_null());
    sign_in(&mut attacker, ADDRESS, PASSWORD).await.assert_denied();
    // Nor by asking again: now there is an account.
    ask(&mut attacker, ADDRESS, PASSWORD).await;
    let mail = server.mail_to(ADDRESS).await;
    assert!(mail.text.contains("You have one already"), "{}", mail.text);
    open_link(&mut victim, &mail).await.assert_signed_in();
    sign_in(&mut attacker, ADDRESS, PASSWORD).await.assert_denied();
    assert_eq!(server.rows().await.users, 1);

    // Two who wait for the same address: the one who reads the mail wins, with their own password.
    let (mut attacker, mut victim) = (server.browser(), server.browser());
    ask(&mut attacker, "v@example.com", PASSWORD).await;
    ask(&mut victim, "v@example.com", OTHER).await;
    let code = server.mail_to("v@example.com").await.code();
    attacker.submit(PROVE, &[("code", &code)]).await.assert_denied();
    victim.submit(PROVE, &[("code", &code)]).await.assert_signed_in();
    sign_in(&mut server.browser(), "v@example.com", PASSWORD).await.assert_denied();
    assert!(sign_in(&mut server.browser(), "v@example.com", OTHER).await.signs_in(), "control");
}

#[tokio::test]
async fn an_account_that_exists_keeps_its_password() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let before = stored(&server).await;
    let mut browser = server.browser();
    let form = [("email", ADDRESS), ("password", OTHER), ("name", "Mallory")];
    browser.submit(PATH, &form).await;
    let code = server.mail_to(ADDRESS).await.code();
    browser.submit(PROVE, &[("code", &code)]).await.assert_signed_in();
    assert_eq!(browser.name().await, None, "it signs in, and changes nothing");
    assert_eq!(stored(&server).await, before);
    sign_in(&mut server.browser(), ADDRESS, OTHER).await.assert_denied();
}

#[tokio::test]
async fn a_mail_that_is_sent_again_keeps_the_password_and_a_new_wish_does_not() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    ask(&mut browser, ADDRESS, PASSWORD).await;
    browser.submit("/api/auth/signin/email", &[("email", ADDRESS), ("again", "true")]).await;
    let code = server.mail_to(ADDRESS).await.code();
    browser.submit(PROVE, &[("code", &code)]).await.assert_signed_in();
    assert!(sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.signs_in());

    // Somebody else at the same computer, who only wants to sign in.
    let mut shared = server.browser();
    ask(&mut shared, "v@example.com", PASSWORD).await;
    shared.submit("/api/auth/signin/email", &[("email", "v@example.com")]).await;
    let code = server.mail_to("v@example.com").await.code();
    shared.submit(PROVE, &[("code", &code)]).await.assert_signed_in();
    sign_in(&mut server.browser(), "v@example.com", PASSWORD).await.assert_denied();
}

#[tokio::test]
async fn cr_01_a_known_and_an_unknown_address_get_the_same_answer() {
    let server = TestServer::start().await;
    sign_up(&server, "ada@example.com", PASSWORD).await;
    sign_in_email(&server, &mut server.browser(), "bob@example.com").await;
    let (mut answers, mut pages) = (Vec::new(), Vec::new());
    for address in ["ada@example.com", "bob@example.com", "eve@example.com"] {
        let mut browser = server.browser();
        answers.push(masked(&ask(&mut browser, address, OTHER).await));
        let page = browser.get("/verify-request").await;
        let body = page.body.replace(address, "").replace(&browser.csrf().await, "");
        pages.push(without_nonce_and_time(&body));
    }
    answers.dedup();
    pages.dedup();
    assert_eq!((answers.len(), pages.len()), (1, 1), "{answers:#?} {pages:#?}");
    let subjects = server.mails().await.into_iter().map(|mail| mail.subject[9..].to_owned());
    assert_eq!(subjects.collect::<std::collections::BTreeSet<_>>().len(), 1, "nor do the subjects tell");
}

/// A page without the nonce of its Content-Security-Policy and without numbers, of which the clock is one.
fn without_nonce_and_time(page: &str) -> String {
    let mut parts = page.split("nonce=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    let page = parts.fold(first, |page, part| page + part.split_once('"').unwrap_or_default().1);
    page.replace(|c: char| c.is_ascii_digit(), "")
}

#[tokio::test]
async fn c2_cr_05_cr_07_bad_passwords_are_refused_with_the_reason() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for (password, word) in [
        ("qx7Kw2z", "PasswordTooShort"),
        ("", "PasswordTooShort"),
        ("password1", "PasswordCommon"),
        ("12345678", "PasswordCommon"),
        ("iloveyou1", "PasswordCommon"),
        ("Qwertyuiop", "PasswordCommon"),
        (ADDRESS, "PasswordGuessable"),
        ("ada@example.com1", "PasswordGuessable"),
        ("LeptosAuth1", "PasswordGuessable"),
        ("Lovelace1815", "PasswordGuessable"),
    ] {
        let form = [("email", ADDRESS), ("password", password), ("name", "Ada Lovelace")];
        let answer = browser.submit(PATH, &form).await;
        assert_eq!(answer.error().as_deref(), Some(word), "{password}: {answer:?}");
        assert!(answer.location().contains("/signup?"), "{answer:?}");
        let page = browser.get(answer.location()).await;
        let shown = crate::limits::without_way_back(&page.body);
        assert!(shown.contains("role=\"alert\"") && !shown.contains(&format!(">{word}")), "{password}");
    }
    assert_eq!((server.mails().await.len(), server.rows().await.tokens), (0, 0));
    assert!(ask(&mut browser, ADDRESS, PASSWORD).await.location().contains("/verify-request"), "control");
    let strict = TestServer::with(&[("AUTH_PASSWORD_MIN_LENGTH", "15")]).await;
    let answer = ask(&mut strict.browser(), ADDRESS, "bicycle minds!").await;
    assert_eq!(answer.error().as_deref(), Some("PasswordTooShort"));
    assert!(strict.browser().get("/signup").await.body.contains("At least 15 characters"));
}

#[tokio::test]
async fn cr_09_a_form_gives_nobody_rights() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let form = [
        ("email", ADDRESS),
        ("password", PASSWORD),
        ("id", "root"),
        ("role", "admin"),
        ("emailVerified", "2020-01-01"),
        ("is_admin", "true"),
        ("accounts", "[]"),
        ("image", "https://evil.test/x.png"),
    ];
    browser.submit(PATH, &form).await;
    let code = server.mail_to(ADDRESS).await.code();
    browser.submit(PROVE, &[("code", &code), ("role", "admin"), ("id", "root")]).await.assert_signed_in();
    let user = browser.who().await["user"].clone();
    assert!(user["id"] != "root" && user["role"] == "member" && user["image"].is_null(), "{user}");
}

#[tokio::test]
async fn cc_04_of_many_sign_ups_with_one_address_there_is_one_user() {
    let server = TestServer::start().await;
    let spellings =
        ["ada@example.com", "ADA@example.com", "Ada@EXAMPLE.com", "aDa@Example.Com", " ada@example.com "];
    let mut waiting = Vec::new();
    for spelling in spellings {
        let mut browser = server.browser();
        ask(&mut browser, spelling, PASSWORD).await;
        let mail = server.mails().await.remove(0);
        waiting.push((browser, mail));
    }
    let proofs = waiting.into_iter().map(|(mut browser, mail)| async move {
        let form = mail.form();
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.submit(PROVE, &form).await.signs_in()
    });
    let winners = futures_util::future::join_all(proofs).await.into_iter().filter(|signed_in| *signed_in);
    assert!(winners.count() >= 1);
    assert_eq!(server.rows().await.users, 1);
    assert!(sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.signs_in());
}

#[tokio::test]
async fn cs_02_without_a_csrf_token_or_from_another_site_nothing_is_sent() {
    let server = TestServer::start().await;
    let form = [("email", ADDRESS), ("password", PASSWORD)];
    for path in [PATH, super::PATH, "/api/auth/forgot-password", "/api/auth/reset-password"] {
        server.browser().post(path, &form).await.assert_denied();
        let foreign = [("origin", "https://evil.test")];
        assert_eq!(server.browser().submit_with(path, &foreign, &form).await.status, 403, "{path}");
    }
    assert!(server.mails().await.is_empty());
}

#[tokio::test]
async fn cr_03_mails_are_limited_for_every_address() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    for address in [ADDRESS, "nobody@example.com"] {
        let mut browser = server.browser();
        let mut words = Vec::new();
        for _ in 0..7 {
            words.push(ask(&mut browser, address, OTHER).await.error());
        }
        assert_eq!(words[6].as_deref(), Some("RateLimited"), "{address}");
        assert!(words[0].is_none(), "{address}: control");
    }
    let sent = server.mails().await.into_iter().filter(|mail| mail.to == ADDRESS).count();
    assert!(sent <= 5, "ML-12: {sent}");
}
