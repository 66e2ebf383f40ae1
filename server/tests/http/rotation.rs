//! Session rotation after each change of sign-in methods: the old token is rejected, the browser stays signed in, and a
//! request in progress does not remove its cookie (F-D1, F-B1, F-D3).

use crate::support::{
    Answer, Authenticator, Browser, Passkey, TestServer, authenticator::action, query, sign_in_demo,
    sign_in_dev, sign_in_email, start_dev,
};

const STRATEGIES: [&str; 2] = ["database", "jwt"];
const ADA: &str = "ada@example.com";
const PASSWORD: &str = "a bicycle for the mind";
const OTHER: &str = "two bicycles for two minds";
const ACCOUNT: &str = "/api/auth/account";

/// Every change of sign-in methods.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    SetPassword,
    ReplacePassword,
    RemovePassword,
    AddPasskey,
    RemovePasskey,
    Link,
    Unlink,
    Email,
    SecondStepOn,
    NewCodes,
    SecondStepOff,
}

/// In an order in which each change is possible.
const CHANGES: [Change; 11] = [
    Change::SetPassword,
    Change::ReplacePassword,
    Change::AddPasskey,
    Change::Link,
    Change::Unlink,
    Change::RemovePasskey,
    Change::Email,
    Change::RemovePassword,
    Change::SecondStepOn,
    Change::NewCodes,
    Change::SecondStepOff,
];

/// A user in a browser, with everything that the changes need.
struct Owner {
    browser: Browser,
    phone: Option<Authenticator>,
}

impl Owner {
    async fn new(server: &TestServer) -> Self {
        let mut browser = server.browser();
        sign_in_email(server, &mut browser, ADA).await;
        Self { browser, phone: None }
    }

    async fn change(&mut self, server: &TestServer, change: Change) -> Answer {
        let browser = &mut self.browser;
        let account = |action: &str| format!("{ACCOUNT}/{action}");
        match change {
            Change::SetPassword => browser.submit(&account("password"), &[("password", PASSWORD)]).await,
            Change::ReplacePassword => {
                let form = [("currentPassword", PASSWORD), ("password", OTHER)];
                browser.submit(&account("password"), &form).await
            }
            Change::RemovePassword => {
                browser.submit(&account("remove-password"), &[("currentPassword", OTHER)]).await
            }
            Change::AddPasskey => add_passkey(server, browser).await,
            Change::RemovePasskey => {
                let id = server.text("SELECT credential_id FROM authenticators").await;
                browser.submit(&account("remove-passkey"), &[("id", &id)]).await
            }
            Change::Link => link(browser, "grace").await,
            Change::Unlink => {
                let id = server.text("SELECT provider_account_id FROM accounts").await;
                browser.submit(&account("unlink"), &[("provider", "dev"), ("account", &id)]).await
            }
            Change::Email => {
                browser.submit(&account("email"), &[("email", "ada@example.org")]).await;
                let token = server.told("ada@example.org", "Confirm").await.token();
                browser.submit(&account("confirm-email"), &[("token", &token)]).await
            }
            Change::SecondStepOn => {
                let mut phone = Authenticator::scan(server, browser).await;
                let code = phone.next_code(server);
                self.phone = Some(phone);
                browser.submit(&action("confirm"), &[("code", &code)]).await
            }
            Change::NewCodes | Change::SecondStepOff => {
                let code = self.phone.as_mut().unwrap().next_code(server);
                let name = if change == Change::NewCodes { "new-codes" } else { "turn-off" };
                browser.submit(&action(name), &[("code", &code)]).await
            }
        }
    }
}

async fn add_passkey(server: &TestServer, browser: &mut Browser) -> Answer {
    let options = browser.get("/api/auth/webauthn-options/passkey?action=register").await.json();
    let data = Passkey::new(&server.origin).create(&options).to_string();
    let form =
        [("action", "register"), ("data", data.as_str()), ("callbackUrl", "/account?done=passkey-added")];
    browser.submit("/api/auth/callback/passkey", &form).await
}

