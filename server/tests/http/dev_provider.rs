//! A real code flow with the development provider: the honest way, and the same way bent from outside.

use serde_json::Value;
use url::Url;

use crate::support::{Rows, TestServer, query, sign_in_demo, sign_in_dev, start_dev};

#[tokio::test]
async fn a_persona_signs_in_over_a_code_flow() {
    for server in [TestServer::start().await, TestServer::start_jwt().await] {
        let mut browser = server.browser();
        let answer = sign_in_dev(&mut browser, "ada").await;
        assert_eq!(query(answer.location(), "callbackUrl").unwrap(), format!("{}/account", server.origin));
        let session = browser.who().await;
        assert_eq!(
            (&session["user"]["name"], &session["user"]["email"]),
            (&"Ada Lovelace".into(), &"ada@example.com".into())
        );
        assert!(!browser.jar.keys().any(|name| name.contains("transaction")), "the attempt is over");
        sign_in_dev(&mut server.browser(), "ada").await;
        sign_in_dev(&mut server.browser(), "grace").await;
        assert_eq!(server.rows().await.users, 2);
    }
}

#[tokio::test]
async fn oa_06_oa_18_the_request_is_complete_and_fixed() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let headers = [("x-forwarded-host", "evil.test"), ("x-forwarded-proto", "https")];
    let path = "/api/auth/signin/dev?redirect_uri=https%3A%2F%2Fevil.test&state=mine&scope=all";
    let started = browser
        .submit_with(path, &headers, &[("redirect_uri", "https://evil.test"), ("state", "mine")])
        .await;
    let url = Url::parse(started.location()).unwrap();
    let get = |name: &str| query(url.as_str(), name).unwrap();
    assert_eq!(get("redirect_uri"), format!("{}/api/auth/callback/dev", server.origin));
    assert_eq!((get("response_type").as_str(), get("code_challenge_method").as_str()), ("code", "S256"));
    assert_eq!((get("code_challenge").len(), get("scope").as_str()), (43, "openid profile email"));
    assert!(get("state").len() >= 22 && get("nonce").len() >= 22 && get("state") != get("nonce"));
    assert!(!started.location().contains("evil") && !started.location().contains("mine"));
}

#[tokio::test]
async fn oa_07_no_attempt_repeats_another() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let mut values = std::collections::BTreeSet::new();
    for _ in 0..30 {
        let started = browser.submit("/api/auth/signin/dev", &[]).await;
        for name in ["state", "nonce", "code_challenge"] {
            values.insert(query(started.location(), name).unwrap());
        }
    }
    assert_eq!(values.len(), 90);
    let transactions = browser.jar.keys().filter(|name| name.contains("transaction")).count();
    assert!(transactions <= 5, "DS-11: {transactions}");
    assert!(browser.jar.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() < 8000);
}

#[tokio::test]
async fn oa_01_oa_02_state_must_come_once_and_right() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    let state = query(&back, "state").unwrap();
    let changed =
        if state.starts_with('A') { state.replacen('A', "B", 1) } else { format!("A{}", &state[1..]) };
    for bent in [
        back.replace(&format!("&state={state}"), ""),
        back.replace(&state, &changed),
        back.replace(&format!("state={state}"), "state="),
        format!("{back}&state={state}"),
        format!("{back}&state=x"),
    ] {
        let mut browser = browser.clone();
        browser.get(&bent).await.assert_denied();
        assert!(browser.who().await.is_null());
    }
    assert_eq!(server.rows().await, Rows { users: 0, accounts: 0, sessions: 0, tokens: 0 });
    assert!(browser.get(&back).await.signs_in(), "control");
}

#[tokio::test]
async fn oa_03_cc_10_a_callback_works_once() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    let copy = browser.clone();
    assert!(browser.get(&back).await.signs_in());
    browser.get(&back).await.assert_denied();
    copy.clone().get(&back).await.assert_denied();
    assert_eq!(browser.name().await.as_deref(), Some("Ada Lovelace"), "the session is not touched");

    let mut second = server.browser();
    let back = start_dev(&mut second, "grace").await;
    let uses = (0..16).map(|_| {
        let (mut browser, back) = (second.clone(), back.clone());
        async move { browser.get(&back).await.signs_in() }
    });
    let winners = futures_util::future::join_all(uses).await.into_iter().filter(|won| *won).count();
    assert_eq!((winners, server.rows().await.sessions), (1, 2));
}

#[tokio::test]
async fn oa_04_oa_05_another_browser_is_not_signed_in() {
    let server = TestServer::start().await;
    let mut attacker = server.browser();
    let back = start_dev(&mut attacker, "ada").await;
    let mut victim = server.browser();
    victim.get(&back).await.assert_denied();
    let mut started = server.browser();
    start_dev(&mut started, "grace").await;
    started.get(&back).await.assert_denied();
    assert!(attacker.get(&back).await.signs_in(), "control");
}

#[tokio::test]
async fn oa_10_a_foreign_code_is_refused() {
    let server = TestServer::start().await;
    let (mut attacker, mut victim) = (server.browser(), server.browser());
    let code = query(&start_dev(&mut attacker, "ada").await, "code").unwrap();
    let back = start_dev(&mut victim, "grace").await;
    let own = query(&back, "code").unwrap();
    victim.get(&back.replace(&own, &code)).await.assert_denied();
    assert!(victim.who().await.is_null());
    assert_eq!(server.rows().await.users, 0);
}

