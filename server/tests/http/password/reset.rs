//! A forgotten password (CR-11, CC-09, LK-04, ML-15), with both kinds of session.

use super::{ADDRESS, OTHER, PASSWORD, PROVE, PROXY, STRATEGIES, masked, sign_in, sign_up, stored};
use crate::support::{
    Answer, Browser, TestServer, authenticator::Authenticator, query, sign_in_demo, sign_in_email,
};

const ASK: &str = "/api/auth/forgot-password";
const RESET: &str = "/api/auth/reset-password";

async fn ask(server: &TestServer, address: &str) -> String {
    let answer = server.browser().submit(ASK, &[("email", address)]).await;
    assert_eq!(query(answer.location(), "done").as_deref(), Some("password-reset-sent"), "{answer:?}");
    server.mail_to(address).await.token()
}

async fn reset(browser: &mut Browser, token: &str, address: &str, password: &str) -> Answer {
    browser.submit(RESET, &[("token", token), ("email", address), ("password", password)]).await
}

#[track_caller]
fn assert_reset(answer: &Answer) {
    assert!(answer.location().contains("/signin?done=password-reset"), "{answer:?}");
    assert!(!answer.signs_in(), "nobody is signed in by it");
}

#[tokio::test]
async fn cr_11_lk_04_a_new_password_signs_out_everywhere_and_nobody_in() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut thief = sign_up(&server, ADDRESS, PASSWORD).await;
        let mut other = server.browser();
        sign_in_demo(&mut other).await;
        assert_eq!(thief.who().await["user"]["email"], ADDRESS, "control");
        let token = ask(&server, ADDRESS).await;
        let mut browser = server.browser();
        let rows = server.rows().await;
        let page = browser.get(server.mail_to(ADDRESS).await.link()).await;
        assert!(page.status == 200 && page.body.contains(ADDRESS), "{page:?}");
        assert_eq!(server.rows().await, rows, "a GET consumes nothing");
        assert_reset(&reset(&mut browser, &token, ADDRESS, OTHER).await);
        assert!(thief.who().await.is_null() && browser.who().await.is_null(), "{strategy}");
        assert_eq!(other.name().await.as_deref(), Some("Demo User"), "nobody else");
        sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.assert_denied();
        assert!(sign_in(&mut browser, ADDRESS, OTHER).await.signs_in(), "{strategy}");
        reset(&mut browser, &token, ADDRESS, PASSWORD).await.assert_denied();
    }
}

#[tokio::test]
async fn cr_11_a_link_is_for_one_address_for_a_quarter_of_an_hour_and_until_a_newer_one() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    sign_up(&server, "mallory@example.com", PASSWORD).await;
    let before = server.text("SELECT value FROM user_records r JOIN users u ON u.id = r.user_id WHERE u.email = 'ada@example.com'").await;
    let own = ask(&server, "mallory@example.com").await;
    let older = ask(&server, ADDRESS).await;
    let newer = ask(&server, ADDRESS).await;
    for (token, address) in [
        (own.as_str(), ADDRESS),
        (&older, ADDRESS),
        (&newer, "mallory@example.com"),
        (&newer, "nobody@example.com"),
        ("", ADDRESS),
        ("x", ADDRESS),
        (&newer[1..], ADDRESS),
    ] {
        let answer = reset(&mut server.browser(), token, address, OTHER).await;
        answer.assert_denied();
        assert_eq!(answer.error().as_deref(), Some("Verification"), "{address}");
    }
    let now = server.text("SELECT value FROM user_records r JOIN users u ON u.id = r.user_id WHERE u.email = 'ada@example.com'").await;
    assert_eq!(now, before);
    server.set_later(15 * 60 + 1);
    reset(&mut server.browser(), &newer, ADDRESS, OTHER).await.assert_denied();
    server.set_later(15 * 60 - 30);
    assert_reset(&reset(&mut server.browser(), &newer, ADDRESS, OTHER).await);
}

#[tokio::test]
async fn cr_11_a_change_of_the_password_makes_the_link_void() {
    let server = TestServer::start().await;
    let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
    let token = ask(&server, ADDRESS).await;
    let form = [("currentPassword", PASSWORD), ("password", OTHER)];
    let changed = owner.submit("/api/auth/account/password", &form).await;
    assert_eq!(query(changed.location(), "done").as_deref(), Some("password-changed"), "{changed:?}");
    reset(&mut server.browser(), &token, ADDRESS, PASSWORD).await.assert_denied();
    assert!(sign_in(&mut server.browser(), ADDRESS, OTHER).await.signs_in());
}

