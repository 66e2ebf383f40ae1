//! Two-factor authentication: no session without the code, whatever the first factor was (SE-14), and no way around it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Method;
use leptos_auth::{
    CallbackError, Callbacks, Events, SignInAttempt, SignInDecision, SignInEvent, async_trait,
};
use serde_json::json;

use super::password;
use crate::support::{
    Answer, Browser, TestServer,
    authenticator::{Authenticator, SETTINGS, action, recovery_codes},
    sign_in_demo, sign_in_dev, sign_in_email, start_dev,
};

const STRATEGIES: [&str; 2] = ["database", "jwt"];
const DEMO: [(&str, &str); 2] = [("username", "demo"), ("password", "demo-password")];
const CALLBACK: &str = "/api/auth/callback/totp";
const REQUIRED: &str = "/second-step?error=SecondStepRequired";

/// The first steps there are.
#[derive(Clone, Copy, Debug)]
enum Way {
    Credentials,
    Provider,
    Link,
    Code,
    Password,
}

const WAYS: [Way; 5] = [Way::Credentials, Way::Provider, Way::Link, Way::Code, Way::Password];
const ADDRESS: &str = "two@example.com";
const PASSWORD: &str = "correct horse battery staple";

impl Way {
    /// A browser in which somebody has signed in this way who has no second step yet.
    async fn newcomer(self, server: &TestServer) -> Browser {
        if let Self::Password = self {
            return password::sign_up(server, ADDRESS, PASSWORD).await;
        }
        let mut browser = server.browser();
        self.take(server, &mut browser).await.assert_signed_in();
        browser
    }

    /// Takes the first step.
    async fn take(self, server: &TestServer, browser: &mut Browser) -> Answer {
        match self {
            Self::Password => password::sign_in(browser, ADDRESS, PASSWORD).await,
            Self::Credentials => browser.submit("/api/auth/callback/credentials", &DEMO).await,
            Self::Provider => {
                let back = start_dev(browser, "ada").await;
                browser.get(&back).await
            }
            Self::Link => {
                browser.submit("/api/auth/signin/email", &[("email", ADDRESS)]).await;
                let form = server.mail_to(ADDRESS).await.form();
                let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
                browser.submit("/api/auth/callback/email", &form).await
            }
            Self::Code => {
                browser.submit("/api/auth/signin/email", &[("email", ADDRESS)]).await;
                let code = server.mail_to(ADDRESS).await.code();
                browser.submit("/api/auth/callback/email", &[("code", &code)]).await
            }
        }
    }
}

/// The demo user with a phone, in a browser that is signed in.
async fn demo_with_phone(server: &TestServer) -> (Browser, Authenticator) {
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let phone = Authenticator::enrol(server, &mut browser).await;
    (browser, phone)
}

/// A browser in which the demo user has taken the first step.
async fn waiting(server: &TestServer) -> Browser {
    let mut browser = server.browser();
    let answer = Way::Credentials.take(server, &mut browser).await;
    assert!(!answer.signs_in() && answer.location().ends_with(REQUIRED), "{answer:?}");
    browser
}

async fn type_code(browser: &mut Browser, code: &str) -> Answer {
    browser.submit(CALLBACK, &[("code", code)]).await
}

/// Nobody is signed in, as far as anything that is private can tell.
async fn assert_nobody(browser: &mut Browser) {
    assert!(browser.who().await.is_null());
    assert_eq!(browser.get("/api/me").await.status, 401);
    for page in ["/account", SETTINGS, "/account/data"] {
        let answer = browser.get(page).await;
        assert_eq!(answer.status, 302, "{page}: {answer:?}");
        assert!(answer.location().contains("/signin"), "{page}: {answer:?}");
    }
    assert_eq!(browser.submit("/api/auth/session", &[]).await.body, "null");
    for form in ["profile", "second-step/begin", "second-step/turn-off", "delete"] {
        let answer = browser.submit(&format!("/api/auth/account/{form}"), &[("confirm", "delete")]).await;
        assert_eq!(answer.error().as_deref(), Some("SessionRequired"), "{form}: {answer:?}");
    }
}

#[tokio::test]
async fn i_10_codes_are_taken_in_any_digits_at_the_set_up_and_at_the_sign_in() {
    let in_digits = |code: &str, zero: u32| -> String {
        code.chars()
            .map(|c| c.to_digit(10).map_or(c, |digit| char::from_u32(zero + digit).unwrap()))
            .collect()
    };
    for zero in [0x0660, 0x06f0, 0xff10, 0x0966, 0x0e50] {
        let server = TestServer::start().await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let mut phone = Authenticator::scan(&server, &mut browser).await;
        let code = in_digits(&phone.next_code(&server), zero);
        let set_up = browser.submit(&action("confirm"), &[("code", &format!("\u{200e}{code}"))]).await;
        assert!(set_up.location().ends_with("?done=second-step-on"), "{set_up:?}");
        let recovery = recovery_codes(&browser.get(SETTINGS).await).remove(0);

        let mut browser = server.browser();
        browser.submit("/api/auth/callback/credentials", &DEMO).await;
        let code = phone.next_code(&server);
        let code = in_digits(&format!("{}\u{2013}{}", &code[..3], &code[3..]), zero);
        browser.submit(CALLBACK, &[("code", &code)]).await.assert_signed_in();

        let mut browser = server.browser();
        browser.submit("/api/auth/callback/credentials", &DEMO).await;
        let typed = in_digits(&recovery.replace('-', "\u{2212}"), zero);
        browser.submit(CALLBACK, &[("recoveryCode", &typed)]).await.assert_signed_in();
    }
}

