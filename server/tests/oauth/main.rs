//! Attacks on provider sign-in, on its tokens and on sign-out: rows OA, ID, CB, LG, IP and O1 of the threat model, with the
//! real server and a provider that misbehaves as each test requires.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs, unused_imports)]

mod backchannel_logout;
mod client_authentication;
mod clocks;
mod form_post;
mod linking;
mod oauth1;
mod oauthlib;
mod odd_documents;
mod outages;
mod outbound_proxy;
mod provider_token;
mod races;
mod services;
mod sign_out;
mod slow_keys;
#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Method;
use serde_json::{Value, json};
use support::{
    Answer, Browser, Rows, TestServer,
    evil_op::{Behavior, CLIENT_ID, CLIENT_SECRET, EvilProvider, Signing},
    query, sign_in_email,
};

/// The server under test with one misbehaving and one second provider.
struct Scene {
    server: TestServer,
    evil: EvilProvider,
    other: EvilProvider,
}

/// One sign-in that has reached the provider.
struct Attempt {
    authorization: String,
    state: String,
}

impl Attempt {
    fn path(&self) -> &str {
        self.authorization.split_once("://").unwrap().1.split(['/', '?']).nth(1).unwrap()
    }
}

impl Scene {
    async fn new() -> Self {
        Self::with_variables(&[]).await
    }

    async fn with_variables(changes: &[(&str, &str)]) -> Self {
        let (evil, other) = (EvilProvider::start().await, EvilProvider::start().await);
        let server = TestServer::with(&Self::variables(&evil, &other, changes)).await;
        Self { server, evil, other }
    }

    /// A second server with the same database, address and providers.
    async fn twin(&self, changes: &[(&str, &str)]) -> TestServer {
        let database = format!("sqlite://{}", self.server.database_file().display());
        let shared = [("DATABASE_URL", database.as_str()), ("AUTH_URL", &self.server.origin)];
        let changes: Vec<_> = shared.into_iter().chain(changes.iter().copied()).collect();
        TestServer::with(&Self::variables(&self.evil, &self.other, &changes)).await
    }

    fn variables<'v>(
        evil: &'v EvilProvider,
        other: &'v EvilProvider,
        changes: &[(&'v str, &'v str)],
    ) -> Vec<(&'v str, &'v str)> {
        let mut variables = vec![
            ("AUTH_EOP_ISSUER", evil.issuer.as_str()),
            ("AUTH_EOP_ID", CLIENT_ID),
            ("AUTH_EOP_SECRET", CLIENT_SECRET),
            ("AUTH_HOP_ISSUER", &other.issuer),
            ("AUTH_HOP_ID", CLIENT_ID),
            ("AUTH_HOP_SECRET", CLIENT_SECRET),
        ];
        variables.extend(changes);
        variables
    }

    async fn with(behavior: Behavior) -> Self {
        let scene = Self::new().await;
        scene.evil.set(behavior);
        scene
    }

    fn browser(&self) -> Browser {
        self.server.browser()
    }

    /// Presses the button of a provider.
    async fn begin(&self, browser: &mut Browser, provider: &str) -> Attempt {
        let answer =
            browser.submit(&format!("/api/auth/signin/{provider}"), &[("callbackUrl", "/account")]).await;
        let authorization = answer.location().to_owned();
        let state = query(&authorization, "state").unwrap();
        Attempt { authorization, state }
    }

    /// The query that the honest way back has.
    fn good_query(&self, attempt: &Attempt) -> String {
        format!("code={}&state={}", self.evil.code_for(&attempt.authorization), attempt.state)
    }

    async fn finish(&self, browser: &mut Browser, attempt: &Attempt) -> Answer {
        browser.get(&format!("/api/auth/callback/eop?{}", self.good_query(attempt))).await
    }

    /// A whole sign-in.
    async fn sign_in(&self, browser: &mut Browser) -> Answer {
        let attempt = self.begin(browser, "eop").await;
        self.finish(browser, &attempt).await
    }

    /// A sign-in that must fail, with an honest one afterwards as control: nobody is signed in, no row is made.
    async fn assert_denied(&self, what: &str) {
        let rows = self.server.rows().await;
        let mut browser = self.browser();
        let answer = self.sign_in(&mut browser).await;
        assert_refused(&mut browser, &answer, what).await;
        assert_eq!(self.server.rows().await, rows, "{what}: rows");
        self.evil.set(Behavior::default());
        let control = self.sign_in(&mut browser).await;
        assert!(["/welcome", "/account"].contains(&path(&control).as_str()), "{what}: control");
        assert!(browser.who().await.is_object(), "{what}: control");
    }
}

