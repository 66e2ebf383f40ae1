//! Protection against an attacker with a stolen session, or with a mailbox whose address only looks the same: emails go to
//! the stored address, pending changes are cancelled, other devices are signed out, rejected steps are recorded.

use crate::support::{
    Answer, Authenticator, Browser, Passkey, TestServer, authenticator::action, query, sign_in_demo,
    sign_in_email,
};

const STRATEGIES: [&str; 2] = ["database", "jwt"];
const VERA: &str = "vera@app.test";
const NEW: &str = "vera@example.org";
const PASSWORD: &str = "a bicycle for the mind";
const OTHER: &str = "two bicycles for two minds";
/// Addresses of other mailboxes on a case-sensitive mail server, and the same address in other characters (full width).
const SPELLINGS: [&str; 5] =
    ["VERA@App.Test", "Vera@app.test", "vERA@APP.TEST", "\u{ff36}era@app.test", "ver\u{ff21}@app.test"];

fn done(answer: &Answer) -> Option<String> {
    query(answer.location(), "done")
}

async fn recipients(server: &TestServer) -> Vec<String> {
    let mut all: Vec<_> = server.mails().await.into_iter().map(|mail| mail.to).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[tokio::test]
async fn f_d2_mails_about_an_account_go_to_its_stored_address() {
    let server = TestServer::start().await;
    sign_in_email(&server, &mut server.browser(), VERA).await;
    let mut kelvin = server.browser();
    sign_in_email(&server, &mut kelvin, "kim@app.test").await;
    let spellings = SPELLINGS.into_iter().chain(["\u{212a}im@app.test", "KIM@app.test"]);
    for typed in spellings {
        for (path, form) in [
            ("/api/auth/signin/email", vec![("email", typed)]),
            ("/api/auth/forgot-password", vec![("email", typed)]),
            ("/api/auth/signup", vec![("email", typed), ("password", PASSWORD)]),
        ] {
            let before = server.mails().await.len();
            let answer = server.browser().submit(path, &form).await;
            assert_eq!((answer.status, answer.error()), (302, None), "{typed} {path}: {answer:?}");
            assert_eq!(server.mails().await.len(), before + 1, "{typed} {path}: control: an email was sent");
            server.execute("DELETE FROM attempts").await;
        }
    }
    assert_eq!(recipients(&server).await, ["kim@app.test", VERA]);
}

#[tokio::test]
async fn f_d2_the_link_and_the_code_still_work_whatever_was_typed() {
    let server = TestServer::start().await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, VERA).await;
    let id = owner.who().await["user"]["id"].clone();
    let mut browser = server.browser();
    browser.submit("/api/auth/signin/email", &[("email", "VERA@App.Test")]).await;
    let page = browser.get("/verify-request").await.body;
    assert!(page.contains("VERA@app.test"), "the page shows what was typed: {page}");
    let mail = server.mail_to(VERA).await;
    browser.submit("/api/auth/callback/email", &[("code", &mail.code())]).await.assert_signed_in();
    assert_eq!(browser.who().await["user"]["id"], id);
    let mut browser = server.browser();
    browser.submit("/api/auth/signin/email", &[("email", "Vera@app.test")]).await;
    let form = server.mail_to(VERA).await.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit("/api/auth/callback/email", &form).await.assert_signed_in();
    assert_eq!((browser.who().await["user"]["id"].clone(), server.rows().await.users), (id, 1));
}

#[tokio::test]
async fn f_d2_a_mail_to_another_spelling_does_not_open_an_account_that_came_later() {
    let server = TestServer::start().await;
    let (mut attacker, mut owner) = (server.browser(), server.browser());
    attacker.submit("/api/auth/signin/email", &[("email", "VERA@app.test")]).await;
    let mail = server.mail_to("VERA@app.test").await;
    // Meanwhile the owner gets the address through a change of address.
    sign_in_email(&server, &mut owner, "other@app.test").await;
    owner.submit("/api/auth/account/email", &[("email", VERA)]).await;
    let token = server.told(VERA, "Confirm").await.token();
    owner.submit("/api/auth/account/confirm-email", &[("token", &token)]).await;
    assert_eq!(owner.who().await["user"]["email"], VERA, "control");
    let form = mail.form();
    let token = form[0].1.as_str();
    for address in ["VERA@app.test", VERA] {
        let form = [("token", token), ("email", address)];
        attacker.submit("/api/auth/callback/email", &form).await.assert_denied();
    }
    attacker.submit("/api/auth/callback/email", &[("code", &mail.code())]).await.assert_denied();
    assert!(attacker.who().await.is_null());
}