#[tokio::test]
async fn i_04_a_second_step_that_took_too_long_leaves_the_page_that_was_asked_for() {
    let server = TestServer::start().await;
    demo_with_phone(&server).await;
    let mut browser = server.browser();
    let form = [&DEMO[..], &[("callbackUrl", "/account?tab=7")]].concat();
    browser.submit("/api/auth/callback/credentials", &form).await;
    server.set_later(server.later() + 11 * 60);
    let over = browser.submit(CALLBACK, &[("code", "000000"), ("callbackUrl", "/")]).await;
    assert_eq!(over.error().as_deref(), Some("SecondStepOver"), "{over:?}");
    let page = browser.get(over.location()).await.body;
    assert!(page.contains(&format!("value=\"{}/account?tab=7\"", server.origin)), "{page}");
}

#[tokio::test]
async fn se_14_every_first_step_waits_for_the_code() {
    for strategy in STRATEGIES {
        for way in WAYS {
            let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
            let mut first = way.newcomer(&server).await;
            let mut phone = Authenticator::enrol(&server, &mut first).await;
            let who = first.who().await["user"]["id"].clone();

            let mut browser = server.browser();
            let answer = way.take(&server, &mut browser).await;
            assert!(!answer.signs_in(), "{strategy} {way:?}: {answer:?}");
            assert!(answer.location().ends_with(REQUIRED), "{strategy} {way:?}: {answer:?}");
            assert_nobody(&mut browser).await;
            // Nor is anything that the browser holds now a session under another name, or a token for programs.
            for value in browser.jar.values().cloned().collect::<Vec<_>>() {
                let mut thief = server.browser();
                for name in ["authjs.session-token", "__Secure-authjs.session-token"] {
                    thief.jar.insert(name.to_owned(), value.clone());
                }
                assert!(thief.who().await.is_null(), "{strategy} {way:?}");
                let bearer = format!("Bearer {value}");
                let answer = thief.get_with("/api/me", &[("authorization", &bearer)]).await;
                assert_eq!(answer.status, 401);
            }

            let answer = type_code(&mut browser, &phone.next_code(&server)).await;
            assert!(answer.signs_in(), "control: {strategy} {way:?}: {answer:?}");
            assert_eq!(browser.who().await["user"]["id"], who);
            assert!(!browser.jar.keys().any(|name| name.contains("second-step") && !name.contains("setup")));
        }
    }
}

#[tokio::test]
async fn cr_11_a_new_password_is_no_way_round() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut owner = Way::Password.newcomer(&server).await;
        let mut phone = Authenticator::enrol(&server, &mut owner).await;
        let mut device = server.browser();
        Way::Password.take(&server, &mut device).await;
        let code = phone.next_code(&server);
        let form = [("code", code.as_str()), ("rememberDevice", "true")];
        device.submit(CALLBACK, &form).await.assert_signed_in();
        Way::Password.take(&server, &mut device).await.assert_signed_in();
        let mut begun = server.browser();
        Way::Password.take(&server, &mut begun).await;

        const NEW: &str = "another horse battery staple";
        let mut thief = server.browser();
        thief.submit("/api/auth/forgot-password", &[("email", ADDRESS)]).await;
        let token = server.mail_to(ADDRESS).await.token();
        let form = [("email", ADDRESS), ("token", &token), ("password", NEW)];
        let answer = thief.submit("/api/auth/reset-password", &form).await;
        assert!(answer.location().contains("done=password-reset") && !answer.signs_in(), "{answer:?}");
        assert_nobody(&mut thief).await;
        let answer = password::sign_in(&mut thief, ADDRESS, NEW).await;
        assert!(!answer.signs_in() && answer.location().ends_with(REQUIRED), "{strategy}: {answer:?}");
        // What knew the old password is over: sessions, the device that was remembered, the sign-in that waited.
        assert!(owner.who().await.is_null());
        assert!(!password::sign_in(&mut device, ADDRESS, NEW).await.signs_in(), "{strategy}");
        type_code(&mut begun, &phone.next_code(&server)).await.assert_denied();
        type_code(&mut thief, &phone.next_code(&server)).await.assert_signed_in();
    }
}

