//! Sessions: started, read, renewed, ended (SE rows), with both strategies.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::{TestServer, sign_in_demo, sign_in_dev, sign_in_email};

#[tokio::test]
async fn se_01_a_planted_cookie_is_replaced() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.jar.insert("authjs.session-token".to_owned(), "attackerknown".to_owned());
    sign_in_demo(&mut browser).await;
    assert_ne!(browser.session_cookie().unwrap(), "attackerknown");
    let mut attacker = server.browser();
    attacker.jar.insert("authjs.session-token".to_owned(), "attackerknown".to_owned());
    assert!(attacker.who().await.is_null());
    // For one minute, the response to a request in progress must not remove the cookie that replaced it.
    server.set_later(61);
    assert!(attacker.who().await.is_null());
    assert!(attacker.jar.is_empty(), "and the dead cookie is removed");
}

#[tokio::test]
async fn se_02_every_sign_in_makes_a_new_session() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let mut old = browser.clone();
    sign_in_demo(&mut browser).await;
    assert_ne!(old.session_cookie(), browser.session_cookie());
    assert!(old.who().await.is_null());
    assert_eq!(server.rows().await.sessions, 1);
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
}

#[tokio::test]
async fn se_04_what_is_stored_is_no_token() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let stored = server.text("SELECT token_hash FROM sessions").await;
    assert_ne!(&stored, browser.session_cookie().unwrap());
    let mut thief = server.browser();
    thief.jar.insert("authjs.session-token".to_owned(), stored);
    assert!(thief.who().await.is_null());
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "control");
}

#[tokio::test]
async fn se_05_signing_out_ends_the_session() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let mut copy = browser.clone();
    let answer = browser.submit("/api/auth/signout", &[("callbackUrl", "/signin")]).await;
    assert_eq!((answer.status, answer.location()), (302, format!("{}/signin", server.origin).as_str()));
    assert!(copy.who().await.is_null());
    assert_eq!(server.rows().await.sessions, 0);
    let nobody = server.browser().submit("/api/auth/signout", &[]).await;
    assert_eq!(nobody.status, 302, "without a session it is the same answer");
}

#[tokio::test]
async fn se_08_se_10_a_session_ends_when_the_server_says_so() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy), ("AUTH_SESSION_MAX_AGE", "1")]).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let copy = browser.clone();
        assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "control");
        if strategy == "database" {
            tokio::time::sleep(Duration::from_millis(1100)).await;
            // The row is over although the cookie is still sent.
            let mut copy = copy;
            assert!(copy.who().await.is_null());
            assert!(copy.session_cookies().is_empty(), "and the cookie is removed");
        }
    }
}

#[tokio::test]
async fn a_session_in_use_is_renewed() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[
            ("AUTH_SESSION", strategy),
            ("AUTH_SESSION_MAX_AGE", "3600"),
            ("AUTH_SESSION_UPDATE_AGE", "1"),
        ])
        .await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        assert!(browser.get("/api/auth/session").await.set_cookies().is_empty(), "not yet");
        tokio::time::sleep(Duration::from_millis(2100)).await;
        let page = browser.clone().get("/account").await;
        assert!(page.signs_in() && page.body.contains("Demo User"), "a page renews as well: {strategy}");
        if strategy == "jwt" {
            assert!(browser.get("/api/auth/session").await.signs_in());
        }
    }
}

#[tokio::test]
async fn se_11_parallel_reads_renew_once() {
    let server = TestServer::with(&[("AUTH_SESSION_UPDATE_AGE", "1")]).await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let reads = (0..50).map(|_| {
        let mut browser = browser.clone();
        async move { browser.get("/api/auth/session").await }
    });
    let answers = futures_util::future::join_all(reads).await;
    assert!(answers.iter().all(|answer| answer.json()["user"]["name"] == "Demo User"));
    let renewed = answers.iter().filter(|answer| answer.signs_in()).count();
    assert!((1..=5).contains(&renewed), "{renewed}");
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
}

#[tokio::test]
async fn se_12_se_13_a_user_who_is_gone_is_nobody() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    server.execute("DELETE FROM users").await;
    assert!(browser.who().await.is_null());
    assert_eq!(server.rows().await.sessions, 0);
}