async fn link(browser: &mut Browser, persona: &str) -> Answer {
    let form = [("link", "true"), ("callbackUrl", "/account/methods")];
    let begun = browser.submit("/api/auth/signin/dev", &form).await;
    let (_, request) = begun.location().split_once('?').unwrap();
    let decided = browser.post("/dev/idp/authorize", &[("request", request), ("persona", persona)]).await;
    let back = decided.location().to_owned();
    browser.get(&back).await
}

#[track_caller]
fn assert_done(answer: &Answer, change: Change) {
    assert!(query(answer.location(), "done").is_some(), "{change:?}: {answer:?}");
}

async fn until_out(browser: &mut Browser) {
    for _ in 0..200 {
        if browser.clone().who().await.is_null() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("still signed in");
}

#[tokio::test]
async fn f_d1_each_change_gives_a_new_token_and_the_old_one_is_refused() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&server).await;
        for change in CHANGES {
            let copy = owner.browser.clone();
            assert!(copy.clone().who().await.is_object(), "{strategy} {change:?}: control");
            let answer = owner.change(&server, change).await;
            assert_done(&answer, change);
            assert_ne!(copy.session_cookie(), owner.browser.session_cookie(), "{strategy} {change:?}");
            assert!(copy.clone().who().await.is_null(), "{strategy} {change:?}: the copy is rejected");
            assert_eq!(copy.clone().get("/api/me").await.status, 401, "{strategy} {change:?}");
            assert!(
                owner.browser.who().await.is_object(),
                "{strategy} {change:?}: the owner stays signed in"
            );
        }
        assert_eq!(server.rows().await.sessions, 1, "{strategy}: no row is left behind");
    }
}

#[tokio::test]
async fn f_d1_the_old_token_is_refused_on_every_instance() {
    for strategy in STRATEGIES {
        let first = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let second = first.twin(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&first).await;
        let mut copy = owner.browser.at(&second);
        assert!(copy.who().await.is_object(), "{strategy}: control");
        assert_done(&owner.change(&first, Change::SetPassword).await, Change::SetPassword);
        until_out(&mut copy).await;
        assert!(owner.browser.at(&second).who().await.is_object(), "{strategy}: the new token is valid");
    }
}

#[tokio::test]
async fn f_d1_without_a_change_the_token_stays() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&server).await;
        owner.change(&server, Change::SetPassword).await;
        let before = owner.browser.session_cookie().cloned();
        let form = [("currentPassword", "wrong"), ("password", OTHER)];
        owner.browser.submit(&format!("{ACCOUNT}/password"), &form).await.assert_denied();
        owner.browser.submit(&format!("{ACCOUNT}/profile"), &[("name", "Ada")]).await;
        assert_eq!(owner.browser.session_cookie().cloned(), before, "{strategy}");
    }
}

#[tokio::test]
async fn f_d1_a_request_under_way_does_not_remove_the_new_cookie() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&server).await;
        let mut late = owner.browser.clone();
        owner.change(&server, Change::SetPassword).await;
        for headers in [&[][..], &[("x-auth-poll", "1")]] {
            let answer = late.get_with("/api/auth/session", headers).await;
            assert_eq!(
                (answer.body.as_str(), answer.set_cookies().len()),
                ("null", 0),
                "{strategy}: {answer:?}"
            );
        }
        let page = late.get("/account").await;
        assert!(page.location().contains("/signin") && !page.signs_in(), "{strategy}: {page:?}");
        assert!(late.session_cookie().is_some(), "{strategy}: {page:?}");
        // The same for a sign-in instead of a rotation.
        let mut late = owner.browser.clone();
        sign_in_email(&server, &mut owner.browser, ADA).await;
        assert_eq!(late.get("/api/auth/session").await.set_cookies().len(), 0, "{strategy}");
        // Later, no request is in progress.
        server.set_later(120);
        late.get("/api/auth/session").await;
        assert!(late.session_cookie().is_none(), "{strategy}: control: a cookie of no session is removed");
        assert!(owner.browser.who().await.is_object(), "{strategy}");
    }
}