#[tokio::test]
async fn se_14_where_the_person_wanted_to_go_and_for_how_long_is_kept() {
    let server = TestServer::start().await;
    let (_, mut phone) = demo_with_phone(&server).await;
    let mut browser = server.browser();
    let form = [DEMO[0], DEMO[1], ("callbackUrl", "/account/data"), ("remember", "false")];
    browser.submit("/api/auth/callback/credentials", &form).await;
    let page = browser.get("/second-step").await;
    assert!(!page.body.contains("rememberDevice"), "a shared computer is not remembered: {page:?}");
    let code = phone.next_code(&server);
    let answer = browser.submit(CALLBACK, &[("code", &code), ("rememberDevice", "true")]).await;
    answer.assert_signed_in();
    assert!(answer.location().ends_with("/account/data"), "{answer:?}");
    let session = answer.set_cookies().into_iter().find(|cookie| cookie.contains("session-token")).unwrap();
    assert!(!session.contains("Max-Age"), "{session}");
    assert!(!browser.jar.contains_key("authjs.remembered-device"));
}

#[tokio::test]
async fn a_code_works_once_for_anybody() {
    let server = TestServer::start().await;
    let (_, mut phone) = demo_with_phone(&server).await;
    // The code that turned it on is used up.
    let mut first = waiting(&server).await;
    let answer = type_code(&mut first, &phone.code(0)).await;
    assert!(!answer.signs_in() && answer.location().ends_with("/second-step?error=SecondStep"), "{answer:?}");

    let code = phone.next_code(&server);
    let (mut one, mut two) = (waiting(&server).await, waiting(&server).await);
    type_code(&mut one, &code).await.assert_signed_in();
    type_code(&mut two, &code).await.assert_denied();
    // Nor one that is older than the last that was used.
    type_code(&mut two, &phone.code(-30)).await.assert_denied();
    type_code(&mut two, &phone.next_code(&server)).await.assert_signed_in();
}

#[tokio::test]
async fn cc_03_of_parallel_requests_one_wins() {
    let server = TestServer::start().await;
    let twin = server.twin(&[]).await;
    let (_, mut phone) = demo_with_phone(&server).await;
    let recovery = phone.recovery_codes[0].clone();
    phone.wait(&server, 60);
    phone.wait(&twin, 0);
    for (code, name) in [(phone.code(0), "code"), (recovery, "recovery code")] {
        let browser = waiting(&server).await;
        let others = [waiting(&server).await, waiting(&server).await];
        // The same sign-in twelve times at two servers, and two others of the same user.
        let mut browsers: Vec<_> = (0..6).flat_map(|_| [browser.clone(), browser.at(&twin)]).collect();
        browsers.extend(others);
        let mut tasks = tokio::task::JoinSet::new();
        for mut browser in browsers {
            let code = code.clone();
            tasks.spawn(async move { type_code(&mut browser, &code).await });
        }
        let answers = tasks.join_all().await;
        let winners = answers.iter().filter(|answer| answer.signs_in()).count();
        assert_eq!(winners, 1, "{name}: {answers:?}");
        assert!(answers.iter().all(|answer| answer.status == 302), "{name}: {answers:?}");
    }
}

#[tokio::test]
async fn a_code_of_somebody_else_is_wrong() {
    let server = TestServer::start().await;
    let mut other = server.browser();
    sign_in_dev(&mut other, "ada").await;
    let mut others_phone = Authenticator::enrol(&server, &mut other).await;
    let (_, mut phone) = demo_with_phone(&server).await;
    let mut browser = waiting(&server).await;
    others_phone.wait(&server, 60);
    type_code(&mut browser, &others_phone.code(0)).await.assert_denied();
    type_code(&mut browser, &others_phone.recovery_codes[0]).await.assert_denied();
    type_code(&mut browser, &phone.next_code(&server)).await.assert_signed_in();
}

#[tokio::test]
async fn sk_01_a_phone_may_be_half_a_minute_off() {
    let server = TestServer::start().await;
    let (_, mut phone) = demo_with_phone(&server).await;
    for (fast, is_taken) in [(-90, false), (90, false), (-30, true), (30, true)] {
        phone.wait(&server, 120);
        let mut browser = waiting(&server).await;
        let answer = type_code(&mut browser, &phone.code(fast)).await;
        assert_eq!(answer.signs_in(), is_taken, "{fast}: {answer:?}");
    }
}

#[tokio::test]
async fn rl_12_guessing_ends_and_the_first_step_has_to_be_taken_again() {
    let server = TestServer::start().await;
    let (_, mut phone) = demo_with_phone(&server).await;
    let mut browser = waiting(&server).await;
    let copy = browser.clone();
    for _ in 0..5 {
        let answer = type_code(&mut browser, "000000").await;
        assert_eq!(answer.error().as_deref(), Some("SecondStep"), "{answer:?}");
    }
    let code = phone.next_code(&server);
    for mut browser in [copy.clone(), copy] {
        let answer = type_code(&mut browser, &code).await;
        assert!(answer.location().ends_with("/signin?error=SecondStepOver"), "{answer:?}");
        assert!(!browser.jar.contains_key("authjs.second-step"), "the ticket goes");
    }
    type_code(&mut waiting(&server).await, &code).await.assert_signed_in();
}