#[tokio::test]
async fn a_password_that_is_refused_uses_no_link_up() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let token = ask(&server, ADDRESS).await;
    let mut browser = server.browser();
    for (password, word) in
        [("short", "PasswordTooShort"), ("password1", "PasswordCommon"), (ADDRESS, "PasswordGuessable")]
    {
        let answer = reset(&mut browser, &token, ADDRESS, password).await;
        assert_eq!(answer.error().as_deref(), Some(word));
        let page = browser.get(answer.location()).await;
        assert!(page.body.contains(&token) && page.body.contains(ADDRESS), "the page can be sent again");
    }
    assert_reset(&reset(&mut browser, &token, ADDRESS, OTHER).await);
}

#[tokio::test]
async fn ml_15_a_link_is_for_its_purpose_alone() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let before = stored(&server).await;
    let token = ask(&server, ADDRESS).await;
    server.browser().submit(PROVE, &[("token", &token), ("email", ADDRESS)]).await.assert_denied();
    let prefixed = format!("reset:{ADDRESS}");
    server.browser().submit(PROVE, &[("token", &token), ("email", &prefixed)]).await.assert_denied();
    let mut browser = server.browser();
    browser.submit("/api/auth/signin/email", &[("email", ADDRESS)]).await;
    let sign_in_token = server.mail_to(ADDRESS).await.token();
    reset(&mut server.browser(), &sign_in_token, ADDRESS, OTHER).await.assert_denied();
    assert_eq!(stored(&server).await, before);
    // Each still works for what it is for; the new password takes the other one along.
    assert_reset(&reset(&mut server.browser(), &token, ADDRESS, OTHER).await);
    let form = [("token", sign_in_token.as_str()), ("email", ADDRESS)];
    browser.submit(PROVE, &form).await.assert_denied();
    sign_in_email(&server, &mut server.browser(), ADDRESS).await.assert_signed_in();
}

#[tokio::test]
async fn cr_01_known_and_unknown_addresses_get_the_same_answer_and_a_mail() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    sign_in_email(&server, &mut server.browser(), "link-only@example.com").await;
    let mut answers = Vec::new();
    for address in [ADDRESS, "link-only@example.com", "nobody@example.com"] {
        let answer = server.browser().submit(ASK, &[("email", address)]).await;
        answers.push(masked(&answer));
        assert!(server.mail_to(address).await.subject.contains("A new password"), "{address}");
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    let mail = server.mail_to("nobody@example.com").await;
    assert!(mail.text.contains("There is no account") && !mail.text.contains("token="), "{}", mail.text);
    assert_eq!(server.rows().await.users, 2, "asking makes nobody");
}

#[tokio::test]
async fn an_owner_without_a_password_gets_one() {
    let server = TestServer::start().await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, ADDRESS).await;
    let token = ask(&server, ADDRESS).await;
    assert_reset(&reset(&mut owner, &token, ADDRESS, OTHER).await);
    assert!(owner.who().await.is_null());
    assert!(sign_in(&mut server.browser(), ADDRESS, OTHER).await.signs_in());
}

#[tokio::test]
async fn cc_09_of_many_uses_at_once_one_wins() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let token = ask(&server, ADDRESS).await;
    let mut browser = server.browser();
    let csrf = browser.csrf().await;
    let uses = (0..16).map(|number| {
        let (mut browser, csrf, token) = (browser.clone(), csrf.clone(), token.clone());
        async move {
            let password = format!("bicycle number {number}");
            let form = [
                ("csrfToken", csrf.as_str()),
                ("token", &token),
                ("email", ADDRESS),
                ("password", &password),
            ];
            let answer = browser.post(RESET, &form).await;
            (answer.location().contains("done=password-reset"), password)
        }
    });
    let winners: Vec<_> =
        futures_util::future::join_all(uses).await.into_iter().filter(|(is_winner, _)| *is_winner).collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    assert!(sign_in(&mut server.browser(), ADDRESS, &winners[0].1).await.signs_in());
}

#[tokio::test]
async fn rl_04_a_new_password_lets_its_owner_in_while_the_account_is_under_attack() {
    let server = TestServer::with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let mut browser = server.browser();
    for _ in 0..11 {
        sign_in(&mut browser, ADDRESS, "wrong").await;
    }
    let token = ask(&server, ADDRESS).await;
    assert_eq!(
        sign_in(&mut browser, ADDRESS, PASSWORD).await.error().as_deref(),
        Some("RateLimited"),
        "control"
    );
    assert_reset(&reset(&mut browser, &token, ADDRESS, OTHER).await);
    assert!(sign_in(&mut browser, ADDRESS, OTHER).await.signs_in());
}

