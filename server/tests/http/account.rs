//! Account pages: name, address, export, deletion. Each test runs with both session strategies.

use serde_json::Value;

use crate::support::{Answer, Browser, TestServer, query, sign_in_demo, sign_in_email};

const STRATEGIES: [&str; 2] = ["database", "jwt"];
const ADDRESS: &str = "ada@example.com";
const NEW: &str = "ada@example.org";
/// A sign-in is fresh for 15 minutes.
const STALE: i64 = 16 * 60;
const DAY: i64 = 24 * 3600;

async fn ada(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    sign_in_email(server, &mut browser, ADDRESS).await.assert_signed_in();
    browser
}

fn done(answer: &Answer) -> Option<String> {
    query(answer.location(), "done")
}

/// Sent to sign in once more, and from there back.
#[track_caller]
fn assert_sent_to_sign_in(answer: &Answer, error: &str, back: &str) {
    assert_eq!(answer.status, 302, "{answer:?}");
    assert!(answer.location().contains("/signin?"), "{answer:?}");
    assert_eq!(answer.error().as_deref(), Some(error), "{answer:?}");
    assert_eq!(query(answer.location(), "callbackUrl").as_deref(), Some(back), "{answer:?}");
}

async fn ask_for(browser: &mut Browser, address: &str) -> Answer {
    browser.submit("/api/auth/account/email", &[("email", address)]).await
}

async fn confirm(browser: &mut Browser, token: &str) -> Answer {
    browser.submit("/api/auth/account/confirm-email", &[("token", token)]).await
}

async fn email_of(browser: &mut Browser) -> Option<String> {
    browser.who().await["user"]["email"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn f_b3_a_new_name_and_a_confirmed_address_at_the_same_moment_are_both_kept() {
    let server = TestServer::start().await;
    for round in 0..10 {
        let (old, new) = (format!("ada{round}@example.com"), format!("ada{round}@example.org"));
        let (mut confirming, mut renaming) = (server.browser(), server.browser());
        for browser in [&mut confirming, &mut renaming] {
            sign_in_email(&server, browser, &old).await.assert_signed_in();
        }
        ask_for(&mut confirming, &new).await;
        let token = server.told(&new, "Confirm").await.token();
        let csrf = [confirming.csrf().await, renaming.csrf().await];
        let email_form = [("token", token.as_str()), ("csrfToken", &csrf[0])];
        let name_form = [("name", "Ada Lovelace"), ("csrfToken", &csrf[1])];
        let (confirmed, renamed) = tokio::join!(
            confirming.post("/api/auth/account/confirm-email", &email_form),
            renaming.post("/api/auth/account/profile", &name_form),
        );
        assert_eq!(done(&confirmed).as_deref(), Some("email-changed"), "{confirmed:?}");
        assert_eq!(done(&renamed).as_deref(), Some("profile-saved"), "{renamed:?}");
        assert_eq!(email_of(&mut confirming).await, Some(new), "round {round}");
        assert_eq!(confirming.name().await.as_deref(), Some("Ada Lovelace"), "round {round}");
    }
}

#[tokio::test]
async fn a_new_name_is_seen_at_once() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = ada(&server).await;
        for name in ["Ada", "  Ängström 愛 <b> ", "O'Neil"] {
            let answer = browser.submit("/api/auth/account/profile", &[("name", name)]).await;
            assert_eq!(done(&answer).as_deref(), Some("profile-saved"), "{answer:?}");
            assert_eq!(browser.name().await.as_deref(), Some(name.trim()), "{strategy}");
        }
        let page = browser.get("/account").await.body;
        assert!(page.contains("O&#x27;Neil") || page.contains("O'Neil"), "it stands in the field");
        browser.submit("/api/auth/account/profile", &[("name", "")]).await;
        assert_eq!(browser.name().await, None, "{strategy}: an empty one takes it away");
    }
}

#[tokio::test]
async fn em_05_an_odd_name_is_refused_and_nothing_is_lost() {
    let server = TestServer::start().await;
    let mut browser = ada(&server).await;
    browser.submit("/api/auth/account/profile", &[("name", "Ada")]).await;
    let long = "a".repeat(101);
    for name in [long.as_str(), "a\r\nBcc: x@evil.test", "a\u{7}"] {
        let answer = browser.submit("/api/auth/account/profile", &[("name", name)]).await;
        assert_eq!(answer.error().as_deref(), Some("InvalidInput"), "{answer:?}");
        assert_eq!(browser.name().await.as_deref(), Some("Ada"));
    }
}