#[tokio::test]
async fn rl_04_who_guesses_does_not_lock_the_owner_out() {
    let server = TestServer::start().await;
    let twin = server.twin(&[]).await;
    let (_, mut phone) = demo_with_phone(&server).await;
    phone.wait(&server, 60);
    phone.wait(&twin, 0);
    // Ten codes in a quarter of an hour, at two servers: enrolment needed none of them.
    for turn in 0..2 {
        let mut browser = waiting(&server).await;
        for _ in 0..5 {
            let mut browser = if turn == 0 { browser.clone() } else { browser.at(&twin) };
            assert_eq!(type_code(&mut browser, "000000").await.error().as_deref(), Some("SecondStep"));
        }
        browser.jar.clear();
    }
    let mut browser = waiting(&server).await;
    let answer = type_code(&mut browser, &phone.code(0)).await;
    assert!(answer.location().contains("/second-step?error=RateLimited&retryAfter="), "{answer:?}");
    let page = browser.get(answer.location()).await;
    assert!(page.body.contains("minutes before you try again"), "the page says when to come back");
    // A recovery code cannot be guessed, so its owner comes in at once.
    let recovery = phone.recovery_codes[3].clone();
    let answer = browser.submit(CALLBACK, &[("recoveryCode", &recovery)]).await;
    answer.assert_signed_in();
    phone.wait(&server, 15 * 60);
    type_code(&mut waiting(&server).await, &phone.code(0)).await.assert_signed_in();
}

#[tokio::test]
async fn rl_02_a_day_of_guessing_is_fifty_codes() {
    let server = TestServer::start().await;
    let (_, mut phone) = demo_with_phone(&server).await;
    let mut wrong = 0;
    for _ in 0..8 {
        phone.wait(&server, 15 * 60 + 1);
        for _ in 0..2 {
            let mut browser = waiting(&server).await;
            for _ in 0..5 {
                let answer = type_code(&mut browser, "000000").await;
                wrong += i32::from(answer.error().as_deref() == Some("SecondStep"));
            }
        }
    }
    assert_eq!(wrong, 50);
    phone.wait(&server, 24 * 3600);
    type_code(&mut waiting(&server).await, &phone.code(0)).await.assert_signed_in();
}

#[tokio::test]
async fn a_sign_in_waits_for_ten_minutes_and_goes_on_once() {
    let server = TestServer::start().await;
    let (_, mut phone) = demo_with_phone(&server).await;
    let mut late = waiting(&server).await;
    phone.wait(&server, 10 * 60 + 1);
    let answer = type_code(&mut late, &phone.code(0)).await;
    assert!(!answer.signs_in() && answer.error().as_deref() == Some("SecondStepOver"), "{answer:?}");

    // Who has stolen the ticket has nothing without the code, and nothing when it was used.
    let mut browser = waiting(&server).await;
    let mut thief = server.browser();
    thief.jar = browser.jar.clone();
    assert_nobody(&mut thief).await;
    type_code(&mut browser, &phone.next_code(&server)).await.assert_signed_in();
    let answer = type_code(&mut thief, &phone.next_code(&server)).await;
    assert!(!answer.signs_in() && answer.error().as_deref() == Some("SecondStepOver"), "{answer:?}");
    assert_nobody(&mut thief).await;

    for junk in ["", "x", "a.b.c.d.e"] {
        let mut browser = server.browser();
        browser.jar.insert("authjs.second-step".to_owned(), junk.to_owned());
        type_code(&mut browser, &phone.next_code(&server)).await.assert_denied();
    }
}

#[tokio::test]
async fn one_cookie_does_not_pass_for_another() {
    let server = TestServer::start().await;
    let (mut signed_in, mut phone) = demo_with_phone(&server).await;
    let mut browser = waiting(&server).await;
    let code = phone.next_code(&server);
    let answer = browser.submit(CALLBACK, &[("code", &code), ("rememberDevice", "true")]).await;
    answer.assert_signed_in();
    let setup = signed_in.jar["authjs.second-step-setup"].clone();
    let device = browser.jar["authjs.remembered-device"].clone();
    let ticket = waiting(&server).await.jar["authjs.second-step"].clone();
    for value in [&setup, &device] {
        let mut browser = server.browser();
        browser.jar.insert("authjs.second-step".to_owned(), value.clone());
        type_code(&mut browser, &phone.next_code(&server)).await.assert_denied();
    }
    for value in [&setup, &ticket] {
        let mut browser = server.browser();
        browser.jar.insert("authjs.remembered-device".to_owned(), value.clone());
        assert!(!Way::Credentials.take(&server, &mut browser).await.signs_in());
    }
    for value in [&device, &ticket] {
        signed_in.jar.insert("authjs.second-step-setup".to_owned(), value.clone());
        assert!(recovery_codes(&signed_in.get(SETTINGS).await).is_empty());
    }
    // What is set up belongs to one user: it does not show, and does not count, for another.
    let mut other = server.browser();
    sign_in_dev(&mut other, "ada").await;
    other.jar.insert("authjs.second-step-setup".to_owned(), setup);
    let page = other.get(SETTINGS).await;
    assert!(page.body.contains("Two-factor authentication is off") && recovery_codes(&page).is_empty());
}