#[tokio::test]
async fn f_d1_parallel_changes_leave_one_session() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&server).await;
        let token = owner.browser.csrf().await;
        let uses = (0..6).map(|_| {
            let (mut browser, token) = (owner.browser.clone(), token.clone());
            async move {
                let form = [("csrfToken", token.as_str()), ("password", PASSWORD)];
                let before = browser.session_cookie().cloned();
                browser.post(&format!("{ACCOUNT}/password"), &form).await;
                (browser.session_cookie().cloned() != before).then_some(browser)
            }
        });
        let changed: Vec<_> = futures_util::future::join_all(uses).await.into_iter().flatten().collect();
        let mut good = 0;
        for mut browser in changed {
            good += usize::from(browser.who().await.is_object());
        }
        assert_eq!(good, 1, "{strategy}");
        assert!(owner.browser.clone().who().await.is_null(), "{strategy}: the old token");
        assert_eq!(server.rows().await.sessions, 1, "{strategy}");
    }
}

#[tokio::test]
async fn f_b1_the_session_that_ended_others_survives_each_later_rotation() {
    for strategy in STRATEGIES {
        for first in ["end-other-sessions", "password", "second-step"] {
            let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
            let mut owner = Owner::new(&server).await;
            let mut other = server.browser();
            sign_in_email(&server, &mut other, ADA).await;
            match first {
                "password" => drop(owner.change(&server, Change::SetPassword).await),
                "second-step" => drop(owner.change(&server, Change::SecondStepOn).await),
                _ => drop(owner.browser.submit(&format!("{ACCOUNT}/end-other-sessions"), &[]).await),
            }
            assert!(other.who().await.is_null(), "{strategy} {first}: control: the other session has ended");
            for change in [Change::Link, Change::AddPasskey, Change::Unlink, Change::RemovePasskey] {
                assert_done(&owner.change(&server, change).await, change);
                assert!(owner.browser.who().await.is_object(), "{strategy} {first} {change:?}");
            }
            // Also after a renewal, and on another instance.
            server.set_later(2 * 24 * 3600);
            assert!(owner.browser.who().await.is_object(), "{strategy} {first}: renewed");
            let second = server.twin(&[("AUTH_SESSION", strategy)]).await;
            second.set_later(server.later());
            assert!(owner.browser.at(&second).who().await.is_object(), "{strategy} {first}: elsewhere");
        }
    }
}

#[tokio::test]
async fn f_b1_without_a_database_too() {
    let server = TestServer::with(&[("DATABASE_URL", "")]).await;
    let (mut here, mut there) = (server.browser(), server.browser());
    sign_in_demo(&mut here).await;
    sign_in_demo(&mut there).await;
    let read = server.auth.session(&here.headers()).await.unwrap();
    server.auth.end_sessions(&read.session.unwrap().user.id, read.details.as_ref()).await.unwrap();
    assert!(here.who().await.is_object() && there.who().await.is_null());
}

#[tokio::test]
async fn f_d1_a_session_that_was_rotated_is_ended_by_its_name() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&server).await;
        let mut elsewhere = server.browser();
        sign_in_email(&server, &mut elsewhere, ADA).await;
        // The page with the list was opened before the other session was rotated.
        let details = server.auth.session(&owner.browser.headers()).await.unwrap().details.unwrap();
        owner.change(&server, Change::AddPasskey).await;
        elsewhere.submit(&format!("{ACCOUNT}/end-session"), &[("session", &details.id)]).await;
        assert!(owner.browser.who().await.is_null(), "{strategy}");
        assert!(elsewhere.who().await.is_object(), "{strategy}: control");
    }
}