#[tokio::test]
async fn f_d2_a_change_of_address_too() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (mut owner, mut other) = (server.browser(), server.browser());
        sign_in_email(&server, &mut owner, VERA).await;
        sign_in_email(&server, &mut other, "eve@app.test").await;
        // To another user's address, and to another spelling of the user's own address.
        for browser in [&mut other, &mut owner] {
            let asked = browser.submit("/api/auth/account/email", &[("email", "VERA@app.test")]).await;
            assert_eq!(done(&asked).as_deref(), Some("email-change-sent"), "{asked:?}");
        }
        assert_eq!(recipients(&server).await, ["eve@app.test", VERA], "{strategy}");
        let token = server.told(VERA, "Confirm").await.token();
        owner.submit("/api/auth/account/confirm-email", &[("token", &token)]).await;
        assert_eq!(server.text("SELECT email FROM users WHERE email_key = 'vera@app.test'").await, VERA);
    }
}

/// Requests a change of address and returns the token of the email.
async fn pending(server: &TestServer, browser: &mut Browser) -> String {
    browser.submit("/api/auth/account/email", &[("email", NEW)]).await;
    server.told(NEW, "Confirm").await.token()
}

async fn confirm(browser: &mut Browser, token: &str) -> Answer {
    browser.submit("/api/auth/account/confirm-email", &[("token", token)]).await
}

#[tokio::test]
async fn f_d5_every_step_that_recovers_an_account_cancels_a_change_of_address() {
    for strategy in STRATEGIES {
        for step in ["set", "change", "remove", "reset", "two-factor", "new-codes", "off", "end-others"] {
            let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
            let mut owner = server.browser();
            sign_in_email(&server, &mut owner, VERA).await;
            let password = "/api/auth/account/password";
            if ["change", "remove"].contains(&step) {
                owner.submit(password, &[("password", PASSWORD)]).await;
            }
            let mut phone = None;
            if ["new-codes", "off"].contains(&step) {
                phone = Some(Authenticator::enrol(&server, &mut owner).await);
            }
            let token = pending(&server, &mut owner).await;
            let answer = match step {
                "set" => owner.submit(password, &[("password", PASSWORD)]).await,
                "change" => {
                    owner.submit(password, &[("currentPassword", PASSWORD), ("password", OTHER)]).await
                }
                "remove" => {
                    owner.submit("/api/auth/account/remove-password", &[("currentPassword", PASSWORD)]).await
                }
                "reset" => {
                    let mut reader = server.browser();
                    reader.submit("/api/auth/forgot-password", &[("email", VERA)]).await;
                    let form = server.mail_to(VERA).await.form();
                    let mut form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    form.push(("password", PASSWORD));
                    let answer = reader.submit("/api/auth/reset-password", &form).await;
                    sign_in_email(&server, &mut owner, VERA).await;
                    answer
                }
                "two-factor" => {
                    let mut phone = Authenticator::scan(&server, &mut owner).await;
                    let code = phone.next_code(&server);
                    owner.submit(&action("confirm"), &[("code", &code)]).await
                }
                "end-others" => owner.submit("/api/auth/account/end-other-sessions", &[]).await,
                _ => {
                    let code = phone.as_mut().unwrap().next_code(&server);
                    let name = if step == "off" { "turn-off" } else { step };
                    owner.submit(&action(name), &[("code", &code)]).await
                }
            };
            assert!(done(&answer).is_some(), "{strategy} {step}: {answer:?}");
            assert_eq!(
                confirm(&mut owner, &token).await.error().as_deref(),
                Some("Verification"),
                "{strategy} {step}"
            );
            assert_eq!(owner.who().await["user"]["email"], VERA, "{strategy} {step}");
        }
    }
}