#[tokio::test]
async fn a_device_is_remembered_for_its_user_and_a_month() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut other = server.browser();
        sign_in_dev(&mut other, "ada").await;
        Authenticator::enrol(&server, &mut other).await;
        let (mut owner, mut phone) = demo_with_phone(&server).await;
        let mut browser = remembered(&server, &mut phone).await;
        browser.submit("/api/auth/signout", &[]).await;
        Way::Credentials.take(&server, &mut browser).await.assert_signed_in();
        assert!(owner.get(SETTINGS).await.body.contains("Forget trusted devices"));

        // Another user of the same browser is asked all the same.
        let mut other = server.browser();
        other
            .jar
            .insert("authjs.remembered-device".to_owned(), browser.jar["authjs.remembered-device"].clone());
        let back = start_dev(&mut other, "ada").await;
        assert!(!other.get(&back).await.signs_in());

        phone.wait(&server, 30 * 24 * 3600);
        assert!(!Way::Credentials.take(&server, &mut browser).await.signs_in(), "{strategy}");
    }
}

/// A browser that is remembered.
async fn remembered(server: &TestServer, phone: &mut Authenticator) -> Browser {
    let mut browser = waiting(server).await;
    let code = phone.next_code(server);
    let answer = browser.submit(CALLBACK, &[("code", &code), ("rememberDevice", "true")]).await;
    answer.assert_signed_in();
    let cookie =
        answer.set_cookies().into_iter().find(|cookie| cookie.contains("remembered-device")).unwrap();
    assert!(cookie.contains("Max-Age=2592000") && cookie.contains("HttpOnly"), "CK-01: {cookie}");
    browser
}

#[tokio::test]
async fn what_ends_sessions_forgets_devices_and_sign_ins_that_wait() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (mut owner, mut phone) = demo_with_phone(&server).await;
        let user = owner.who().await["user"]["id"].as_str().unwrap().to_owned();

        let mut device = remembered(&server, &mut phone).await;
        let mut begun = waiting(&server).await;
        // As after a change of password.
        let details = server.auth.session(&owner.headers()).await.unwrap().details;
        server.auth.end_sessions(&user, details.as_ref()).await.unwrap();
        assert!(!Way::Credentials.take(&server, &mut device).await.signs_in(), "{strategy}");
        let answer = type_code(&mut begun, &phone.next_code(&server)).await;
        assert!(!answer.signs_in() && answer.error().as_deref() == Some("SecondStepOver"), "{answer:?}");

        let mut device = remembered(&server, &mut phone).await;
        let answer = owner.submit(&action("forget-devices"), &[]).await;
        assert!(answer.location().ends_with("?done=devices-forgotten"), "{answer:?}");
        assert!(!Way::Credentials.take(&server, &mut device).await.signs_in(), "{strategy}");

        let mut device = remembered(&server, &mut phone).await;
        let recovery = phone.recovery_codes[0].clone();
        let answer = device.submit(&action("turn-off"), &[("code", &recovery)]).await;
        assert!(answer.location().ends_with("?done=second-step-off"), "{answer:?}");
        let kept = device.jar.get("authjs.remembered-device").cloned();
        assert_eq!(kept, None);
    }
}

#[tokio::test]
async fn turning_it_on_signs_out_everybody_else() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut elsewhere = server.browser();
        sign_in_demo(&mut elsewhere).await;
        let copy = elsewhere.clone();
        let (mut browser, _) = demo_with_phone(&server).await;
        for mut elsewhere in [elsewhere, copy] {
            assert!(elsewhere.who().await.is_null(), "{strategy}: from before the second step");
            assert_eq!(elsewhere.submit("/api/auth/session", &[]).await.body, "null");
        }
        assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "control");
    }
}

#[tokio::test]
async fn a_secret_counts_when_a_code_has_shown_that_the_app_has_it() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let mut phone = Authenticator::scan(&server, &mut browser).await;
    sign_in_demo(&mut server.browser()).await;

    for wrong in ["000000", "", "0x4k-9fjt-2mze-c7w1"] {
        let answer = browser.submit(&action("confirm"), &[("code", wrong)]).await;
        assert!(answer.location().ends_with("/account/second-step?error=SecondStep"), "{answer:?}");
    }
    let page = browser.get(SETTINGS).await;
    assert!(page.body.contains("otpauth://totp/"), "what was scanned stays");
    phone.wait(&server, 14 * 60);
    let code = phone.code(0);
    let mut late = browser.clone();
    browser.submit(&action("cancel"), &[]).await;
    assert!(browser.get(SETTINGS).await.body.contains("Two-factor authentication is off"));
    phone.wait(&server, 60);
    let answer = late.submit(&action("confirm"), &[("code", &phone.code(0))]).await;
    assert_eq!(answer.error().as_deref(), Some("SecondStep"), "after a quarter of an hour: {answer:?}");
    sign_in_demo(&mut server.browser()).await;
    drop(code);

    // Set up twice at once, in two tabs: one secret counts, and it is not replaced.
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let mut first = Authenticator::scan(&server, &mut browser).await;
    let mut other_tab = browser.clone();
    let second = Authenticator::scan(&server, &mut other_tab).await;
    let code = first.next_code(&server);
    let answer = browser.submit(&action("confirm"), &[("code", &code)]).await;
    assert!(answer.location().ends_with("?done=second-step-on"), "{answer:?}");
    first.wait(&server, 0);
    let code = {
        let mut second = second;
        second.next_code(&server)
    };
    other_tab.submit(&action("confirm"), &[("code", &code)]).await.assert_denied();
    type_code(&mut waiting(&server).await, &first.next_code(&server)).await.assert_signed_in();
}