#[tokio::test]
async fn i_11_a_typed_name_keeps_its_joiners_and_hides_nothing() {
    let server = TestServer::start().await;
    let mut browser = ada(&server).await;
    for (typed, shown) in [
        ("Ada 👩\u{200d}💻", Some("Ada 👩\u{200d}💻")),
        ("علی\u{200c}رضا", Some("علی\u{200c}رضا")),
        ("ക്\u{200d}ഷ", Some("ക്\u{200d}ഷ")),
        ("\u{202e}adA\u{2066}\u{200b}\u{feff}\u{2060}\u{ad}\u{e0041}", Some("adA")),
        ("\u{200d}\u{200c}", None),
        ("\u{200b} \u{2060}", None),
    ] {
        let answer = browser.submit("/api/auth/account/profile", &[("name", typed)]).await;
        assert_eq!(done(&answer).as_deref(), Some("profile-saved"), "{answer:?}");
        assert_eq!(browser.name().await.as_deref(), shown, "{typed:?}");
    }
}

#[tokio::test]
async fn cr_09_az_02_a_form_changes_its_own_field_of_its_own_user() {
    let server = TestServer::start().await;
    let mut other = server.browser();
    sign_in_demo(&mut other).await;
    let victim = other.who().await["user"]["id"].as_str().unwrap().to_owned();
    let mut browser = ada(&server).await;
    let own = browser.who().await;
    let form = [
        ("name", "Mallory"),
        ("id", victim.as_str()),
        ("userId", &victim),
        ("email", "root@example.com"),
        ("role", "admin"),
    ];
    browser.submit("/api/auth/account/profile", &form).await;
    assert_eq!(other.name().await.as_deref(), Some("Demo User"));
    let after = browser.who().await;
    assert_eq!(after["user"]["name"], "Mallory", "control");
    for field in ["id", "email", "role"] {
        assert_eq!(after["user"][field], own["user"][field], "{field}");
    }
}

#[tokio::test]
async fn az_01_nobody_is_sent_to_sign_in() {
    let server = TestServer::start().await;
    let mut nobody = server.browser();
    let rows = server.rows().await;
    for (action, back) in [
        ("profile", "/account"),
        ("email", "/account/email"),
        ("confirm-email", "/account/email/confirm"),
        ("delete", "/account/data"),
        ("keep", "/account/data"),
    ] {
        let form = [("name", "x"), ("email", NEW), ("token", "x"), ("confirm", "delete")];
        let answer = nobody.submit(&format!("/api/auth/account/{action}"), &form).await;
        assert_sent_to_sign_in(&answer, "SessionRequired", back);
    }
    let export = nobody.submit("/api/auth/account/export", &[]).await;
    assert_sent_to_sign_in(&export, "SessionRequired", "/account/data");
    assert_eq!(nobody.submit("/api/auth/account/nosuch", &[]).await.status, 404);
    assert_eq!((server.rows().await, server.mails().await.len()), (rows, 0));
}

#[tokio::test]
async fn lk_12_an_address_changes_when_the_new_one_answers() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = ada(&server).await;
        let asked = ask_for(&mut browser, NEW).await;
        assert_eq!(done(&asked).as_deref(), Some("email-change-sent"), "{asked:?}");
        assert_eq!(email_of(&mut browser).await.as_deref(), Some(ADDRESS), "not yet");
        let mail = server.mail_to(NEW).await;
        let page = browser.get(mail.link().strip_prefix(&server.origin).unwrap()).await;
        assert!(page.status == 200 && page.body.contains(NEW), "{page:?}");
        assert_eq!(email_of(&mut browser).await.as_deref(), Some(ADDRESS), "looking changes nothing");

        let answer = confirm(&mut browser, &mail.token()).await;
        assert_eq!(done(&answer).as_deref(), Some("email-changed"), "{answer:?}");
        assert_eq!(email_of(&mut browser).await.as_deref(), Some(NEW), "{strategy}");
        let told = server.told(ADDRESS, "was changed").await;
        assert!(told.text.contains(NEW), "{told:?}");
        let again = confirm(&mut browser, &mail.token()).await;
        assert_eq!(again.error().as_deref(), Some("Verification"), "once");

        // The new address is the way in now; the old one is somebody else's.
        let (mut by_new, mut by_old) = (server.browser(), server.browser());
        sign_in_email(&server, &mut by_new, NEW).await;
        sign_in_email(&server, &mut by_old, ADDRESS).await;
        let id = async |browser: &mut Browser| browser.who().await["user"]["id"].clone();
        assert_eq!(id(&mut by_new).await, id(&mut browser).await);
        assert_ne!(id(&mut by_old).await, id(&mut browser).await);
    }
}