/// Refused with a generic word, and nobody is signed in.
async fn assert_refused(browser: &mut Browser, answer: &Answer, what: &str) {
    assert!(!answer.signs_in(), "{what}: a session cookie was set");
    if answer.status == 302 {
        let path = path(answer);
        assert!(["/signin", "/error"].contains(&path.as_str()), "{what}: {path}");
        let error = answer.error().unwrap_or_default();
        assert!(
            ["OAuthCallbackError", "AccessDenied", "OAuthSignin"].contains(&error.as_str()),
            "{what}: {error}"
        );
    } else {
        assert!((400..500).contains(&answer.status), "{what}: {}", answer.status);
    }
    for secret in [CLIENT_SECRET, "canary"] {
        assert!(
            !answer.body.contains(secret) && !answer.header("location").contains(secret),
            "{what}: a secret leaks"
        );
    }
    assert_eq!(browser.who().await, Value::Null, "{what}: somebody is signed in");
}

/// The path that an answer leads to.
fn path(answer: &Answer) -> String {
    url::Url::parse(answer.location()).unwrap().path().to_owned()
}

fn rows(users: i64, accounts: i64, sessions: i64, tokens: i64) -> Rows {
    Rows { users, accounts, sessions, tokens }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(<sha2::Sha256 as sha2::Digest>::digest(verifier))
}

fn claims(change: impl Fn(&mut Value) + Send + 'static) -> Behavior {
    Behavior { claims: Box::new(change), ..Behavior::default() }
}

fn signing(signing: Signing) -> Behavior {
    Behavior { signing, ..Behavior::default() }
}

fn instead(path: &'static str, status: u16, content_type: &'static str, body: impl Into<String>) -> Behavior {
    Behavior { instead: [(path, (status, content_type, body.into()))].into(), ..Behavior::default() }
}

#[tokio::test]
async fn an_honest_sign_in_makes_one_user_account_and_session() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let answer = scene.sign_in(&mut browser).await;
    assert_eq!(path(&answer), "/welcome");
    let session = browser.who().await;
    assert_eq!(session["user"]["name"], "Eve Provider");
    assert_eq!(scene.server.rows().await, rows(1, 1, 1, 0));
    let mut again = scene.browser();
    assert_eq!(path(&scene.sign_in(&mut again).await), "/account", "the second time nobody is new");
    assert_eq!(again.who().await["user"]["id"], session["user"]["id"]);
    assert_eq!(scene.server.rows().await, rows(1, 1, 2, 0));
}

#[tokio::test]
async fn oa_01_oa_02_oa_16_state_must_be_the_one_of_this_browser() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    let (code, state) = (scene.evil.code_for(&attempt.authorization), attempt.state.clone());
    let changed = format!("{}{}", &state[..state.len() - 1], if state.ends_with('A') { 'B' } else { 'A' });
    for query in [
        format!("code={code}"),
        format!("code={code}&state="),
        format!("code={code}&state={changed}"),
        format!("code={code}&state={state}&state={state}"),
        format!("state={state}&id_token=x&access_token=y"),
    ] {
        let answer = browser.get(&format!("/api/auth/callback/eop?{query}")).await;
        assert_refused(&mut browser, &answer, &query).await;
        assert_eq!(scene.evil.requests("token"), 0, "{query}: the token endpoint was called");
    }
}