#[tokio::test]
async fn recovery_codes_work_once_and_are_shown_once() {
    let server = TestServer::start().await;
    let (mut browser, mut phone) = demo_with_phone(&server).await;
    let old = phone.recovery_codes.clone();
    assert_eq!(old.iter().collect::<BTreeSet<_>>().len(), 10);
    // A reload does not lose them; whoever has kept them does not see them again.
    let page = browser.get(SETTINGS).await;
    assert_eq!(recovery_codes(&page), old);
    assert!(page.header("cache-control").contains("no-store"));
    assert!(page.body.contains("href=\"data:text/plain;charset=utf-8,") && page.body.contains("download="));
    let mut thief = server.browser();
    thief.jar.insert("authjs.second-step-setup".to_owned(), browser.jar["authjs.second-step-setup"].clone());
    assert_eq!(thief.get(SETTINGS).await.status, 302, "the cookie alone shows nothing");
    browser.submit(&action("codes-kept"), &[]).await;
    let page = browser.get(SETTINGS).await;
    assert!(!old.iter().any(|code| page.body.contains(code.as_str())));

    for (index, code) in old[..8].iter().enumerate() {
        let typed =
            if index % 2 == 0 { code.replace('-', " ").to_uppercase() } else { code.replace('-', "") };
        type_code(&mut waiting(&server).await, &typed).await.assert_signed_in();
        type_code(&mut waiting(&server).await, code).await.assert_denied();
        phone.wait(&server, 5 * 60);
    }
    let mut browser = waiting(&server).await;
    type_code(&mut browser, &phone.next_code(&server)).await.assert_signed_in();
    let page = browser.get(SETTINGS).await;
    assert!(page.body.contains("You have 2 recovery codes left"), "{}", page.body);

    let code = phone.next_code(&server);
    let answer = browser.submit(&action("new-codes"), &[("code", &code)]).await;
    assert!(answer.location().ends_with("?done=recovery-codes-made"), "{answer:?}");
    let new = recovery_codes(&browser.get(SETTINGS).await);
    assert_eq!(new.len(), 10);
    let mut other = waiting(&server).await;
    type_code(&mut other, &old[9]).await.assert_denied();
    type_code(&mut other, &new[0]).await.assert_signed_in();
}

#[tokio::test]
async fn se_04_nothing_that_is_stored_opens_anything() {
    let server = TestServer::start().await;
    let (mut browser, mut phone) = demo_with_phone(&server).await;
    let page = browser.get(SETTINGS).await;
    remembered(&server, &mut phone).await;
    waiting(&server).await;
    drop(page);
    let mut database = server.database().await;
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT kind, id, value FROM user_records").fetch_all(&mut database).await.unwrap();
    let kinds: BTreeSet<_> = rows.iter().map(|(kind, ..)| kind.as_str()).collect();
    assert_eq!(kinds, BTreeSet::from(["remembered-device", "second-step", "sign-in"]), "control");
    let stored = format!("{rows:?}");
    for code in &phone.recovery_codes {
        assert!(!stored.contains(code.as_str()) && !stored.contains(&code.replace('-', "")));
    }
    for word in ["demo", "credentials", "secret", "recovery"] {
        assert!(rows.iter().all(|(_, _, value)| !value.contains(word)), "{word}");
    }
    // What stands in the table is no cookie.
    for (_, id, value) in &rows {
        for text in [id, value] {
            let mut thief = server.browser();
            for name in ["authjs.second-step", "authjs.remembered-device"] {
                thief.jar.insert(name.to_owned(), text.clone());
            }
            type_code(&mut thief, &phone.next_code(&server)).await.assert_denied();
            assert!(!Way::Credentials.take(&server, &mut thief).await.signs_in());
        }
        phone.wait(&server, 15 * 60);
    }
}

#[tokio::test]
async fn a_record_of_one_user_is_worthless_as_anothers() {
    let server = TestServer::start().await;
    let mut thief = server.browser();
    sign_in_dev(&mut thief, "ada").await;
    let mut thiefs_phone = Authenticator::enrol(&server, &mut thief).await;
    demo_with_phone(&server).await;
    // Who can write into the table puts their own secret in the place of the victim's.
    server
        .execute(
            "UPDATE user_records SET value = (SELECT r.value FROM user_records r JOIN users u ON u.id = r.user_id \
             WHERE r.kind = 'second-step' AND u.name LIKE 'Ada%') \
             WHERE kind = 'second-step' AND user_id = (SELECT id FROM users WHERE name LIKE 'Demo%')",
        )
        .await;
    let mut browser = waiting(&server).await;
    let answer = type_code(&mut browser, &thiefs_phone.next_code(&server)).await;
    assert!(!answer.signs_in() && answer.error().as_deref() == Some("Configuration"), "{answer:?}");
}