#[tokio::test]
async fn lk_12_an_address_that_is_taken_stays_where_it_is() {
    let server = TestServer::start().await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, NEW).await;
    let mut browser = ada(&server).await;
    // The answer does not tell: it is the same as for any address.
    let asked = ask_for(&mut browser, NEW).await;
    let free = ask_for(&mut browser, "free@example.org").await;
    assert_eq!(asked.location(), free.location());
    ask_for(&mut browser, NEW).await;
    let token = server.mail_to(NEW).await.token();
    let answer = confirm(&mut browser, &token).await;
    assert_eq!(answer.error().as_deref(), Some("AddressTaken"), "{answer:?}");
    assert_eq!(email_of(&mut browser).await.as_deref(), Some(ADDRESS));
    assert_eq!(email_of(&mut owner).await.as_deref(), Some(NEW));
}

#[tokio::test]
async fn lk_12_a_link_is_of_one_user_one_wish_and_a_quarter_of_an_hour() {
    let server = TestServer::start().await;
    let mut browser = ada(&server).await;
    let mut other = server.browser();
    sign_in_demo(&mut other).await;
    ask_for(&mut browser, NEW).await;
    let first = server.mail_to(NEW).await.token();
    let stolen = confirm(&mut other, &first).await;
    assert_eq!(stolen.error().as_deref(), Some("Verification"), "of another user");
    for wrong in ["", "x", &first.to_lowercase(), &first[1..]] {
        assert_eq!(confirm(&mut browser, wrong).await.error().as_deref(), Some("Verification"), "{wrong}");
    }
    ask_for(&mut browser, "other@example.org").await;
    assert_eq!(confirm(&mut browser, &first).await.error().as_deref(), Some("Verification"), "replaced");
    server.set_later(15 * 60 + 1);
    let second = server.mail_to("other@example.org").await.token();
    assert_eq!(confirm(&mut browser, &second).await.error().as_deref(), Some("Verification"), "too late");
    assert_eq!(email_of(&mut browser).await.as_deref(), Some(ADDRESS));
    // The token of a sign-in is no token of this, nor the other way round (ML-15).
    server.set_later(0);
    ask_for(&mut browser, NEW).await;
    let change = server.mail_to(NEW).await.token();
    let form = [("token", change.as_str()), ("email", NEW)];
    let answer = server.browser().submit("/api/auth/callback/email", &form).await;
    assert_eq!(answer.error().as_deref(), Some("Verification"), "{answer:?}");
    confirm(&mut browser, &change).await;
    assert_eq!(email_of(&mut browser).await.as_deref(), Some(NEW), "control");
}

#[tokio::test]
async fn em_01_a_change_has_one_plain_address() {
    let server = TestServer::start().await;
    let mut browser = ada(&server).await;
    let mails = server.mails().await.len();
    for odd in [
        "",
        "a@evil.test,ada@example.org",
        "\"Ada\" <ada@example.org>",
        "ada@example.org\r\nBcc: a@evil.test",
    ] {
        let answer = ask_for(&mut browser, odd).await;
        assert_eq!(answer.error().as_deref(), Some("EmailSignin"), "{odd}: {answer:?}");
    }
    assert_eq!(server.mails().await.len(), mails);
}

#[tokio::test]
async fn a_stale_session_has_to_prove_itself_first() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = ada(&server).await;
        let rows = server.rows().await;
        server.set_later(STALE);
        let asked = ask_for(&mut browser, NEW).await;
        assert_sent_to_sign_in(&asked, "ReauthenticationRequired", "/account/email");
        let deletion = browser.submit("/api/auth/account/delete", &[("confirm", "delete")]).await;
        assert_sent_to_sign_in(&deletion, "ReauthenticationRequired", "/account/data");
        let export = browser.submit("/api/auth/account/export", &[]).await;
        assert_sent_to_sign_in(&export, "ReauthenticationRequired", "/account/data");
        assert_eq!(server.rows().await.users, rows.users);
        assert!(
            browser.get("/account/email").await.body.contains("confirm first"),
            "the page says so before"
        );
        let sign_in = browser.get(asked.location().strip_prefix(&server.origin).unwrap()).await;
        assert!(sign_in.body.contains("Confirm that it is you") && !sign_in.body.contains("Continue as"));
        sign_in_email(&server, &mut browser, ADDRESS).await;
        let asked = ask_for(&mut browser, NEW).await;
        assert_eq!(done(&asked).as_deref(), Some("email-change-sent"), "control: {asked:?}");
    }
}