#[tokio::test]
async fn f_d5_a_change_is_confirmed_in_the_session_that_asked() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (mut owner, mut other) = (server.browser(), server.browser());
        sign_in_email(&server, &mut owner, VERA).await;
        sign_in_email(&server, &mut other, VERA).await;
        let token = pending(&server, &mut other).await;
        assert_eq!(confirm(&mut owner, &token).await.error().as_deref(), Some("Verification"), "{strategy}");
        // A rotated session still counts as the same session.
        let mut passkey = Passkey::new(&server.origin);
        let options = other.get("/api/auth/webauthn-options/passkey?action=register").await.json();
        let data = passkey.create(&options).to_string();
        other.submit("/api/auth/callback/passkey", &[("action", "register"), ("data", &data)]).await;
        let answer = confirm(&mut other, &token).await;
        assert_eq!(done(&answer).as_deref(), Some("email-changed"), "{strategy}: control: {answer:?}");
    }
}

#[tokio::test]
async fn f_a11_the_export_is_a_form() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let exported = "SELECT count(*) || '' FROM audit WHERE data LIKE '%data_exported%'";
    for headers in [&[][..], &[("sec-fetch-site", "cross-site")], &[("sec-fetch-site", "same-origin")]] {
        let got = browser.get_with("/api/auth/account/export", headers).await;
        assert!(got.status == 404 || got.status == 405, "{got:?}");
    }
    let path = "/api/auth/account/export";
    browser.post(path, &[]).await.assert_denied();
    let token = browser.csrf().await;
    let crossed = [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")];
    assert_eq!(browser.post_with(path, &crossed, &[("csrfToken", &token)]).await.status, 403);
    assert_eq!(server.text(exported).await, "0");
    let page = browser.get("/account/data").await.body;
    assert!(page.contains("action=\"/api/auth/account/export\"") && page.contains("data-download"), "{page}");
    let answer = browser.submit(path, &[]).await;
    assert!(
        answer.status == 200 && answer.header("content-disposition").starts_with("attachment"),
        "{answer:?}"
    );
    assert_eq!(
        (server.text(exported).await.as_str(), answer.json()["user"]["name"].as_str()),
        ("1", Some("Demo User"))
    );
}

#[tokio::test]
async fn c9_a_change_signs_other_devices_out_if_the_box_is_ticked() {
    for strategy in STRATEGIES {
        for ticked in [true, false] {
            let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
            let mut owner = server.browser();
            sign_in_email(&server, &mut owner, VERA).await;
            let mut passkey = Passkey::new(&server.origin);
            let options = owner.get("/api/auth/webauthn-options/passkey?action=register").await.json();
            let data = passkey.create(&options).to_string();
            owner.submit("/api/auth/callback/passkey", &[("action", "register"), ("data", &data)]).await;
            let id = server.text("SELECT credential_id FROM authenticators").await;
            let page = owner.get("/account/passkeys").await.body;
            let checkbox = page
                .split("<input")
                .find(|input| input.contains("name=\"endOtherSessions\""))
                .expect("a box");
            assert!(checkbox.contains("checked") && checkbox.contains("value=\"true\""), "{checkbox}");
            let wish = ticked.then_some(("endOtherSessions", "true"));
            let mut other = server.browser();
            sign_in_email(&server, &mut other, VERA).await;
            let form: Vec<_> = [("id", id.as_str())].into_iter().chain(wish).collect();
            owner.submit("/api/auth/account/remove-passkey", &form).await;
            assert_eq!(other.who().await.is_null(), ticked, "{strategy}: passkey");

            sign_in_email(&server, &mut other, VERA).await;
            let token = pending(&server, &mut owner).await;
            let page = owner.get(&format!("/account/email/confirm?token={token}")).await.body;
            assert!(page.contains("name=\"endOtherSessions\""), "{page}");
            let form: Vec<_> = [("token", token.as_str())].into_iter().chain(wish).collect();
            owner.submit("/api/auth/account/confirm-email", &form).await;
            assert_eq!(other.who().await.is_null(), ticked, "{strategy}: address");

            let mut phone = Authenticator::enrol(&server, &mut owner).await;
            assert!(owner.get("/account/second-step").await.status == 200);
            owner.submit(&action("codes-kept"), &[]).await;
            let page = owner.get("/account/second-step").await.body;
            assert!(page.contains("name=\"endOtherSessions\""), "{page}");
            other.submit("/api/auth/signin/email", &[("email", NEW)]).await;
            let code = server.mail_to(NEW).await.code();
            other.submit("/api/auth/callback/email", &[("code", &code)]).await;
            let code = phone.next_code(&server);
            other.submit("/api/auth/callback/totp", &[("code", &code)]).await.assert_signed_in();
            let code = phone.next_code(&server);
            let form: Vec<_> = [("code", code.as_str())].into_iter().chain(wish).collect();
            owner.submit(&action("turn-off"), &form).await;
            assert_eq!(other.who().await.is_null(), ticked, "{strategy}: two-factor authentication");
            assert!(owner.who().await.is_object(), "{strategy}: this one stays");
        }
    }
}