#[tokio::test]
async fn turning_it_off_needs_a_fresh_session_and_a_code() {
    let server = TestServer::start().await;
    let (mut browser, mut phone) = demo_with_phone(&server).await;
    for (form, wrong) in [("turn-off", "000000"), ("turn-off", ""), ("new-codes", "000000")] {
        let answer = browser.submit(&action(form), &[("code", wrong)]).await;
        assert!(answer.location().ends_with("/account/second-step?error=SecondStep"), "{answer:?}");
    }
    let code = phone.next_code(&server);
    let answer = browser.post(&action("turn-off"), &[("code", &code)]).await;
    assert_eq!(answer.error().as_deref(), Some("MissingCSRF"), "{answer:?}");
    let answer = browser.get(&format!("{}?code={code}", action("turn-off"))).await;
    assert!(answer.status >= 400, "CR-13: {answer:?}");

    phone.wait(&server, 15 * 60);
    for form in ["turn-off", "new-codes"] {
        let answer = browser.submit(&action(form), &[("code", &phone.code(0))]).await;
        assert_eq!(answer.error().as_deref(), Some("ReauthenticationRequired"), "{answer:?}");
        assert!(answer.location().contains("callbackUrl=%2Faccount%2Fsecond-step"), "{answer:?}");
    }
    assert!(browser.get(SETTINGS).await.body.contains("Confirm that it is you"));
    let mut browser = waiting(&server).await;
    type_code(&mut browser, &phone.next_code(&server)).await.assert_signed_in();
    let code = phone.next_code(&server);
    let answer = browser.submit(&action("turn-off"), &[("code", &code)]).await;
    assert!(answer.location().ends_with("?done=second-step-off"), "{answer:?}");
    sign_in_demo(&mut server.browser()).await;
    // What belonged to it is gone: a new one begins with nothing.
    assert_eq!(server.text("SELECT CAST(count(*) AS TEXT) FROM user_records").await, "0");
}

#[tokio::test]
async fn beginning_needs_a_fresh_session() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    server.set_later(15 * 60);
    let answer = browser.submit(&action("begin"), &[]).await;
    assert_eq!(answer.error().as_deref(), Some("ReauthenticationRequired"), "{answer:?}");
    assert!(browser.get(SETTINGS).await.body.contains("Confirm that it is you"));
    assert_eq!(browser.submit(&action("nonsense"), &[]).await.status, 404);
}

#[tokio::test]
async fn switched_off_there_is_nothing_of_it() {
    let server = TestServer::with(&[("AUTH_TOTP", "false")]).await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    for page in ["/second-step", "/second-step/recovery-code", SETTINGS, CALLBACK] {
        assert_eq!(browser.get(page).await.status, 404, "{page}");
        assert_eq!(server.browser().get(page).await.status, 404, "{page}");
    }
    assert_eq!(browser.submit(CALLBACK, &[("code", "000000")]).await.status, 404);
    assert_eq!(browser.submit(&action("begin"), &[]).await.status, 404);
    let link = format!("href=\"{SETTINGS}\"");
    assert!(!browser.get("/account").await.body.contains(&link));
    // Without a database nothing can keep it.
    let server = TestServer::with(&[("DATABASE_URL", "")]).await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    assert_eq!(browser.get("/second-step").await.status, 404);

    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    for page in ["/second-step", "/second-step/recovery-code", SETTINGS] {
        assert_eq!(browser.get(page).await.status, 200, "control: {page}");
    }
    assert!(browser.get("/account").await.body.contains(&link));
}

#[tokio::test]
async fn programs_get_a_clear_answer() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (_, mut phone) = demo_with_phone(&server).await;
        let mut app = server.browser();
        let program = [("x-auth-return-token", "1")];
        let answer = app.program("/api/auth/callback/credentials", &program, &DEMO).await;
        assert!(!answer.headers.contains_key("x-auth-session-token"), "{answer:?}");
        assert!(answer.json()["url"].as_str().unwrap().ends_with(REQUIRED), "{answer:?}");
        let is_token = |cookie: &&str| cookie.contains("session") || cookie.contains("second-step");
        assert!(!answer.set_cookies().iter().any(is_token), "{answer:?}");
        let ticket = answer.header("x-auth-second-step").to_owned();
        let bearer = format!("Bearer {ticket}");
        assert_eq!(app.get_with("/api/me", &[("authorization", &bearer)]).await.status, 401);

        app.jar.clear();
        let wrong = app.program(CALLBACK, &program, &[("secondStep", &ticket), ("code", "000000")]).await;
        assert_eq!(wrong.status, 401, "{wrong:?}");
        assert!(wrong.json()["url"].as_str().unwrap().ends_with("/second-step?error=SecondStep"));
        let code = phone.next_code(&server);
        let answer = app.program(CALLBACK, &program, &[("secondStep", &ticket), ("code", &code)]).await;
        let token = answer.headers["x-auth-session-token"].to_str().unwrap().to_owned();
        app.jar.clear();
        let bearer = format!("Bearer {token}");
        assert_eq!(app.get_with("/api/me", &[("authorization", &bearer)]).await.json()["name"], "Demo User");
    }
    // The client of Auth.js reads `error` from the address, and does not take this for a session.
    let server = TestServer::start().await;
    demo_with_phone(&server).await;
    let v5 = [("x-auth-return-redirect", "1")];
    let mut browser = server.browser();
    let answer = browser.submit_with("/api/auth/callback/credentials", &v5, &DEMO).await;
    assert!(answer.status == 200 && !answer.signs_in(), "{answer:?}");
    assert!(answer.json()["url"].as_str().unwrap().ends_with(REQUIRED), "{answer:?}");
    let answer = browser.submit_json(CALLBACK, json!({ "code": 123_456 })).await;
    assert_eq!(answer.status, 400, "CR-12: {answer:?}");
}