#[tokio::test]
async fn an_export_is_complete_and_opens_nothing() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = ada(&server).await;
        ask_for(&mut browser, NEW).await;
        let answer = browser.submit("/api/auth/account/export", &[]).await;
        assert!(answer.header("content-disposition").starts_with("attachment"), "{answer:?}");
        assert!(answer.header("cache-control").contains("no-store"));
        let document = answer.json();
        assert_eq!(document["user"]["email"], ADDRESS);
        assert_eq!(document["sessions"].as_array().map(Vec::len), Some(1), "{document:#}");
        let events =
            document["activity"].as_array().unwrap().iter().map(|row| row["event"].as_str().unwrap());
        assert_eq!(events.collect::<Vec<_>>(), ["email_change_asked", "signed_in"], "{document:#}");
        let kinds: Vec<&Value> =
            document["records"].as_array().unwrap().iter().map(|record| &record["kind"]).collect();
        assert!(kinds.contains(&&Value::from("email-change")), "{document:#}");
        let token = server.mail_to(NEW).await.token();
        let hash = server.text("SELECT token_hash FROM sessions").await;
        for secret in [token, hash, browser.session_cookie().unwrap().clone()] {
            assert!(!answer.body.contains(&secret), "{document:#}");
        }
    }
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let document = browser.submit("/api/auth/account/export", &[]).await.json();
    assert_eq!(document["accounts"][0]["provider"], "credentials", "{document:#}");
}

#[tokio::test]
async fn a_deletion_can_be_undone_until_its_day() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (mut browser, mut elsewhere) = (ada(&server).await, server.browser());
        sign_in_email(&server, &mut elsewhere, ADDRESS).await;
        let unsure = browser.submit("/api/auth/account/delete", &[]).await;
        assert_eq!(unsure.error().as_deref(), Some("InvalidInput"), "{unsure:?}");
        let answer = browser.submit("/api/auth/account/delete", &[("confirm", "delete")]).await;
        assert_eq!(done(&answer).as_deref(), Some("deletion-asked"), "{answer:?}");
        assert!(
            browser.who().await.is_null() && elsewhere.who().await.is_null(),
            "{strategy}: out everywhere"
        );

        server.set_later(13 * DAY);
        server.auth.purge_expired().await.unwrap();
        sign_in_email(&server, &mut browser, ADDRESS).await;
        assert!(
            browser.get("/account").await.body.contains("will be deleted on"),
            "whoever comes back sees it"
        );
        let kept = browser.submit("/api/auth/account/keep", &[]).await;
        assert_eq!(done(&kept).as_deref(), Some("account-kept"));
        server.set_later(16 * DAY);
        server.auth.purge_expired().await.unwrap();
        assert_eq!(server.rows().await.users, 1, "{strategy}: kept");

        sign_in_email(&server, &mut browser, ADDRESS).await;
        browser.submit("/api/auth/account/delete", &[("confirm", "delete")]).await;
        sign_in_email(&server, &mut elsewhere, ADDRESS).await;
        server.set_later(31 * DAY);
        sign_in_email(&server, &mut elsewhere, ADDRESS).await;
        server.auth.purge_expired().await.unwrap();
        assert!(elsewhere.who().await.is_null(), "{strategy}: nobody is signed in as nobody");
        let rows = server.rows().await;
        assert_eq!((rows.users, rows.accounts, rows.sessions), (0, 0, 0), "{strategy}");
    }
}

#[tokio::test]
async fn without_a_time_of_grace_it_is_gone_at_once() {
    let server = TestServer::with(&[("AUTH_DELETION_GRACE", "0")]).await;
    let mut browser = ada(&server).await;
    browser.submit("/api/auth/account/delete", &[("confirm", "delete")]).await;
    assert!(browser.who().await.is_null());
    assert_eq!(server.rows().await.users, 0);
}
