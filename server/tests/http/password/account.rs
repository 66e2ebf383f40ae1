//! The password of whoever is signed in (CR-10, CC-07, AZ rows), with both kinds of session.

use super::{ADDRESS, OTHER, PASSWORD, STRATEGIES, sign_in, sign_up, stored};
use crate::support::{Answer, Browser, TestServer, query, sign_in_demo, sign_in_email};

const CHANGE: &str = "/api/auth/account/password";
const REMOVE: &str = "/api/auth/account/remove-password";
const STALE: i64 = 16 * 60;

async fn change(browser: &mut Browser, current: &str, password: &str) -> Answer {
    browser.submit(CHANGE, &[("currentPassword", current), ("password", password)]).await
}

fn done(answer: &Answer) -> Option<String> {
    query(answer.location(), "done")
}

#[tokio::test]
async fn a_change_ends_every_other_session_at_once() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
        let (mut other, mut stranger) = (server.browser(), server.browser());
        sign_in(&mut other, ADDRESS, PASSWORD).await.assert_signed_in();
        sign_in_demo(&mut stranger).await;
        let page = owner.get("/account/password").await;
        assert!(
            page.body.contains("currentPassword") && page.body.contains("autocomplete=\"username\""),
            "U-03"
        );
        assert_eq!(done(&change(&mut owner, PASSWORD, OTHER).await).as_deref(), Some("password-changed"));
        assert!(other.who().await.is_null(), "{strategy}");
        assert_eq!(owner.who().await["user"]["email"], ADDRESS, "{strategy}: this one goes on");
        assert_eq!(stranger.name().await.as_deref(), Some("Demo User"));
        sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.assert_denied();
        assert!(sign_in(&mut server.browser(), ADDRESS, OTHER).await.signs_in(), "{strategy}");
    }
}

#[tokio::test]
async fn cr_10_nothing_changes_without_the_old_password_a_token_and_a_fresh_session() {
    let server = TestServer::start().await;
    let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
    let before = stored(&server).await;
    for current in ["", "wrong", OTHER] {
        let answer = change(&mut owner, current, OTHER).await;
        assert_eq!(answer.error().as_deref(), Some("CredentialsSignin"), "{current}");
        assert!(answer.location().contains("/account/password?"), "{answer:?}");
        owner.submit(REMOVE, &[("currentPassword", current)]).await.assert_denied();
    }
    let form = [("currentPassword", PASSWORD), ("password", OTHER)];
    owner.post(CHANGE, &form).await.assert_denied();
    assert_eq!(owner.submit_with(CHANGE, &[("origin", "https://evil.test")], &form).await.status, 403);
    assert_eq!(owner.get(&format!("{CHANGE}?currentPassword={PASSWORD}&password={OTHER}")).await.status, 404);
    assert_eq!(change(&mut owner, PASSWORD, "password1").await.error().as_deref(), Some("PasswordCommon"));
    server.set_later(STALE);
    for path in [CHANGE, REMOVE] {
        let stale = owner.submit(path, &form).await;
        assert_eq!(stale.error().as_deref(), Some("ReauthenticationRequired"), "{path}");
        assert_eq!(query(stale.location(), "callbackUrl").as_deref(), Some("/account/password"));
    }
    assert!(
        !owner.get("/account/password").await.body.contains("currentPassword"),
        "asked before it is typed"
    );
    server.set_later(0);
    assert_eq!(stored(&server).await, before);
    assert_eq!(
        done(&change(&mut owner, PASSWORD, OTHER).await).as_deref(),
        Some("password-changed"),
        "control"
    );
}

#[tokio::test]
async fn cr_10_az_02_it_is_ones_own_whatever_the_form_says() {
    let server = TestServer::start().await;
    let mut victim = sign_up(&server, ADDRESS, PASSWORD).await;
    let id = victim.who().await["user"]["id"].as_str().unwrap().to_owned();
    let mut mallory = sign_up(&server, "mallory@example.com", PASSWORD).await;
    let form = [
        ("currentPassword", PASSWORD),
        ("password", OTHER),
        ("userId", id.as_str()),
        ("id", &id),
        ("user_id", &id),
        ("email", ADDRESS),
        ("username", ADDRESS),
    ];
    assert_eq!(done(&mallory.submit(CHANGE, &form).await).as_deref(), Some("password-changed"));
    assert!(sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.signs_in());
    sign_in(&mut server.browser(), ADDRESS, OTHER).await.assert_denied();
    assert!(sign_in(&mut server.browser(), "mallory@example.com", OTHER).await.signs_in(), "control");
}