#[tokio::test]
async fn oa_03_oa_09_a_callback_works_once() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    let callback = format!("/api/auth/callback/eop?{}", scene.good_query(&attempt));
    let cookies = browser.jar.clone();
    assert_eq!(path(&browser.get(&callback).await), "/welcome");
    let session = browser.who().await;

    assert!(!browser.get(&callback).await.signs_in(), "replayed without its cookie");
    assert_eq!(browser.who().await, session, "the running session is untouched");
    let mut thief = scene.browser();
    thief.jar = cookies;
    let replay = thief.get(&callback).await;
    assert_refused(&mut thief, &replay, "replayed with its cookie").await;
    assert_eq!(scene.evil.requests("token"), 1);
}

#[tokio::test]
async fn cc_10_the_same_callback_sixteen_times_at_once_gives_one_session() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    let path = Arc::new(format!("/api/auth/callback/eop?{}", scene.good_query(&attempt)));
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (mut copy, path) = (scene.browser(), path.clone());
            copy.jar = browser.jar.clone();
            tokio::spawn(async move { copy.get(&path).await.signs_in() })
        })
        .collect();
    let mut sessions = 0;
    for task in tasks {
        sessions += usize::from(task.await.unwrap());
    }
    assert_eq!(sessions, 1);
    assert_eq!(scene.server.rows().await, rows(1, 1, 1, 0));
}

#[tokio::test]
async fn oa_05_oa_24_without_an_intact_transaction_nothing_happens() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    let path = format!("/api/auth/callback/eop?{}", scene.good_query(&attempt));
    let mut stranger = scene.browser();
    let answer = stranger.get(&path).await;
    assert_refused(&mut stranger, &answer, "another browser").await;

    let cookies = browser.jar.clone();
    let (name, value) = cookies.iter().find(|(name, _)| name.contains("transaction")).unwrap();
    for index in (0..value.len()).step_by(7) {
        let mut bytes = value.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        stranger.jar = [(name.clone(), String::from_utf8(bytes).unwrap())].into();
        let answer = stranger.get(&path).await;
        assert_refused(&mut stranger, &answer, &format!("byte {index} changed")).await;
    }
    assert_eq!(scene.evil.requests("token"), 0);
    assert!(browser.get(&path).await.signs_in(), "control");
}

#[tokio::test]
async fn oa_06_oa_18_every_flow_has_pkce_and_one_redirect_uri() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    scene.finish(&mut browser, &attempt).await;
    let asked = &attempt.authorization;
    let form = &scene.evil.token_requests()[0];
    assert_eq!(query(asked, "code_challenge_method").as_deref(), Some("S256"));
    assert!((43..=128).contains(&form["code_verifier"].len()));
    assert_eq!(s256(&form["code_verifier"]), query(asked, "code_challenge").unwrap());
    let redirect_uri = format!("{}/api/auth/callback/eop", scene.server.origin);
    assert_eq!(query(asked, "redirect_uri").unwrap(), redirect_uri);
    assert_eq!(form["redirect_uri"], redirect_uri);
    assert!(form["authorization"].starts_with("Basic "));
    assert!(!form.contains_key("client_secret"));
}

#[tokio::test]
async fn oa_07_values_are_never_used_twice() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let mut seen = HashSet::new();
    for _ in 0..40 {
        let attempt = scene.begin(&mut browser, "eop").await;
        for name in ["state", "nonce", "code_challenge"] {
            let value = query(&attempt.authorization, name).unwrap();
            assert!(value.len() >= 43 && seen.insert(value), "{name}");
        }
    }
    let transactions = browser.jar.iter().filter(|(name, _)| name.contains("transaction")).count();
    assert!(transactions <= 5, "DS-11: {transactions} transactions are kept");
}

#[tokio::test]
async fn oa_08_a_transaction_lasts_fifteen_minutes() {
    let scene = Scene::new().await;
    for (seconds, works) in [(14 * 60, true), (15 * 60 + 1, false)] {
        let mut browser = scene.browser();
        let attempt = scene.begin(&mut browser, "eop").await;
        scene.evil.set(claims(move |claims| {
            for name in ["iat", "exp"] {
                claims[name] = json!(claims[name].as_i64().unwrap() + seconds);
            }
        }));
        scene.server.set_later(seconds);
        assert_eq!(scene.finish(&mut browser, &attempt).await.signs_in(), works, "{seconds} s");
        scene.server.set_later(0);
    }
}

