//! The audit log: rows, emails, the activity page, and the link "This wasn't me" (LG rows).

use std::time::Duration;

use serde_json::Value;
use sqlx::Row;

use crate::support::{Answer, Browser, Mail, TestServer, query, sign_in_demo, sign_in_dev, sign_in_email};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// All rows, the oldest first: each with its user.
async fn rows(server: &TestServer) -> Vec<(Option<String>, Value)> {
    let mut database = server.database().await;
    let rows =
        sqlx::query("SELECT user_id, data FROM audit ORDER BY id").fetch_all(&mut database).await.unwrap();
    let read =
        |row: &sqlx::sqlite::SqliteRow| (row.get(0), serde_json::from_str(&row.get::<String, _>(1)).unwrap());
    rows.iter().map(read).collect()
}

/// Waits for what is written or sent beside an answer.
async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..200 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it did not come");
}

/// The row of an event.
async fn row(server: &TestServer, event: &str) -> (Option<String>, Value) {
    until(async || rows(server).await.into_iter().rev().find(|(_, row)| row["event"] == event)).await
}

async fn has_mail(server: &TestServer, subject: &str) -> bool {
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.mails().await.iter().any(|mail| mail.subject.contains(subject))
}

/// Signs in by mail in a browser that the user has not used before: so there is a mail about it.
async fn intruder(server: &TestServer) -> (Browser, Mail) {
    sign_in_email(server, &mut server.browser(), "ada@example.com").await;
    let mut intruder = server.browser();
    intruder.user_agent = FIREFOX;
    sign_in_email(server, &mut intruder, "ada@example.com").await;
    (intruder, server.told("ada@example.com", "New sign-in").await)
}

/// Presses the button behind the link of a mail.
async fn press(server: &TestServer, mail: &Mail) -> Answer {
    server.browser().submit("/api/auth/account/undo", &[("token", &mail.token())]).await
}

#[tokio::test]
async fn lg_06_signing_in_and_out_is_a_row() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.user_agent = FIREFOX;
    sign_in_demo(&mut browser).await;
    let id = server.text("SELECT id FROM users").await;
    browser.submit("/api/auth/signout", &[]).await;
    let rows = rows(&server).await;
    let events: Vec<_> = rows.iter().map(|(_, row)| row["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["signed_in", "signed_out"]);
    let (user, row) = &rows[0];
    assert_eq!(user.as_deref(), Some(&*id));
    let expected = [
        ("result", "ok"),
        ("method", "credentials"),
        ("address", "127.0.0.1"),
        ("userAgent", FIREFOX),
        ("detail", "first"),
    ];
    for (name, value) in expected {
        assert_eq!(row[name], value, "{row}");
    }
    assert_eq!(row["requestId"].as_str().map(str::len), Some(16), "{row}");
}

#[tokio::test]
async fn lg_06_a_refused_sign_in_is_a_row_of_the_user_or_of_a_hashed_name() {
    let server = TestServer::start().await;
    sign_in_email(&server, &mut server.browser(), "ada@example.com").await;
    let id = server.text("SELECT id FROM users").await;
    let known = [("token", "wrong"), ("email", "ada@example.com")];
    server.browser().submit("/api/auth/callback/email", &known).await.assert_denied();
    let (user, refused) = row(&server, "sign_in_refused").await;
    assert_eq!(user, Some(id));
    assert_eq!((&refused["result"], &refused["reason"]), (&"refused".into(), &"Verification".into()));

    let unknown = [("username", "canary@example.com"), ("password", "canary-password")];
    server.browser().submit("/api/auth/callback/credentials", &unknown).await.assert_denied();
    let (user, refused) =
        until(async || rows(&server).await.into_iter().find(|(_, row)| row["reason"] == "CredentialsSignin"))
            .await;
    assert_eq!(user, None);
    assert!(refused["detail"].as_str().unwrap().starts_with("name "), "{refused}");
    assert!(!refused.to_string().contains("canary"), "LG-01: {refused}");
}

#[tokio::test]
async fn lg_06_a_limit_is_one_row_and_refusals_cannot_fill_the_database() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for number in 0..60 {
        let name = format!("name{number}");
        let form = [("username", name.as_str()), ("password", "wrong")];
        browser.submit("/api/auth/callback/credentials", &form).await.assert_denied();
    }
    row(&server, "limited").await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let rows = rows(&server).await;
    let count = |event: &str| rows.iter().filter(|(_, row)| row["event"] == event).count();
    assert_eq!((count("limited"), count("sign_in_refused")), (1, 30));
}

