//! "This wasn't me" against an attacker who had time: everything added since then is removed, the mailbox of the reported
//! time takes precedence, and two-factor authentication stays on (F-A2, F-A3).

use crate::support::{
    Answer, Authenticator, Browser, Mail, Passkey, TestServer, authenticator::action, query, sign_in_dev,
    sign_in_email, start_dev,
};

const STRATEGIES: [&str; 2] = ["database", "jwt"];
const ADA: &str = "ada@example.com";
const EVE: &str = "eve@example.org";
const MALLORY: &str = "mallory@example.org";
const PASSWORD: &str = "a bicycle for the mind";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// Signs the owner in, and two minutes later an attacker in another browser. Returns the email about that sign-in.
async fn intruder(server: &TestServer) -> (Browser, Mail) {
    sign_in_email(server, &mut server.browser(), ADA).await;
    server.set_later(server.later() + 120);
    let mut intruder = server.browser();
    intruder.user_agent = FIREFOX;
    sign_in_email(server, &mut intruder, ADA).await;
    (intruder, server.told(ADA, "New sign-in").await)
}

async fn press(server: &TestServer, mail: &Mail) -> Answer {
    server.browser().submit("/api/auth/account/undo", &[("token", &mail.token())]).await
}

#[track_caller]
fn assert_locked(answer: &Answer) {
    assert!(answer.location().contains("done=account-locked"), "{answer:?}");
}

async fn link(browser: &mut Browser, persona: &str) {
    let form = [("link", "true"), ("callbackUrl", "/account/methods")];
    let begun = browser.submit("/api/auth/signin/dev", &form).await;
    let (_, request) = begun.location().split_once('?').unwrap();
    let decided = browser.post("/dev/idp/authorize", &[("request", request), ("persona", persona)]).await;
    let back = decided.location().to_owned();
    let linked = browser.get(&back).await;
    assert_eq!(query(linked.location(), "done").as_deref(), Some("linked"), "{linked:?}");
}

async fn add_passkey(server: &TestServer, browser: &mut Browser) -> Passkey {
    let options = browser.get("/api/auth/webauthn-options/passkey?action=register").await.json();
    let mut passkey = Passkey::new(&server.origin);
    let data = passkey.create(&options).to_string();
    let form = [("action", "register"), ("data", data.as_str())];
    let answer = browser.submit("/api/auth/callback/passkey", &form).await;
    assert!(answer.error().is_none(), "{answer:?}");
    passkey
}

async fn by_passkey(server: &TestServer, passkey: &Passkey) -> Answer {
    let mut browser = server.browser();
    let options = browser.get("/api/auth/webauthn-options/passkey?action=authenticate").await.json();
    let data = passkey.get(&options).to_string();
    browser.submit("/api/auth/callback/passkey", &[("action", "authenticate"), ("data", &data)]).await
}

async fn set_password(browser: &mut Browser) {
    let set = browser.submit("/api/auth/account/password", &[("password", PASSWORD)]).await;
    assert_eq!(query(set.location(), "done").as_deref(), Some("password-set"), "{set:?}");
}

async fn by_password(server: &TestServer, address: &str) -> Answer {
    let form = [("email", address), ("password", PASSWORD)];
    server.browser().submit("/api/auth/callback/password", &form).await
}

async fn change_address(server: &TestServer, browser: &mut Browser, to: &str) {
    browser.submit("/api/auth/account/email", &[("email", to)]).await;
    let token = server.told(to, "Confirm").await.token();
    let changed = browser.submit("/api/auth/account/confirm-email", &[("token", &token)]).await;
    assert_eq!(query(changed.location(), "done").as_deref(), Some("email-changed"), "{changed:?}");
}

async fn address(server: &TestServer) -> String {
    server.text("SELECT email_key FROM users WHERE email_key IS NOT NULL ORDER BY created LIMIT 1").await
}

/// Unlocks the account as its owner, with a sign-in email to their address.
async fn unlock(server: &TestServer) -> Browser {
    let mut owner = server.browser();
    sign_in_email(server, &mut owner, ADA).await;
    owner
}

#[tokio::test]
async fn f_a2_everything_added_after_the_reported_time_is_gone() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (mut intruder, told) = intruder(&server).await;
        set_password(&mut intruder).await;
        let passkey = add_passkey(&server, &mut intruder).await;
        link(&mut intruder, "grace").await;
        by_passkey(&server, &passkey).await.assert_signed_in();
        by_password(&server, ADA).await.assert_signed_in();
        assert_locked(&press(&server, &told).await);
        assert!(intruder.who().await.is_null(), "{strategy}");

        let mut owner = unlock(&server).await;
        let id = owner.who().await["user"]["id"].clone();
        by_passkey(&server, &passkey).await.assert_denied();
        by_password(&server, ADA).await.assert_denied();
        let mut other = server.browser();
        sign_in_dev(&mut other, "grace").await;
        assert_ne!(
            other.who().await["user"]["id"],
            id,
            "{strategy}: the linked account belongs to its own user again"
        );
        let methods = owner.get("/account/methods").await.body;
        assert!(!methods.contains("grace@example.com"), "{strategy}: {methods}");
    }
}