#[tokio::test]
async fn rl_04_a_reset_lets_the_same_browser_in_after_too_many_wrong_passwords() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = sign_up(&server, ADDRESS, PASSWORD).await;
        browser.submit("/api/auth/signout", &[]).await;
        assert!(browser.jar.contains_key("authjs.known-browser"), "{strategy}: it has signed in before");
        let mut words = Vec::new();
        for _ in 0..11 {
            words.push(sign_in(&mut browser, ADDRESS, "wrong").await.error().unwrap());
        }
        assert_eq!(words.last().unwrap(), "RateLimited", "{strategy}: {words:?}");
        let right = sign_in(&mut browser, ADDRESS, PASSWORD).await;
        assert_eq!(right.error().as_deref(), Some("RateLimited"), "{strategy}: control: before the reset");
        browser.submit(ASK, &[("email", ADDRESS)]).await;
        let token = server.mail_to(ADDRESS).await.token();
        assert_reset(&reset(&mut browser, &token, ADDRESS, OTHER).await);
        let answer = sign_in(&mut browser, ADDRESS, OTHER).await;
        assert!(answer.signs_in(), "{strategy}: {answer:?}");
    }
}

#[tokio::test]
async fn rl_02_resets_give_no_new_guesses_at_the_code() {
    const CODE: &str = "/api/auth/callback/totp";
    let server = TestServer::with(&[PROXY[0], ("AUTH_LIMIT_ADDRESS_EMAILS", "100")]).await;
    let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
    let mut phone = Authenticator::enrol(&server, &mut owner).await;
    sign_in(&mut owner, ADDRESS, PASSWORD).await;
    owner.submit(CODE, &[("code", &phone.next_code(&server))]).await.assert_signed_in();

    // An attacker who reads the mailbox comes in another browser and from another network each time.
    let mut words = Vec::new();
    for turn in 0..4 {
        let mut attacker = server.browser().with_client(turn);
        let password = format!("bicycle number {turn}");
        let token = ask(&server, ADDRESS).await;
        assert_reset(&reset(&mut attacker, &token, ADDRESS, &password).await);
        let waits = sign_in(&mut attacker, ADDRESS, &password).await;
        assert!(!waits.signs_in() && waits.location().contains("/second-step"), "{waits:?}");
        for _ in 0..5 {
            words.push(attacker.submit(CODE, &[("code", "000000")]).await.error().unwrap());
        }
    }
    let checked = words.iter().filter(|word| *word == "SecondStep").count();
    assert!((1..=15).contains(&checked), "{words:?}");
    assert!(words[15..].iter().all(|word| word == "RateLimited"), "{words:?}");
    let code = phone.next_code(&server);
    for client in [1, 100] {
        let mut attacker = server.browser().with_client(client);
        sign_in(&mut attacker, ADDRESS, "bicycle number 3").await;
        let answer = attacker.submit(CODE, &[("code", &code)]).await;
        assert_eq!(answer.error().as_deref(), Some("RateLimited"), "even the right code: {answer:?}");
    }

    let token = ask(&server, ADDRESS).await;
    assert_reset(&reset(&mut owner, &token, ADDRESS, OTHER).await);
    sign_in(&mut owner, ADDRESS, OTHER).await;
    let answer = owner.submit(CODE, &[("code", &code)]).await;
    assert!(answer.signs_in(), "control: the owner's browser has shown a code before: {answer:?}");
}

#[tokio::test]
async fn lk_06_a_change_of_address_that_waits_dies_with_the_old_password() {
    let server = TestServer::start().await;
    let mut thief = sign_up(&server, ADDRESS, PASSWORD).await;
    thief.submit("/api/auth/account/email", &[("email", "thief@evil.test")]).await;
    let change = server.mail_to("thief@evil.test").await.token();
    let token = ask(&server, ADDRESS).await;
    assert_reset(&reset(&mut server.browser(), &token, ADDRESS, OTHER).await);
    let mut owner = server.browser();
    sign_in(&mut owner, ADDRESS, OTHER).await.assert_signed_in();
    owner.submit("/api/auth/account/confirm-email", &[("token", &change)]).await.assert_denied();
    assert_eq!(owner.who().await["user"]["email"], ADDRESS);
}

#[tokio::test]
async fn a_second_step_stays_and_who_waits_for_it_with_the_old_password_does_not_come_in() {
    const CODE: &str = "/api/auth/callback/totp";
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
        let mut phone = Authenticator::enrol(&server, &mut owner).await;
        let mut thief = server.browser();
        let waits = sign_in(&mut thief, ADDRESS, PASSWORD).await;
        assert!(!waits.signs_in() && waits.location().contains("/second-step"), "{waits:?}");
        let token = ask(&server, ADDRESS).await;
        assert_reset(&reset(&mut server.browser(), &token, ADDRESS, OTHER).await);
        thief.submit(CODE, &[("code", &phone.next_code(&server))]).await.assert_denied();
        let mut browser = server.browser();
        let waits = sign_in(&mut browser, ADDRESS, OTHER).await;
        assert!(!waits.signs_in() && waits.location().contains("/second-step"), "{waits:?}");
        browser.submit(CODE, &[("code", &phone.next_code(&server))]).await.assert_signed_in();
        assert_eq!(browser.who().await["user"]["email"], ADDRESS, "{strategy}");
    }
}