#[tokio::test]
async fn oa_10_a_code_of_another_attempt_is_refused_by_its_nonce() {
    let scene = Scene::new().await;
    let (mut attacker, mut victim) = (scene.browser(), scene.browser());
    let (theirs, ours) = (scene.begin(&mut attacker, "eop").await, scene.begin(&mut victim, "eop").await);
    let code = scene.evil.code_for(&theirs.authorization);
    let answer = victim.get(&format!("/api/auth/callback/eop?code={code}&state={}", ours.state)).await;
    assert_refused(&mut victim, &answer, "injected code").await;
}

#[tokio::test]
async fn oa_11_tabs_finish_in_any_order() {
    for reverse in [false, true] {
        let scene = Scene::new().await;
        let mut browser = scene.browser();
        let (first, second) =
            (scene.begin(&mut browser, "eop").await, scene.begin(&mut browser, "eop").await);
        let order = if reverse { [&second, &first] } else { [&first, &second] };
        for attempt in order {
            assert!(scene.finish(&mut browser, attempt).await.signs_in(), "reverse: {reverse}");
        }
    }
}

#[tokio::test]
async fn oa_13_oa_15_iss_is_compared_letter_by_letter() {
    let announces = || Behavior {
        discovery: Box::new(|document| {
            document["authorization_response_iss_parameter_supported"] = json!(true)
        }),
        ..Behavior::default()
    };
    let scene = Scene::with(announces()).await;
    let (good, other) = (scene.evil.issuer.clone(), scene.other.issuer.clone());
    for iss in [
        String::new(),
        "&iss=".to_owned(),
        format!("&iss={other}"),
        format!("&iss={good}/"),
        format!("&iss={}", good.to_uppercase()),
        format!("&iss={good}&iss={other}"),
    ] {
        let mut browser = scene.browser();
        let attempt = scene.begin(&mut browser, "eop").await;
        let answer =
            browser.get(&format!("/api/auth/callback/eop?{}{iss}", scene.good_query(&attempt))).await;
        assert_refused(&mut browser, &answer, &iss).await;
    }
    assert_eq!(scene.evil.requests("token"), 0, "the code was sent before iss was checked");
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    let answer =
        browser.get(&format!("/api/auth/callback/eop?{}&iss={good}", scene.good_query(&attempt))).await;
    assert!(answer.signs_in(), "control");
}

#[tokio::test]
async fn transactions_are_bound_to_their_provider() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    let answer = browser.get(&format!("/api/auth/callback/hop?{}", scene.good_query(&attempt))).await;
    assert_refused(&mut browser, &answer, "GHSA-x445-f3h2-j279").await;
    assert_eq!(scene.other.requests("token"), 0);
}

#[tokio::test]
async fn oa_17_oa_20_cb_10_other_methods_do_nothing() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    let query = scene.good_query(&attempt);
    for method in [Method::HEAD, Method::PUT, Method::DELETE, Method::PATCH] {
        let path = format!("/api/auth/callback/eop?{query}");
        let answer = browser.send(method.clone(), &path, &[], Vec::new()).await;
        assert!((400..500).contains(&answer.status) && !answer.signs_in(), "{method}: {}", answer.status);
    }
    let form_post =
        browser.submit("/api/auth/callback/eop", &[("code", "x"), ("state", &attempt.state)]).await;
    assert!((400..500).contains(&form_post.status), "form_post: {}", form_post.status);
    let get = scene.browser().get("/api/auth/signin/eop").await;
    assert!(path(&get) == "/signin" && get.set_cookies().is_empty(), "GET begins nothing");
    let finished = browser.get(&format!("/api/auth/callback/eop?{query}")).await;
    assert!(finished.signs_in(), "control: HEAD and the others consumed nothing");
}

#[tokio::test]
async fn oa_19_unknown_providers_are_not_found() {
    let scene = Scene::new().await;
    for id in ["nosuch", "__proto__", "..%2Fsession", "%00", &"x".repeat(10_000), "eop%20", "EOP"] {
        let mut browser = scene.browser();
        let answer = browser.get(&format!("/api/auth/callback/{id}?code=x&state=y")).await;
        assert!((400..500).contains(&answer.status), "{id}: {}", answer.status);
        assert!(!answer.signs_in());
    }
}