/// Returns the newest event of that kind: its user and its data.
async fn refused(server: &TestServer) -> Option<(Option<String>, String)> {
    let mut database = server.database().await;
    let sql = "SELECT user_id, data FROM audit WHERE data LIKE '%account_refused%' ORDER BY id DESC LIMIT 1";
    sqlx::query_as(sql).fetch_optional(&mut database).await.unwrap()
}

#[tokio::test]
async fn c14_refused_steps_leave_an_event() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = server.browser();
        sign_in_email(&server, &mut owner, VERA).await;
        let id = owner.who().await["user"]["id"].as_str().unwrap().to_owned();
        owner.submit("/api/auth/account/password", &[("password", PASSWORD)]).await;
        assert_eq!(refused(&server).await, None, "{strategy}: control");
        let wrong_link = [("token", "wrong"), ("email", VERA), ("password", OTHER)];
        let unknown = [("token", "wrong"), ("email", "nobody@app.test"), ("password", OTHER)];
        let password = [("currentPassword", "wrong"), ("password", OTHER)];
        // Step, form, event, reason, and whether the user of the account is known.
        type Case<'c> = (&'c str, &'c [(&'c str, &'c str)], &'c str, &'c str, bool);
        let cases: [Case<'_>; 7] = [
            ("account/password", &password, "password", "CredentialsSignin", true),
            ("account/remove-password", &password, "remove-password", "CredentialsSignin", true),
            ("account/confirm-email", &[("token", "x")], "confirm-email", "Verification", true),
            ("account/unlink", &[("provider", "dev"), ("account", "x")], "unlink", "InvalidInput", true),
            ("reset-password", &wrong_link, "reset-password", "Verification", true),
            ("reset-password", &unknown, "reset-password", "Verification", false),
            ("account/undo", &[("token", "x")], "undo", "Verification", false),
        ];
        for (path, form, step, reason, is_owners) in cases {
            let mut browser = if path.starts_with("account/undo") || path.starts_with("reset") {
                server.browser()
            } else {
                owner.clone()
            };
            browser.submit(&format!("/api/auth/{path}"), form).await.assert_denied();
            let (user, data) = refused(&server).await.unwrap();
            let data: serde_json::Value = serde_json::from_str(&data).unwrap();
            assert_eq!(
                (&data["detail"], &data["reason"]),
                (&step.into(), &reason.into()),
                "{strategy} {data}"
            );
            assert_eq!(user.is_some(), is_owners, "{strategy} {step}");
            assert!(user.is_none_or(|user| user == id) && !data.to_string().contains("wrong"), "{data}");
        }
        // A used link is recorded for the user it belongs to.
        let mut intruder = server.browser();
        sign_in_email(&server, &mut intruder, VERA).await;
        let token = server.told(VERA, "New sign-in").await.token();
        for _ in 0..2 {
            server.browser().submit("/api/auth/account/undo", &[("token", &token)]).await;
        }
        let (user, _) = refused(&server).await.unwrap();
        assert_eq!(user.as_deref(), Some(id.as_str()), "{strategy}");
        sign_in_email(&server, &mut owner, VERA).await;
        let page = owner.get("/account/activity").await.body;
        assert!(page.contains("Account change refused"), "{strategy}: {page}");
    }
}

#[tokio::test]
async fn c14_refused_steps_cannot_fill_the_database() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for number in 0..40 {
        let token = format!("guess {number}");
        browser.submit("/api/auth/account/undo", &[("token", &token)]).await.assert_denied();
    }
    assert_eq!(server.text("SELECT count(*) || '' FROM audit").await, "30");
}