#[tokio::test]
async fn f_a2_what_was_there_before_stays() {
    let server = TestServer::start().await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, ADA).await;
    let passkey = add_passkey(&server, &mut owner).await;
    link(&mut owner, "grace").await;
    server.set_later(120);
    let mut intruder = server.browser();
    intruder.user_agent = FIREFOX;
    sign_in_email(&server, &mut intruder, ADA).await;
    assert_locked(&press(&server, &server.told(ADA, "New sign-in").await).await);
    by_passkey(&server, &passkey).await.assert_denied();
    let mut owner = unlock(&server).await;
    let id = owner.who().await["user"]["id"].clone();
    by_passkey(&server, &passkey).await.assert_signed_in();
    let mut by_link = server.browser();
    sign_in_dev(&mut by_link, "grace").await;
    assert_eq!(by_link.who().await["user"]["id"], id);
}

#[tokio::test]
async fn f_a2_an_intruder_who_acts_after_the_mail_gains_nothing() {
    let server = TestServer::start().await;
    let (mut intruder, told) = intruder(&server).await;
    // A day later, before the owner reads the email. The attacker must sign in again to have a recent sign-in.
    server.set_later(server.later() + 24 * 3600);
    sign_in_email(&server, &mut intruder, ADA).await;
    let passkey = add_passkey(&server, &mut intruder).await;
    intruder.submit("/api/auth/account/email", &[("email", EVE)]).await;
    let pending = server.told(EVE, "Confirm").await.token();
    assert_locked(&press(&server, &told).await);
    let mut owner = unlock(&server).await;
    by_passkey(&server, &passkey).await.assert_denied();
    for browser in [&mut intruder, &mut owner] {
        browser.submit("/api/auth/account/confirm-email", &[("token", &pending)]).await.assert_denied();
    }
    assert_eq!(address(&server).await, ADA);
}

#[tokio::test]
async fn f_a2_the_mailbox_of_the_reported_time_wins() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (mut intruder, sign_in) = intruder(&server).await;
        server.set_later(server.later() + 120);
        change_address(&server, &mut intruder, EVE).await;
        let changed = server.told(ADA, "address was changed").await;
        server.set_later(server.later() + 120);
        change_address(&server, &mut intruder, MALLORY).await;
        let later = server.told(EVE, "address was changed").await;
        server.set_later(server.later() + 120);
        let passkey = add_passkey(&server, &mut intruder).await;
        let latest = server.told(MALLORY, "passkey").await;

        // The attacker reports first, and unlocks the account with their own mailbox.
        assert_locked(&press(&server, &latest).await);
        by_passkey(&server, &passkey).await.assert_denied();
        sign_in_email(&server, &mut intruder, MALLORY).await;
        // The owner's link is about an earlier event.
        assert_locked(&press(&server, &changed).await);
        assert!(intruder.who().await.is_null(), "{strategy}");
        assert_eq!(address(&server).await, ADA, "{strategy}");
        // From now on the links in the attacker's mailboxes have no effect.
        for mail in [&later, &latest] {
            assert_eq!(press(&server, mail).await.error().as_deref(), Some("Verification"), "{strategy}");
        }
        assert_eq!(address(&server).await, ADA, "{strategy}");
        for mailbox in [EVE, MALLORY] {
            let mut stranger = server.browser();
            sign_in_email(&server, &mut stranger, mailbox).await;
            assert!(stranger.get("/account").await.body.contains(mailbox), "{strategy}: a new account");
        }
        let mut owner = unlock(&server).await;
        assert_eq!(owner.who().await["user"]["email"], ADA, "{strategy}");
        // The first report still works, and covers more.
        assert_locked(&press(&server, &sign_in).await);
        assert!(owner.who().await.is_null(), "{strategy}");
        unlock(&server).await;
        assert_eq!(server.rows().await.users, 3, "{strategy}");
    }
}

#[tokio::test]
async fn f_a2_a_report_of_an_earlier_event_brings_the_address_back() {
    let server = TestServer::start().await;
    let (mut intruder, sign_in) = intruder(&server).await;
    change_address(&server, &mut intruder, EVE).await;
    assert_locked(&press(&server, &sign_in).await);
    assert_eq!(address(&server).await, ADA);
    let locked = server.told(ADA, "locked").await;
    assert!(locked.text.contains("is removed") && locked.text.contains("stays on"), "{}", locked.text);
    let mut stranger = server.browser();
    sign_in_email(&server, &mut stranger, EVE).await;
    assert_eq!(server.rows().await.users, 2, "the attacker's address leads to another account");
    unlock(&server).await;
    assert_eq!(server.rows().await.users, 2);
}