#[tokio::test]
async fn op_01_the_steps_may_be_taken_at_different_servers() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let twin = server.twin(&[("AUTH_SESSION", strategy)]).await;
        let (_, mut phone) = demo_with_phone(&server).await;
        let code = phone.next_code(&server);
        phone.wait(&twin, 0);
        let mut browser = waiting(&server).await.at(&twin);
        type_code(&mut browser, &code).await.assert_signed_in();
        assert_eq!(browser.at(&server).name().await.as_deref(), Some("Demo User"));
    }
}

#[tokio::test]
async fn cc_08_a_deleted_user_does_not_come_in() {
    let server = TestServer::start().await;
    let (mut owner, mut phone) = demo_with_phone(&server).await;
    let user = owner.who().await["user"]["id"].as_str().unwrap().to_owned();
    let mut browser = waiting(&server).await;
    server.auth.delete_user(&user).await.unwrap();
    type_code(&mut browser, &phone.next_code(&server)).await.assert_denied();
    assert_eq!(server.rows().await.sessions, 0);
}

/// What the application is asked and told.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl Callbacks for Heard {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        self.0.lock().unwrap().push(format!("asked: {}", attempt.provider));
        Ok(SignInDecision::AllowFor(Duration::from_secs(3600)))
    }
}

#[async_trait]
impl Events for Heard {
    async fn sign_in(&self, event: SignInEvent<'_>) {
        let profile = event.profile.map_or("-", |profile| profile["sub"].as_str().unwrap_or("?"));
        let line = format!("told: {} {} {profile}", event.provider, event.account.is_some());
        self.0.lock().unwrap().push(line);
    }
}

#[tokio::test]
async fn callbacks_are_asked_before_and_events_told_after() {
    for strategy in STRATEGIES {
        let heard = Heard::default();
        let (callbacks, events) = (heard.clone(), heard.clone());
        let server = TestServer::extended(&[("AUTH_SESSION", strategy)], |builder| {
            builder.callbacks(callbacks).events(events)
        })
        .await;
        let mut browser = server.browser();
        sign_in_dev(&mut browser, "ada").await;
        let told = heard.take();
        assert_eq!(told.len(), 2, "control: {told:?}");
        let mut phone = Authenticator::enrol(&server, &mut browser).await;
        let mut browser = server.browser();
        let back = start_dev(&mut browser, "ada").await;
        assert!(!browser.get(&back).await.signs_in());
        assert_eq!(heard.take(), ["asked: dev"]);
        type_code(&mut browser, "000000").await.assert_denied();
        type_code(&mut browser, &phone.next_code(&server)).await.assert_signed_in();
        // As at a sign-in without a second step: with the account and the profile.
        assert_eq!(heard.take(), [told[1].as_str()]);
        // And as short as the callback wants it.
        phone.wait(&server, 3601);
        assert!(browser.who().await.is_null(), "{strategy}");
    }
}

#[tokio::test]
async fn u_20_the_pages_are_plain_forms() {
    let server = TestServer::start().await;
    let (mut owner, _) = demo_with_phone(&server).await;
    let mut browser = waiting(&server).await;
    for (page, field) in [("/second-step", "code"), ("/second-step/recovery-code", "recoveryCode")] {
        let body = browser.get(page).await.body;
        assert_eq!(body.matches("<h1").count(), 1, "U-01 {page}");
        assert!(body.contains("action=\"/api/auth/callback/totp\"") && body.contains("method=\"post\""));
        assert!(body.contains(&format!("for=\"{field}\"")) && body.contains(&format!("name=\"{field}\"")));
    }
    let body = browser.get("/second-step").await.body;
    assert!(
        body.contains("autocomplete=\"one-time-code\"") && body.contains("inputmode=\"numeric\""),
        "U-03"
    );
    let body = browser.get("/second-step?error=SecondStep").await.body;
    assert!(body.contains("role=\"alert\"") && body.contains("aria-invalid=\"true\""), "U-05");
    let body = browser.get(REQUIRED).await.body;
    assert!(!body.contains("role=\"alert\""), "being asked is no failure");
    // A wrong recovery code leads back to its own page.
    let answer = browser.submit(CALLBACK, &[("recoveryCode", "0000-0000-0000-0000")]).await;
    assert!(answer.location().ends_with("/second-step/recovery-code?error=SecondStep"), "{answer:?}");
    let body = owner.get(&format!("{SETTINGS}?done=second-step-on")).await.body;
    assert!(body.contains("role=\"status\"") && body.contains("Your other devices are signed out."));
    assert!(server.browser().get("/second-step").await.body.contains("Nothing to confirm"));
}