#[tokio::test]
async fn se_14_a_half_done_sign_in_is_nobody() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.submit("/api/auth/signin/email", &[("email", "ada@example.com")]).await;
    browser.submit("/api/auth/signin/dev", &[]).await;
    assert!(browser.who().await.is_null());
    assert_eq!(browser.get("/api/me").await.status, 401);
    let values: Vec<_> = browser.jar.values().cloned().collect();
    for value in values {
        let mut thief = server.browser();
        thief.jar.insert("authjs.session-token".to_owned(), value);
        assert!(thief.who().await.is_null());
    }
}

#[tokio::test]
async fn se_15_hd_09_the_session_tells_only_what_is_listed() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_dev(&mut browser, "ada").await;
    let answer = browser.get("/api/auth/session").await;
    let session = answer.json();
    let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        (keys(&session), keys(&session["user"])),
        (
            vec!["user".to_owned(), "expires".to_owned()],
            ["id", "name", "email", "role"].map(str::to_owned).to_vec(),
        )
    );
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(
        answer.header("cache-control").contains("private")
            && answer.header("cache-control").contains("no-store")
    );
    assert_eq!(answer.header("vary"), "Cookie");
}

#[tokio::test]
async fn se_03_tokens_are_long_and_different() {
    let server = TestServer::start().await;
    let mut tokens = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let mut browser = server.browser();
        sign_in_dev(&mut browser, "ada").await;
        tokens.insert(browser.session_cookie().unwrap().clone());
    }
    assert!(tokens.len() == 20 && tokens.iter().all(|token| token.len() == 43));
}

#[tokio::test]
async fn op_07_secrets_rotate_without_signing_anybody_out() {
    let first =
        TestServer::with(&[("AUTH_SECRET", "first-secret-first-secret-first-1"), ("DATABASE_URL", "")]).await;
    let mut browser = first.browser();
    sign_in_demo(&mut browser).await;
    let token = browser.session_cookie().unwrap().clone();
    let who = async |changes: &[(&str, &str)]| {
        let server = TestServer::with(changes).await;
        let mut browser = server.browser();
        browser.jar.insert("authjs.session-token".to_owned(), token.clone());
        browser.name().await
    };
    let (old, new) = ("first-secret-first-secret-first-1", "second-secret-second-secret-sec-2");
    let both = [("AUTH_SECRET", old), ("AUTH_SECRET_1", new), ("DATABASE_URL", "")];
    assert_eq!(who(&both).await.as_deref(), Some("Demo User"));
    assert_eq!(
        who(&[("AUTH_SECRET", new), ("DATABASE_URL", "")]).await,
        None,
        "JW-06: another secret, nobody"
    );
}

#[tokio::test]
async fn expiry_is_in_the_future_and_of_the_right_length() {
    let server = TestServer::with(&[("AUTH_SESSION_MAX_AGE", "3600")]).await;
    let mut browser = server.browser();
    let answer = sign_in_email(&server, &mut browser, "ada@example.com").await;
    let cookie =
        answer.set_cookies().into_iter().find(|cookie| cookie.contains("session-token")).unwrap().to_owned();
    assert!(cookie.contains("Max-Age=3600") && cookie.contains("Expires="), "{cookie}");
    let expires = browser.who().await["expires"].as_str().unwrap().to_owned();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let year = 1970 + now / 31_556_952;
    assert!(expires.starts_with(&year.to_string()) || expires.starts_with(&(year + 1).to_string()));
}