#[tokio::test]
async fn f_a2_an_address_that_is_taken_meanwhile_leaves_the_account_closed() {
    let server = TestServer::start().await;
    let (mut intruder, sign_in) = intruder(&server).await;
    change_address(&server, &mut intruder, EVE).await;
    // The owner tries to sign in and gets a new account.
    sign_in_email(&server, &mut server.browser(), ADA).await;
    assert_locked(&press(&server, &sign_in).await);
    let mut stranger = server.browser();
    sign_in_email(&server, &mut stranger, EVE).await;
    assert_eq!(server.rows().await.users, 3, "the attacker's mailbox does not unlock it");
}

#[tokio::test]
async fn f_a2_on_the_page_of_the_activity_too() {
    let server = TestServer::start().await;
    let (mut intruder, _) = intruder(&server).await;
    let id = server.text("SELECT id FROM audit WHERE data LIKE '%new browser%'").await;
    change_address(&server, &mut intruder, EVE).await;
    let passkey = add_passkey(&server, &mut intruder).await;
    assert_locked(&intruder.submit("/api/auth/account/not-me", &[("id", &id)]).await);
    assert_eq!(address(&server).await, ADA);
    by_passkey(&server, &passkey).await.assert_denied();
    let mut owner = unlock(&server).await;
    let again = owner.submit("/api/auth/account/not-me", &[("id", &id)]).await;
    again.assert_denied();
    assert!(owner.who().await.is_object());
}

#[tokio::test]
async fn f_a2_a_password_that_the_intruder_may_know_is_gone() {
    let server = TestServer::start().await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, ADA).await;
    set_password(&mut owner).await;
    server.set_later(120);
    let mut intruder = server.browser();
    intruder.user_agent = FIREFOX;
    let form = [("email", ADA), ("password", PASSWORD)];
    intruder.submit("/api/auth/callback/password", &form).await.assert_signed_in();
    add_passkey(&server, &mut intruder).await;
    assert_locked(&press(&server, &server.told(ADA, "passkey").await).await);
    unlock(&server).await;
    by_password(&server, ADA).await.assert_denied();
}

#[tokio::test]
async fn f_a2_mails_from_before_do_not_open_the_account() {
    let server = TestServer::start().await;
    let (_, told) = intruder(&server).await;
    let mut reader = server.browser();
    reader.submit("/api/auth/signin/email", &[("email", ADA)]).await;
    let form = server.mail_to(ADA).await.form();
    reader.submit("/api/auth/forgot-password", &[("email", ADA)]).await;
    let reset = server.mail_to(ADA).await.form();
    assert_locked(&press(&server, &told).await);
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    reader.submit("/api/auth/callback/email", &form).await.assert_denied();
    let mut reset: Vec<_> = reset.iter().map(|(name, value)| (*name, value.as_str())).collect();
    reset.push(("password", PASSWORD));
    reader.submit("/api/auth/reset-password", &reset).await.assert_denied();
    unlock(&server).await;
}

#[tokio::test]
async fn f_a3_two_factor_stays_on_after_a_report_an_unlock_and_a_reset() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = server.browser();
        sign_in_email(&server, &mut owner, ADA).await;
        let mut phone = Authenticator::enrol(&server, &mut owner).await;
        let told = server.told(ADA, "Two-factor authentication is on").await;
        let page = owner.get(told.link()).await.body;
        assert!(page.contains("Two-factor authentication stays on"), "{page}");
        assert_locked(&press(&server, &told).await);

        // With access to the mailbox only: a link, and a new password.
        let mut reader = server.browser();
        reader.submit("/api/auth/signin/email", &[("email", ADA)]).await;
        let form = server.mail_to(ADA).await.form();
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let asked = reader.submit("/api/auth/callback/email", &form).await;
        assert!(!asked.signs_in() && asked.error().as_deref() == Some("SecondStepRequired"), "{asked:?}");
        let lock = "SELECT count(*) || '' FROM user_records WHERE kind = 'lock'";
        assert_eq!(server.text(lock).await, "1", "{strategy}: without the code it stays locked");
        let code = phone.recovery_codes.pop().unwrap();
        reader.submit("/api/auth/callback/totp", &[("recoveryCode", &code)]).await.assert_denied();
        let code = phone.next_code(&server);
        reader.submit("/api/auth/callback/totp", &[("code", &code)]).await.assert_signed_in();
        assert_eq!(server.text(lock).await, "0", "{strategy}: control: the app still works");
        reader.submit("/api/auth/signout", &[]).await;

        reader.submit("/api/auth/forgot-password", &[("email", ADA)]).await;
        let reset = server.mail_to(ADA).await.form();
        let mut reset: Vec<_> = reset.iter().map(|(name, value)| (*name, value.as_str())).collect();
        reset.push(("password", PASSWORD));
        let done = reader.submit("/api/auth/reset-password", &reset).await;
        assert_eq!(query(done.location(), "done").as_deref(), Some("password-reset"), "{strategy}: {done:?}");
        let asked = by_password(&server, ADA).await;
        assert!(!asked.signs_in() && asked.error().as_deref() == Some("SecondStepRequired"), "{asked:?}");
    }
}