#[tokio::test]
async fn oa_11_tabs_do_not_disturb_each_other() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let first = start_dev(&mut browser, "ada").await;
    let second = start_dev(&mut browser, "grace").await;
    assert!(browser.get(&second).await.signs_in());
    assert_eq!(browser.name().await.as_deref(), Some("Grace Hopper"));
    assert!(browser.get(&first).await.signs_in());
    assert_eq!(browser.name().await.as_deref(), Some("Ada Lovelace"));
    assert_eq!(
        server.rows().await,
        Rows { users: 2, accounts: 2, sessions: 1, tokens: 0 },
        "CB-09: a new session"
    );
}

#[tokio::test]
async fn oa_13_oa_15_iss_is_compared_as_text() {
    let server = TestServer::start().await;
    for change in ["/", "%2F", "x"] {
        let mut browser = server.browser();
        let back = start_dev(&mut browser, "ada").await;
        browser.get(&format!("{back}{change}")).await.assert_denied();
    }
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    let (without, _) = back.split_once("&iss=").unwrap();
    browser.clone().get(&format!("{without}&iss=https%3A%2F%2Fother.test")).await.assert_denied();
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    let (without, _) = back.split_once("&iss=").unwrap();
    browser.get(without).await.assert_denied();
    let mut control = server.browser();
    sign_in_dev(&mut control, "ada").await;
}

#[tokio::test]
async fn oa_16_oa_17_only_a_code_in_the_query_counts() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    let state = query(&back, "state").unwrap();
    let tokens = format!("/api/auth/callback/dev?state={state}&id_token=x&access_token=y");
    browser.clone().get(&tokens).await.assert_denied();

    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    let (code, state) = (query(&back, "code").unwrap(), query(&back, "state").unwrap());
    let form = [("code", code.as_str()), ("state", state.as_str())];
    let foreign = [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")];
    browser.post_with("/api/auth/callback/dev", &foreign, &form).await.assert_denied();
    let posted = browser.submit("/api/auth/callback/dev", &form).await;
    assert_eq!(posted.status, 405);
    assert!(browser.get(&back).await.signs_in(), "control");
}

#[tokio::test]
async fn oa_24_a_changed_transaction_is_refused() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    let name = browser.jar.keys().find(|name| name.contains("transaction")).unwrap().clone();
    let value = browser.jar[&name].clone();
    for index in (0..value.len()).step_by(7) {
        let mut bytes = value.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let mut bent = browser.clone();
        bent.jar.insert(name.clone(), String::from_utf8(bytes).unwrap());
        let answer = bent.get(&back).await;
        answer.assert_denied();
    }
    let mut without = browser.clone();
    without.jar.remove(&name);
    without.get(&back).await.assert_denied();
    assert!(browser.get(&back).await.signs_in(), "control");
}

#[tokio::test]
async fn cb_01_whoever_cancels_reads_so() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "").await;
    assert_eq!(query(&back, "error").as_deref(), Some("access_denied"));
    let answer = browser.get(&back).await;
    answer.assert_denied();
    assert_eq!(answer.error().as_deref(), Some("AccessDenied"));
    assert!(!browser.jar.keys().any(|name| name.contains("transaction")));
}

#[tokio::test]
async fn cb_02_cb_07_a_providers_words_are_not_repeated() {
    let server = TestServer::start().await;
    for error in
        ["%3Cscript%3Ealert(1)%3C%2Fscript%3E", "x%0d%0aSet-Cookie:evil=1", "%22%3E%3Cimg%20src=x%3E"]
    {
        let mut browser = server.browser();
        let back = start_dev(&mut browser, "").await;
        let bent = back.replace("error=access_denied", &format!("error={error}&error_description={error}"));
        let answer = browser.get(&bent).await;
        answer.assert_denied();
        assert!(!answer.location().contains("alert") && !answer.location().contains("evil"));
        assert!(!answer.set_cookies().iter().any(|cookie| cookie.starts_with("evil")));
    }
}

#[tokio::test]
async fn cb_05_an_error_without_state_stops_nobody() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    browser.get("/api/auth/callback/dev?error=server_error").await.assert_denied();
    assert!(browser.get(&back).await.signs_in(), "control: the attempt goes on");
}

#[tokio::test]
async fn a_change_of_user_stops_a_running_attempt() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let back = start_dev(&mut browser, "ada").await;
    sign_in_dev(&mut browser, "grace").await;
    browser.get(&back).await.assert_denied();
    assert_eq!(browser.name().await.as_deref(), Some("Grace Hopper"));
}

#[tokio::test]
async fn the_provider_keeps_its_own_rules() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let started = browser.submit("/api/auth/signin/dev", &[]).await;
    let authorize = started.location().to_owned();
    for (from, to) in [("client_id=dev", "client_id=x"), ("callback%2Fdev", "callback%2Fother")] {
        let page = browser.get(&authorize.replace(from, to)).await;
        assert_eq!((page.status, page.location()), (400, ""), "{to}");
    }
    let plain = browser.get(&authorize.replace("S256", "plain")).await;
    assert_eq!(query(plain.location(), "error").as_deref(), Some("invalid_request"));
    let stolen = query(&start_dev(&mut browser, "ada").await, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("code", stolen.as_str()),
        ("client_id", "dev"),
        ("client_secret", "x"),
    ];
    let answer = browser.post("/dev/idp/token", &form).await;
    assert_eq!((answer.status, &answer.json()["error"]), (401, &Value::from("invalid_client")));
}