#[tokio::test]
async fn lg_06_a_row_outlives_its_user_and_goes_at_the_end_of_its_retention() {
    let server = TestServer::with(&[("AUTH_AUDIT_RETENTION", "1")]).await;
    sign_in_demo(&mut server.browser()).await;
    let id = server.text("SELECT id FROM users").await;
    assert!(server.auth.delete_user(&id).await.unwrap());
    assert_eq!(rows(&server).await.len(), 1);
    server.set_later(24 * 3600 - 60);
    server.auth.purge_expired().await.unwrap();
    assert_eq!(rows(&server).await.len(), 1);
    // The next turn to purge comes after some minutes.
    server.set_later(24 * 3600 + 600);
    until(async || {
        server.auth.purge_expired().await.unwrap();
        rows(&server).await.is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn lg_03_nothing_that_strangers_send_breaks_a_line() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.user_agent = "evil\t{\"event\":\"x\"} %0d%0a\\u001b";
    sign_in_demo(&mut browser).await;
    let (_, row) = row(&server, "signed_in").await;
    assert_eq!(row["userAgent"], "evil {\"event\":\"x\"} %0d%0a\\u001b");
    assert_eq!(row["event"], "signed_in", "a text stays a text");
}

#[tokio::test]
async fn lg_01_no_secret_is_in_any_row() {
    let server = TestServer::start().await;
    let (mut browser, told) = intruder(&server).await;
    let mut secrets = vec![told.token(), browser.session_cookie().unwrap().clone(), browser.csrf().await];
    let form = [("email", "new@example.com")];
    browser.submit("/api/auth/account/email", &form).await;
    let confirm = server.told("new@example.com", "Confirm").await;
    secrets.push(confirm.token());
    browser.submit("/api/auth/account/confirm-email", &[("token", &confirm.token())]).await;
    let form = [("username", "demo"), ("password", "canary-password")];
    browser.submit("/api/auth/callback/credentials", &form).await.assert_denied();
    browser.get("/api/auth/callback/dev?code=canary-code&state=canary-state").await.assert_denied();
    row(&server, "email_changed").await;
    until(async || {
        (rows(&server).await.iter().filter(|(_, row)| row["result"] == "refused").count() == 2).then_some(())
    })
    .await;
    let all: String = rows(&server).await.iter().map(|(_, row)| row.to_string()).collect();
    assert!(all.contains("signed_in") && all.contains("OAuthCallback"), "control: {all}");
    for secret in secrets.iter().map(String::as_str).chain(["canary", "demo-password"]) {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[tokio::test]
async fn a_change_keeps_its_event_until_that_can_be_stored() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    server.execute("ALTER TABLE audit RENAME TO gone").await;
    let changed = browser.submit("/api/auth/account/profile", &[("name", "Ada")]).await;
    assert!(changed.location().contains("done=profile-saved"), "{changed:?}");
    sign_in_demo(&mut server.browser()).await;
    browser.submit("/api/auth/signout", &[]).await;
    assert!(browser.who().await.is_null(), "whoever cannot write rows keeps nobody in or out");
    server.execute("ALTER TABLE gone RENAME TO audit").await;
    assert!(!rows(&server).await.iter().any(|(_, row)| row["event"] == "profile_changed"), "control");
    server.set_later(60);
    row(&server, "profile_changed").await;
}

#[tokio::test]
async fn a_sign_in_by_a_new_browser_is_told_and_by_a_familiar_one_is_not() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_email(&server, &mut browser, "ada@example.com").await;
    browser.submit("/api/auth/signout", &[]).await;
    sign_in_email(&server, &mut browser, "ada@example.com").await;
    assert!(!has_mail(&server, "New sign-in").await, "the first one, and the same browser again");
    let mut other = server.browser();
    other.user_agent = FIREFOX;
    sign_in_email(&server, &mut other, "ada@example.com").await;
    let told = server.told("ada@example.com", "New sign-in").await;
    for words in ["Firefox on Linux", "127.0.0.1", "Email", "This wasn't me"] {
        assert!(told.text.contains(words), "{words}: {}", told.text);
    }
    assert!(told.link().starts_with(&format!("{}/account/undo?token=", server.origin)));
    assert_eq!(row(&server, "signed_in").await.1["detail"], "new browser");
    // A cookie of another account is none for this one.
    let mut third = server.browser();
    sign_in_email(&server, &mut third, "grace@example.com").await;
    third.jar.retain(|name, _| name.contains("familiar"));
    sign_in_email(&server, &mut third, "ada@example.com").await;
    until(async || {
        (server.mails().await.iter().filter(|mail| mail.subject.contains("New sign-in")).count() == 2)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn mails_can_be_switched_off() {
    let server = TestServer::with(&[("AUTH_SECURITY_MAILS", "false")]).await;
    sign_in_email(&server, &mut server.browser(), "ada@example.com").await;
    sign_in_email(&server, &mut server.browser(), "ada@example.com").await;
    assert!(!has_mail(&server, "New sign-in").await);
    assert_eq!(row(&server, "signed_in").await.1["detail"], "new browser", "it is a row all the same");
}

#[tokio::test]
async fn the_link_locks_and_only_a_proof_of_the_address_opens_again() {
    let server = TestServer::start().await;
    let (mut intruder, told) = intruder(&server).await;
    let mut owner = server.browser();
    let page = owner.get(told.link()).await;
    assert!(page.status == 200 && page.body.contains("Undo and lock my account"), "{page:?}");
    assert!(!intruder.who().await.is_null(), "opening the link changes nothing");

    let locked = press(&server, &told).await;
    assert!(locked.location().contains("/signin?done=account-locked"), "{locked:?}");
    assert!(intruder.who().await.is_null(), "everybody is signed out");
    assert_eq!(row(&server, "locked").await.1["detail"], "signed_in");
    server.told("ada@example.com", "locked").await;

    let again = press(&server, &told).await;
    assert_eq!(again.error().as_deref(), Some("Verification"), "ML-01: once: {again:?}");
    sign_in_email(&server, &mut owner, "ada@example.com").await;
    row(&server, "unlocked").await;
    assert_eq!(owner.who().await["user"]["email"], "ada@example.com");
    owner.submit("/api/auth/signout", &[]).await;
    sign_in_email(&server, &mut owner, "ada@example.com").await;
}

#[tokio::test]
async fn a_locked_account_takes_nobody_in_by_other_ways() {
    let server = TestServer::start().await;
    sign_in_dev(&mut server.browser(), "ada").await;
    let id = server.text("SELECT id FROM users").await;
    server
        .execute("INSERT INTO user_records (user_id, kind, id, value, created) SELECT id, 'lock', '', 'x', 1 FROM users")
        .await;
    let mut browser = server.browser();
    let back = crate::support::start_dev(&mut browser, "ada").await;
    let refused = browser.get(&back).await;
    refused.assert_denied();
    assert_eq!(refused.error().as_deref(), Some("AccessDenied"));
    server.execute("DELETE FROM user_records WHERE kind = 'lock'").await;
    sign_in_dev(&mut browser, "ada").await;
    assert_eq!(browser.who().await["user"]["id"], id, "control");
}

#[tokio::test]
async fn a_link_is_good_for_seven_days_and_cannot_be_forged() {
    let server = TestServer::start().await;
    let (mut intruder, told) = intruder(&server).await;
    let forged = {
        let mut token = told.token().into_bytes();
        let middle = token.len() - 60;
        token[middle] = if token[middle] == b'A' { b'B' } else { b'A' };
        String::from_utf8(token).unwrap()
    };
    for token in ["", "x", forged.as_str(), intruder.session_cookie().unwrap().clone().as_str()] {
        let refused = server.browser().submit("/api/auth/account/undo", &[("token", token)]).await;
        assert_eq!(refused.error().as_deref(), Some("Verification"), "{token}");
    }
    let crossed = server.browser().post("/api/auth/account/undo", &[("token", &told.token())]).await;
    crossed.assert_denied();
    assert!(!intruder.who().await.is_null());
    server.set_later(7 * 24 * 3600 + 60);
    assert_eq!(press(&server, &told).await.error().as_deref(), Some("Verification"), "too late");
    server.set_later(7 * 24 * 3600 - 60);
    assert!(press(&server, &told).await.location().contains("account-locked"), "control");
}

#[tokio::test]
async fn lk_12_a_change_of_address_is_told_to_the_old_one_and_its_link_brings_that_back() {
    let server = TestServer::with(&[("AUTH_SECURITY_MAILS", "false")]).await;
    let mut browser = server.browser();
    sign_in_email(&server, &mut browser, "ada@example.com").await;
    browser.submit("/api/auth/account/email", &[("email", "eve@example.com")]).await;
    let confirm = server.told("eve@example.com", "Confirm").await;
    let changed = browser.submit("/api/auth/account/confirm-email", &[("token", &confirm.token())]).await;
    assert!(changed.location().contains("done=email-changed"), "{changed:?}");
    let told = server.told("ada@example.com", "address was changed").await;
    assert!(told.text.contains("eve@example.com"), "{}", told.text);
    assert_eq!(server.text("SELECT email_key FROM users").await, "eve@example.com");

    press(&server, &told).await;
    assert!(browser.who().await.is_null());
    assert_eq!(server.text("SELECT email_key FROM users").await, "ada@example.com");
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, "ada@example.com").await;
    assert_eq!(server.rows().await.users, 1, "the same account");
}

#[tokio::test]
async fn what_somebody_else_began_ends_with_the_lock() {
    let server = TestServer::start().await;
    let (mut intruder, told) = intruder(&server).await;
    intruder.submit("/api/auth/account/email", &[("email", "eve@example.com")]).await;
    let confirm = server.told("eve@example.com", "Confirm").await;
    let asked = intruder.submit("/api/auth/account/delete", &[("confirm", "delete")]).await;
    assert!(asked.location().contains("deletion-asked"), "{asked:?}");
    server.told("ada@example.com", "will be deleted").await;
    press(&server, &told).await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, "ada@example.com").await;
    let link = [("token", confirm.token())];
    let link: Vec<_> = link.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let dead = owner.submit("/api/auth/account/confirm-email", &link).await;
    assert_eq!(dead.error().as_deref(), Some("Verification"), "LK-06: {dead:?}");
    let waiting = server
        .text("SELECT count(*) || '' FROM user_records WHERE kind IN ('deletion', 'email-change')")
        .await;
    assert_eq!(waiting, "0");
}

#[tokio::test]
async fn the_page_shows_ones_own_events_page_by_page() {
    let server = TestServer::start().await;
    let (mut browser, mut other) = (server.browser(), server.browser());
    browser.user_agent = FIREFOX;
    sign_in_demo(&mut browser).await;
    sign_in_email(&server, &mut other, "grace@example.com").await;
    for number in 0..25 {
        browser.submit("/api/auth/account/profile", &[("name", &format!("Ada {number}"))]).await;
    }
    let first = browser.get("/account/activity").await;
    assert_eq!(first.status, 200);
    assert!(
        first.body.contains("Profile changed") && !first.body.contains("Signed in with"),
        "{}",
        first.body
    );
    assert_eq!(first.body.matches("activity-item").count(), 20);
    let start = first.body.find("/account/activity?before=").expect("a link to older ones");
    let older = &first.body[start..start + "/account/activity?before=".len() + 36];
    let second = browser.get(older).await;
    assert_eq!(second.body.matches("activity-item").count(), 6, "{}", second.body);
    assert!(second.body.contains("Signed in with") && second.body.contains("Firefox on Linux"));
    assert!(!second.body.contains(">Older<"), "nothing is older");
    let theirs = other.get("/account/activity").await;
    assert_eq!(theirs.body.matches("activity-item").count(), 1, "AZ-02: nobody sees another's");
    let stranger = server.browser().get("/account/activity").await;
    assert!(!stranger.body.contains("activity-item"), "AZ-03: {}", stranger.body);
    let stranger = server.browser().get("/api/fn/activity").await;
    assert_eq!(stranger.status, 401, "AZ-01: {stranger:?}");
    let odd = browser.get("/account/activity?before=%27%20OR%201=1").await;
    assert_eq!(odd.body.matches("activity-item").count(), 20, "what is no id begins at the newest");
}

#[tokio::test]
async fn this_was_not_me_on_the_page_locks_ones_own_account_alone() {
    let server = TestServer::start().await;
    let (mut intruder, _) = intruder(&server).await;
    let mut grace = server.browser();
    sign_in_email(&server, &mut grace, "grace@example.com").await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, "ada@example.com").await;
    let page = owner.get("/account/activity").await;
    assert!(page.body.contains("This wasn"), "{}", page.body);
    let start = page.body.find("name=\"id\" value=\"").expect("a form") + "name=\"id\" value=\"".len();
    let id = page.body[start..start + 36].to_owned();
    let theirs = grace.submit("/api/auth/account/not-me", &[("id", &id)]).await;
    assert_eq!(theirs.error().as_deref(), Some("InvalidInput"), "AZ-02: {theirs:?}");
    assert!(!intruder.who().await.is_null());
    let locked = owner.submit("/api/auth/account/not-me", &[("id", &id)]).await;
    assert!(locked.location().contains("done=account-locked"), "{locked:?}");
    assert!(intruder.who().await.is_null() && owner.who().await.is_null());
    assert!(!grace.who().await.is_null());
    sign_in_email(&server, &mut owner, "ada@example.com").await;
}

#[tokio::test]
async fn cr_03_a_slow_mail_server_keeps_nobody_waiting() {
    use crate::support::smtp_sink::{Manner, SmtpSink};
    let sink = SmtpSink::start(Manner::Silent).await;
    let server =
        TestServer::with(&[("EMAIL_SERVER", &sink.url), ("EMAIL_FROM", "App <app@example.com>")]).await;
    sign_in_dev(&mut server.browser(), "ada").await;
    server.execute("UPDATE users SET email_verified = 1, email_key = lower(email)").await;
    let began = std::time::Instant::now();
    sign_in_dev(&mut server.browser(), "ada").await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(
        row(&server, "signed_in").await.1["detail"],
        "new browser",
        "control: there is a mail to send"
    );
}