#[tokio::test]
async fn f_a3_recovery_codes_from_before_the_report_still_work() {
    let server = TestServer::start().await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, ADA).await;
    let phone = Authenticator::enrol(&server, &mut owner).await;
    server.set_later(server.later() + 300);
    let mut intruder = server.browser();
    intruder.user_agent = FIREFOX;
    intruder.submit("/api/auth/signin/email", &[("email", ADA)]).await;
    let code = server.mail_to(ADA).await.code();
    intruder.submit("/api/auth/callback/email", &[("code", &code)]).await;
    let answer =
        intruder.submit("/api/auth/callback/totp", &[("recoveryCode", &phone.recovery_codes[0])]).await;
    answer.assert_signed_in();
    assert_locked(&press(&server, &server.told(ADA, "New sign-in").await).await);
    let mut owner = server.browser();
    owner.submit("/api/auth/signin/email", &[("email", ADA)]).await;
    let code = server.mail_to(ADA).await.code();
    owner.submit("/api/auth/callback/email", &[("code", &code)]).await;
    owner
        .submit("/api/auth/callback/totp", &[("recoveryCode", &phone.recovery_codes[1])])
        .await
        .assert_signed_in();
}

#[tokio::test]
async fn f_a3_an_operator_turns_it_off_by_command() {
    use leptos_auth::{
        clock::{Clock, SystemClock},
        operator,
    };
    let server = TestServer::start().await;
    let (mut intruder, told) = intruder(&server).await;
    Authenticator::enrol(&server, &mut intruder).await;
    assert_locked(&press(&server, &told).await);
    let mut owner = server.browser();
    let ask = async |owner: &mut Browser| {
        owner.submit("/api/auth/signin/email", &[("email", ADA)]).await;
        let code = server.mail_to(ADA).await.code();
        owner.submit("/api/auth/callback/email", &[("code", &code)]).await
    };
    assert_eq!(ask(&mut owner).await.error().as_deref(), Some("SecondStepRequired"));
    let url = format!("sqlite://{}", server.database_file().display());
    let adapter =
        leptos_auth::adapter::connect(&url, leptos_auth::adapter::Purpose::Everything).await.unwrap();
    let retention = std::time::Duration::from_secs(3600);
    let reset =
        async |user: &str| operator::reset_two_factor(&*adapter, user, SystemClock.now(), retention).await;
    assert_eq!(reset("nobody@example.com").await.unwrap(), None);
    let (id, was_on) = reset("ADA@example.com").await.unwrap().unwrap();
    assert!(was_on && !reset(&id).await.unwrap().unwrap().1);
    ask(&mut owner).await.assert_signed_in();
    let activity = owner.get("/account/activity").await.body;
    assert!(activity.contains("Two-factor authentication turned off"), "{activity}");
}

#[tokio::test]
async fn f_a3_turning_it_off_takes_a_code_and_a_session() {
    let server = TestServer::start().await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, ADA).await;
    let mut phone = Authenticator::enrol(&server, &mut owner).await;
    for code in ["", "000000"] {
        owner.submit(&action("turn-off"), &[("code", code)]).await.assert_denied();
    }
    let code = phone.next_code(&server);
    let off = owner.submit(&action("turn-off"), &[("code", &code)]).await;
    assert_eq!(query(off.location(), "done").as_deref(), Some("second-step-off"), "{off:?}");
}

#[tokio::test]
async fn f_a2_a_sign_in_under_way_does_not_outlive_the_lock() {
    let server = TestServer::start().await;
    let (mut intruder, told) = intruder(&server).await;
    link(&mut intruder, "grace").await;
    let mut waiting = server.browser();
    let back = start_dev(&mut waiting, "grace").await;
    assert_locked(&press(&server, &told).await);
    let answer = waiting.get(&back).await;
    let id = server.text("SELECT id FROM users ORDER BY created LIMIT 1").await;
    assert_ne!(waiting.who().await["user"]["id"], id, "{answer:?}");
}