#[tokio::test]
async fn oa_22_oa_23_odd_token_answers_are_refused() {
    for (what, change) in [
        ("no id_token", json!({ "id_token": null })),
        ("token_type mac", json!({ "token_type": "mac" })),
        ("no access_token", json!({ "access_token": null })),
        ("id_token is no token", json!({ "id_token": "x" })),
        ("id_token is a list", json!({ "id_token": ["x"] })),
    ] {
        let behavior = Behavior {
            token: Box::new(move |answer| {
                let fields = answer.as_object_mut().unwrap();
                fields.extend(change.as_object().unwrap().clone());
                fields.retain(|_, value| !value.is_null());
            }),
            ..Behavior::default()
        };
        Scene::with(behavior).await.assert_denied(what).await;
    }
}

#[tokio::test]
async fn id_01_id_02_id_03_only_the_providers_signature_counts() {
    let scene = Scene::new().await;
    for algorithm in ["none", "None", "nOnE", "NONE", "HS256"] {
        scene.evil.set(signing(Signing::None(algorithm)));
        scene.assert_denied(algorithm).await;
    }
    scene.evil.set(signing(Signing::Broken));
    scene.assert_denied("broken signature").await;
    scene.evil.set(signing(Signing::ForeignKey("key-1")));
    scene.assert_denied("foreign key under a known id").await;
}

#[tokio::test]
async fn id_04_id_17_headers_bring_no_key_and_no_other_kind_of_token() {
    let scene = Scene::new().await;
    let elsewhere = format!("{}/jwks", scene.other.issuer);
    for header in [
        json!({ "jku": elsewhere }),
        json!({ "x5u": elsewhere }),
        json!({ "jwk": { "kty": "RSA" } }),
        json!({ "x5c": ["AAAA"] }),
        json!({ "crit": ["exp"] }),
        json!({ "typ": "at+jwt" }),
        json!({ "typ": "logout+jwt" }),
    ] {
        scene.evil.set(signing(Signing::Header(header.clone())));
        scene.assert_denied(&header.to_string()).await;
    }
    assert_eq!(scene.other.requests("jwks"), 0, "a URL of the header was fetched");
}

#[tokio::test]
async fn id_05_to_id_11_wrong_claims_are_refused() {
    let scene = Scene::new().await;
    let other = scene.other.issuer.clone();
    let same_with_slash = format!("{}/", scene.evil.issuer);
    let now = now();
    for (claim, values) in [
        (
            "iss",
            vec![
                json!(other),
                json!(same_with_slash),
                json!(scene.evil.issuer.replace("http", "https")),
                Value::Null,
            ],
        ),
        (
            "aud",
            vec![
                json!("other"),
                json!([]),
                Value::Null,
                json!("client-of"),
                json!([CLIENT_ID, "other"]),
                json!(1),
            ],
        ),
        ("azp", vec![json!("other")]),
        ("nonce", vec![Value::Null, json!("wrong"), json!(["x"]), json!("")]),
        ("exp", vec![json!(now - 61), Value::Null, json!("9999999999"), json!(1e308), json!(-1)]),
        ("iat", vec![Value::Null, json!(now + 600), json!(now - 2 * 86_400)]),
        ("nbf", vec![json!(now + 600)]),
        ("sub", vec![Value::Null, json!(""), json!(1), json!("x".repeat(256)), json!("a\u{0}b")]),
        ("at_hash", vec![json!("AAAAAAAAAAAAAAAAAAAAAA")]),
    ] {
        for value in values {
            let what = format!("{claim}: {}", value.to_string().chars().take(40).collect::<String>());
            scene.evil.set(claims(move |claims| {
                claims[claim] = value.clone();
                claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            }));
            scene.assert_denied(&what).await;
        }
    }
}

#[tokio::test]
async fn id_09_a_minute_of_difference_between_clocks_is_fine() {
    let scene = Scene::new().await;
    let now = now();
    for (claim, value) in [("exp", now - 50), ("iat", now + 50), ("nbf", now + 50)] {
        scene.evil.set(claims(move |claims| claims[claim] = json!(value)));
        assert!(scene.sign_in(&mut scene.browser()).await.signs_in(), "{claim}");
    }
}