/// The session cookie as it was set, if it was.
fn session_cookie(answer: &crate::support::Answer) -> String {
    let cookies = answer.set_cookies();
    cookies
        .iter()
        .find(|cookie| cookie.contains("session-token="))
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[tokio::test]
async fn a_shared_computer_forgets_the_session_whatever_the_way_in() {
    for strategy in ["database", "jwt"] {
        let server =
            TestServer::with(&[("AUTH_SESSION", strategy), ("AUTH_SESSION_UNREMEMBERED_MAX_AGE", "3600")])
                .await;
        let remembered = session_cookie(&sign_in_demo(&mut server.browser()).await);
        assert!(remembered.contains("Max-Age=2592000"), "control: {remembered}");

        let form = [("username", "demo"), ("password", "demo-password"), ("remember", "false")];
        let mut browser = server.browser();
        let by_password = browser.submit("/api/auth/callback/credentials", &form).await;

        let mut at_provider = server.browser();
        let form = [("callbackUrl", "/account"), ("remember", "false")];
        let authorize = at_provider.submit("/api/auth/signin/dev", &form).await.location().to_owned();
        let (_, request) = authorize.split_once('?').unwrap();
        let decision = [("request", request), ("persona", "ada")];
        let back = at_provider.post("/dev/idp/authorize", &decision).await.location().to_owned();
        let by_provider = at_provider.get(&back).await;

        let form = [("email", "grace@example.com"), ("remember", "false")];
        server.browser().submit("/api/auth/signin/email", &form).await;
        let link = server.mail_to("grace@example.com").await.link().to_owned();
        let page = server.browser().get(&link).await.location().to_owned();
        let page = server.browser().get(&page).await;
        assert!(page.body.contains(r#"name="remember" value="false""#), "the page of the link passes it on");
        let mut by_link = server.browser();
        let mail = server.mail_to("grace@example.com").await.form();
        let mut form: Vec<_> = mail.iter().map(|(name, value)| (*name, value.as_str())).collect();
        form.push(("remember", "false"));
        let by_link = by_link.submit("/api/auth/callback/email", &form).await;

        for answer in [&by_password, &by_provider, &by_link] {
            let cookie = session_cookie(answer);
            assert!(
                answer.signs_in() && !cookie.contains("Max-Age") && !cookie.contains("Expires"),
                "{cookie}"
            );
        }
        assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "{strategy}");
        server.set_later(3700);
        assert!(browser.who().await.is_null(), "{strategy}: short on the server as well");
    }
}

#[tokio::test]
async fn a_mistyped_password_does_not_forget_that_the_computer_is_shared() {
    let server = TestServer::start().await;
    let form = [("username", "demo"), ("password", "wrong"), ("remember", "false")];
    let answer = server.browser().submit("/api/auth/callback/credentials", &form).await;
    assert!(answer.location().contains("remember=false"), "{answer:?}");
    let page = server.browser().get("/signin?remember=false").await.body;
    assert_eq!(page.matches(r#"name="remember" value="false""#).count(), 4, "in each form");
    assert_eq!(
        server.browser().get("/signin").await.body.matches(r#"name="remember""#).count(),
        0,
        "control"
    );
}

#[tokio::test]
async fn se_09_the_absolute_limit_holds_in_the_database_too() {
    let server =
        TestServer::with(&[("AUTH_SESSION_MAX_AGE", "600"), ("AUTH_SESSION_ABSOLUTE_MAX_AGE", "1000")]).await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    for seconds in [400, 800, 990] {
        server.set_later(seconds);
        assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "{seconds}");
    }
    server.set_later(1001);
    assert!(browser.who().await.is_null());
}

#[tokio::test]
async fn c4_without_settings_a_session_in_use_ends_ninety_days_after_the_sign_in() {
    const DAY: i64 = 24 * 3600;
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        for days in [20, 40, 60, 80, 89] {
            server.set_later(days * DAY);
            assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "{strategy}, {days} days");
        }
        server.set_later(90 * DAY + 1);
        assert!(browser.who().await.is_null(), "{strategy}");
    }
}

#[tokio::test]
async fn sk_03_a_clock_that_jumps_breaks_nothing() {
    for strategy in ["database", "jwt"] {
        let server =
            TestServer::with(&[("AUTH_SESSION", strategy), ("AUTH_SESSION_ABSOLUTE_MAX_AGE", "172800")])
                .await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        for seconds in [-3600, 86_400, -3600, 0] {
            server.set_later(seconds);
            for path in ["/", "/signin", "/api/auth/session", "/api/auth/csrf"] {
                let answer = browser.clone().get(path).await;
                assert_eq!(answer.status, 200, "{strategy}, {seconds} s, {path}");
            }
        }
        assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "{strategy}: control");
        // Wherever the clock has been meanwhile, the limit counts from the sign-in.
        server.set_later(172_801);
        assert!(browser.who().await.is_null(), "{strategy}");
        server.set_later(0);
        sign_in_demo(&mut browser).await;
    }
}