#[tokio::test]
async fn f_d3_a_pair_that_somebody_else_got_is_refused_in_a_session() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&server).await;
        let mut attacker = server.browser();
        let anonymous = (attacker.csrf().await, attacker.jar["authjs.csrf-token"].clone());
        sign_in_dev(&mut attacker, "grace").await;
        let of_session = (attacker.csrf().await, attacker.jar["authjs.csrf-token"].clone());
        for (token, cookie) in [anonymous, of_session] {
            let mut victim = owner.browser.clone();
            victim.jar.insert("authjs.csrf-token".to_owned(), cookie);
            let answer =
                victim.post(&format!("{ACCOUNT}/profile"), &[("csrfToken", &token), ("name", "Eve")]).await;
            assert_eq!(answer.error().as_deref(), Some("MissingCSRF"), "{strategy}: {answer:?}");
            let out = victim.post("/api/auth/signout", &[("csrfToken", &token)]).await;
            assert_eq!(out.error().as_deref(), Some("MissingCSRF"), "{strategy}: {out:?}");
        }
        assert!(owner.browser.who().await.is_object(), "{strategy}");
        let token = owner.browser.csrf().await;
        let answer = owner
            .browser
            .post(&format!("{ACCOUNT}/profile"), &[("csrfToken", &token), ("name", "Ada")])
            .await;
        assert_eq!(query(answer.location(), "done").as_deref(), Some("profile-saved"), "{strategy}: control");
        let cookie = &owner.browser.jar["authjs.csrf-token"];
        assert_eq!(
            cookie.replace("%7C", "|").split('|').map(str::len).collect::<Vec<_>>(),
            [64, 64],
            "the same as Auth.js"
        );
    }
}

#[tokio::test]
async fn f_d3_forms_in_other_tabs_work_after_a_rotation_and_a_renewal() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&server).await;
        let tab = owner.browser.csrf().await;
        owner.change(&server, Change::SetPassword).await;
        owner.change(&server, Change::AddPasskey).await;
        let form = [("csrfToken", tab.as_str()), ("name", "Ada")];
        let answer = owner.browser.post(&format!("{ACCOUNT}/profile"), &form).await;
        assert_eq!(
            query(answer.location(), "done").as_deref(),
            Some("profile-saved"),
            "{strategy}: {answer:?}"
        );
        server.set_later(2 * 24 * 3600);
        assert!(owner.browser.get("/api/auth/session").await.signs_in(), "{strategy}: control: renewed");
        let answer = owner.browser.post(&format!("{ACCOUNT}/profile"), &form).await;
        assert_eq!(
            query(answer.location(), "done").as_deref(),
            Some("profile-saved"),
            "{strategy}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn f_d3_a_form_from_before_a_sign_in_asks_to_try_again_on_its_page() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&server).await;
        let tab = owner.browser.csrf().await;
        sign_in_email(&server, &mut owner.browser, ADA).await;
        let form = [("csrfToken", tab.as_str()), ("name", "Ada")];
        let answer = owner.browser.post(&format!("{ACCOUNT}/profile"), &form).await;
        assert_eq!(answer.error().as_deref(), Some("MissingCSRF"), "{strategy}");
        assert!(answer.location().contains("/account?"), "{strategy}: {answer:?}");
        let page = owner.browser.get(answer.location()).await.body;
        assert!(page.contains("This page was open for too long"), "{strategy}: {page}");
        let at = page.find("name=\"csrfToken\" value=\"").unwrap() + "name=\"csrfToken\" value=\"".len();
        let fresh = page[at..at + 64].to_owned();
        let form = [("csrfToken", fresh.as_str()), ("name", "Ada")];
        let answer = owner.browser.post(&format!("{ACCOUNT}/profile"), &form).await;
        assert_eq!(
            query(answer.location(), "done").as_deref(),
            Some("profile-saved"),
            "{strategy}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn f_d3_whoever_was_signed_out_elsewhere_signs_in_by_the_page_that_says_so() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Owner::new(&server).await;
        let id = owner.browser.who().await["user"]["id"].as_str().unwrap().to_owned();
        server.auth.end_sessions(&id, None).await.unwrap();
        // The response that contains the form also removes the session cookie.
        let page = owner.browser.get("/signin").await.body;
        assert!(owner.browser.session_cookie().is_none(), "{strategy}");
        let at = page.find("name=\"csrfToken\" value=\"").unwrap() + "name=\"csrfToken\" value=\"".len();
        let form = [("csrfToken", &page[at..at + 64]), ("email", ADA)];
        let answer = owner.browser.post("/api/auth/signin/email", &form).await;
        assert!(answer.location().contains("/verify-request"), "{strategy}: {answer:?}");
    }
}

#[tokio::test]
async fn f_d3_a_sign_in_at_a_provider_needs_no_more_than_before() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    browser.get(&back).await.assert_signed_in();
}