#[tokio::test]
async fn id_12_without_a_key_id_exactly_one_key_must_fit() {
    let no_kid = || signing(Signing::Header(json!({ "kid": null })));
    let scene = Scene::with(no_kid()).await;
    assert!(scene.sign_in(&mut scene.browser()).await.signs_in(), "one key");

    let scene = Scene::with(Behavior {
        jwks: Box::new(|set| {
            let copy = set["keys"][0].clone();
            set["keys"].as_array_mut().unwrap().push(copy);
        }),
        ..no_kid()
    })
    .await;
    let mut browser = scene.browser();
    let answer = scene.sign_in(&mut browser).await;
    assert_refused(&mut browser, &answer, "two keys that fit").await;
}

#[tokio::test]
async fn id_13_id_14_new_keys_are_found_and_floods_are_not_followed() {
    let scene = Scene::new().await;
    assert!(scene.sign_in(&mut scene.browser()).await.signs_in());
    assert_eq!(scene.evil.requests("jwks"), 1);

    scene.evil.set(signing(Signing::ForeignKey("unknown")));
    for _ in 0..30 {
        let mut browser = scene.browser();
        let answer = scene.sign_in(&mut browser).await;
        assert_refused(&mut browser, &answer, "unknown key id").await;
    }
    assert!(scene.evil.requests("jwks") <= 2, "{} fetches", scene.evil.requests("jwks"));

    scene.evil.set(Behavior::default());
    scene.evil.rotate_key("key-2");
    scene.server.set_later(11);
    assert!(scene.sign_in(&mut scene.browser()).await.signs_in(), "the rotated key");
}

#[tokio::test]
async fn id_15_userinfo_must_speak_of_the_same_person() {
    let asks_userinfo = |userinfo: Value| Behavior {
        userinfo,
        ..claims(|claims| claims.as_object_mut().unwrap().retain(|name, _| name != "email" && name != "name"))
    };
    let scene = Scene::new().await;
    for userinfo in [json!({ "sub": "somebody-else" }), json!({}), json!([]), json!({ "sub": null })] {
        scene.evil.set(asks_userinfo(userinfo.clone()));
        scene.assert_denied(&userinfo.to_string()).await;
    }
    let mut browser = scene.browser();
    scene.evil.set(asks_userinfo(json!({ "sub": "evil-1", "name": "From Userinfo" })));
    assert!(scene.sign_in(&mut browser).await.signs_in(), "control");
}

#[tokio::test]
async fn id_19_the_same_sub_at_two_issuers_is_two_users() {
    let scene = Scene::new().await;
    let (mut one, mut two) = (scene.browser(), scene.browser());
    scene.sign_in(&mut one).await;
    let attempt = scene.begin(&mut two, "hop").await;
    let code = scene.other.code_for(&attempt.authorization);
    assert!(two.get(&format!("/api/auth/callback/hop?code={code}&state={}", attempt.state)).await.signs_in());
    assert_ne!(one.who().await["user"]["id"], two.who().await["user"]["id"]);
}

#[tokio::test]
async fn lk_03_lk_10_a_claimed_address_leads_to_nobody() {
    let scene = Scene::new().await;
    let mut owner = scene.browser();
    sign_in_email(&scene.server, &mut owner, "eve@example.com").await;
    let mut thief = scene.browser();
    let answer = scene.sign_in(&mut thief).await;
    assert_eq!(answer.error().as_deref(), Some("OAuthAccountNotLinked"));
    assert_eq!(thief.who().await, Value::Null);

    let scene = Scene::new().await;
    let mut squatter = scene.browser();
    assert!(scene.sign_in(&mut squatter).await.signs_in(), "the address is free");
    let mut owner = scene.browser();
    sign_in_email(&scene.server, &mut owner, "eve@example.com").await;
    assert_ne!(owner.who().await["user"]["id"], squatter.who().await["user"]["id"], "pre-hijacking");
}