#[tokio::test]
async fn az_01_az_03_nobody_reads_or_changes_it_without_a_session() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let before = stored(&server).await;
    let mut nobody = server.browser();
    assert_eq!(nobody.get("/api/fn/password").await.status, 401);
    for path in [CHANGE, REMOVE] {
        let form = [("currentPassword", PASSWORD), ("password", OTHER), ("email", ADDRESS)];
        let answer = nobody.submit(path, &form).await;
        assert_eq!(answer.error().as_deref(), Some("SessionRequired"), "{path}");
    }
    let page = nobody.get("/account/password").await;
    assert!(!page.body.contains(ADDRESS) && !page.body.contains("currentPassword"));
    assert_eq!(stored(&server).await, before);
    let mut owner = server.browser();
    sign_in(&mut owner, ADDRESS, PASSWORD).await.assert_signed_in();
    let known = owner.get("/api/fn/password").await;
    assert!(
        known.status == 200 && known.body.contains(ADDRESS) && !known.body.contains("argon2"),
        "{known:?}"
    );
}

#[tokio::test]
async fn it_is_set_and_taken_away() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = server.browser();
        sign_in_email(&server, &mut owner, ADDRESS).await;
        assert!(owner.get("/account/password").await.body.contains("Set the password"));
        let set = owner.submit(CHANGE, &[("password", PASSWORD)]).await;
        assert_eq!(done(&set).as_deref(), Some("password-set"), "{set:?}");
        assert!(sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.signs_in(), "{strategy}");
        let removed = owner.submit(REMOVE, &[("currentPassword", PASSWORD)]).await;
        assert_eq!(done(&removed).as_deref(), Some("password-removed"), "{removed:?}");
        sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.assert_denied();
        sign_in_email(&server, &mut server.browser(), ADDRESS).await.assert_signed_in();
    }
}

#[tokio::test]
async fn an_address_that_is_not_proven_gets_no_password() {
    let server = TestServer::start().await;
    let mut demo = server.browser();
    sign_in_demo(&mut demo).await;
    let answer = demo.submit(CHANGE, &[("password", PASSWORD)]).await;
    assert_eq!(answer.error().as_deref(), Some("InvalidInput"), "{answer:?}");
    assert!(demo.get("/account/password").await.body.contains("Prove yours first"));
    sign_in(&mut server.browser(), "demo@example.com", PASSWORD).await.assert_denied();
}

#[tokio::test]
async fn rl_01_a_stolen_session_gets_few_tries_at_the_old_password() {
    let server = TestServer::start().await;
    let mut thief = sign_up(&server, ADDRESS, PASSWORD).await;
    let mut words = Vec::new();
    for number in 0..12 {
        words.push(change(&mut thief, &format!("guess {number}"), OTHER).await.error().unwrap());
    }
    assert_eq!(words.iter().filter(|word| *word == "CredentialsSignin").count(), 10, "{words:?}");
    let right = change(&mut thief, PASSWORD, OTHER).await;
    assert_eq!(right.error().as_deref(), Some("RateLimited"));
}

/// Sign-ins with the old password and a change race; afterwards no session by the old one is left.
#[tokio::test]
async fn cc_07_no_session_by_the_old_password_outlives_the_change() {
    const ROUNDS: usize = 12;
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
        let (mut old, mut new) = (PASSWORD.to_owned(), OTHER.to_owned());
        let mut came_in = 0;
        for round in 0..ROUNDS {
            let token = owner.csrf().await;
            let mut runner = server.browser();
            let csrf = runner.csrf().await;
            let guess = {
                let old = old.clone();
                async move {
                    // Now sooner, now later than the change.
                    tokio::time::sleep(std::time::Duration::from_millis(10 * round as u64)).await;
                    let form = [("csrfToken", csrf.as_str()), ("email", ADDRESS), ("password", &old)];
                    let signed_in = runner.post(super::PATH, &form).await.signs_in();
                    (runner, signed_in)
                }
            };
            let form = [("csrfToken", token.as_str()), ("currentPassword", &old), ("password", &new)];
            let change = owner.post(CHANGE, &form);
            let (changed, (mut runner, signed_in)) = if round == 0 {
                let guessed = guess.await; // Control: whoever is in before the change.
                (change.await, guessed)
            } else {
                tokio::join!(change, guess)
            };
            assert_eq!(done(&changed).as_deref(), Some("password-changed"), "{changed:?}");
            came_in += usize::from(signed_in);
            assert!(runner.who().await.is_null(), "{strategy} {round}");
            std::mem::swap(&mut old, &mut new);
            server.execute("DELETE FROM attempts").await;
        }
        assert!(came_in > 0, "{strategy}: control, somebody was in for a moment");
        assert_eq!(server.rows().await.sessions, 1, "{strategy}: the owner's");
    }
}