#[tokio::test]
async fn cb_01_cb_05_cancelling_is_no_error_of_the_server() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    let without_state = browser.get("/api/auth/callback/eop?error=server_error").await;
    assert_refused(&mut browser, &without_state, "error without state").await;
    assert!(browser.jar.iter().any(|(name, _)| name.contains("transaction")), "CB-05: the attempt goes on");
    let answer =
        browser.get(&format!("/api/auth/callback/eop?error=access_denied&state={}", attempt.state)).await;
    assert_eq!(answer.error().as_deref(), Some("AccessDenied"));
    assert!(!browser.jar.iter().any(|(name, _)| name.contains("transaction")), "the attempt is over");
    assert_ne!(browser.get(answer.location()).await.status / 100, 5);
}

#[tokio::test]
async fn cb_02_cb_07_provider_texts_are_never_shown() {
    let scene = Scene::new().await;
    for text in ["<script>alert(1)</script>", "x\r\nSet-Cookie: evil=1", "\"><img src=x onerror=alert(1)>"] {
        let mut browser = scene.browser();
        let attempt = scene.begin(&mut browser, "eop").await;
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let path = format!(
            "/api/auth/callback/eop?error={text}&error_description={text}&error_uri={text}&state={}",
            attempt.state
        );
        let answer = browser.get(&path).await;
        assert_refused(&mut browser, &answer, &text).await;
        assert!(
            !answer.header("location").contains("alert")
                && answer.set_cookies().iter().all(|c| !c.contains("evil=1"))
        );
        let page = browser.get(answer.location()).await;
        assert!(page.status < 500 && !page.body.contains("alert(1)"));
    }
}

#[tokio::test]
async fn ip_01_ip_07_a_provider_that_is_away_or_lies_stops_only_itself() {
    for (what, behavior) in [
        ("discovery 500", instead(".well-known/openid-configuration", 500, "text/plain", "")),
        ("discovery is html", instead(".well-known/openid-configuration", 200, "text/html", "<html>")),
        (
            "discovery is huge",
            instead(".well-known/openid-configuration", 200, "application/json", " ".repeat(2 << 20)),
        ),
        (
            "another issuer",
            Behavior {
                discovery: Box::new(|document| document["issuer"] = json!("https://evil.test")),
                ..Behavior::default()
            },
        ),
    ] {
        let scene = Scene::with(behavior).await;
        let mut browser = scene.browser();
        let answer = browser.submit("/api/auth/signin/eop", &[]).await;
        assert_eq!(answer.error().as_deref(), Some("OAuthSignin"), "{what}");
        assert_eq!(scene.begin(&mut browser, "hop").await.path(), "authorize", "{what}: the other one works");
        scene.evil.set(Behavior::default());
        scene.server.set_later(6);
        assert_eq!(scene.begin(&mut browser, "eop").await.path(), "authorize", "{what}: recovers by itself");
    }
}

#[tokio::test]
async fn ip_03_ip_04_ip_06_strange_answers_are_refused() {
    for endpoint in ["token", "jwks"] {
        for (status, content_type, body) in [
            (200, "text/html", "<html>".to_owned()),
            (200, "application/json", "null".to_owned()),
            (200, "application/json", "{\"access_token\":".to_owned()),
            (500, "application/json", "{}".to_owned()),
            (
                400,
                "application/json",
                "{\"error\":\"invalid_grant\",\"error_description\":\"<b>canary</b>\"}".to_owned(),
            ),
            (302, "text/plain", String::new()),
            (200, "application/json", " ".repeat(2 << 20)),
        ] {
            let scene = Scene::new().await;
            let mut browser = scene.browser();
            let attempt = scene.begin(&mut browser, "eop").await;
            scene.evil.set(instead(endpoint, status, content_type, body.clone()));
            let answer = scene.finish(&mut browser, &attempt).await;
            assert_refused(&mut browser, &answer, &format!("{endpoint} {status} {}", body.len())).await;
        }
    }
}

#[tokio::test]
async fn cc_01_thirty_two_first_sign_ins_at_once_leave_one_user() {
    let scene = Arc::new(Scene::new().await);
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let scene = scene.clone();
            tokio::spawn(async move { scene.sign_in(&mut scene.browser()).await.signs_in() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert_eq!(scene.server.rows().await, rows(1, 1, 32, 0));
}
