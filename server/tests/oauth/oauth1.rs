//! Attacks on sign-in by OAuth 1: rows O1. Whether our signatures are right is for oauthlib to say: see `oauthlib.rs`.

use http::Method;
use leptos_auth::{
    ProviderTokenError, Secret,
    provider::{OAuth1Endpoints, OAuth1Version, OAuthProvider, ProfileMap, Whoami},
};
use serde_json::{Value, json};

use crate::{
    Attempt, assert_refused, path, rows,
    support::{
        Answer, Browser, TestServer,
        evil_oauth1::{ACCESS_TOKEN, Behavior, EvilOAuth1, TOKEN_SECRET},
        evil_op::{CLIENT_ID, CLIENT_SECRET, EvilProvider},
        log, query,
    },
};

const PROFILE: ProfileMap = ProfileMap { name: "name", email: "email", ..ProfileMap::ID };

/// The server under test with two misbehaving providers: `evil1` and `other1` speak revision A, `old` the first edition
/// at the place of `evil1`, `listed` tells a name first, and `eop` speaks OpenID Connect.
struct Scene {
    server: TestServer,
    evil: EvilOAuth1,
    other: EvilOAuth1,
    eop: EvilProvider,
}

fn endpoints(evil: &EvilOAuth1) -> OAuth1Endpoints {
    let at = |path: &str| format!("{}/{path}", evil.url);
    OAuth1Endpoints::new(&at("request_token"), &at("authorize"), &at("access_token"), &at("me"))
}

fn provider(id: &str, endpoints: OAuth1Endpoints) -> OAuthProvider {
    let secret = Secret::new(CLIENT_SECRET);
    OAuthProvider::oauth1(id, "Evil", CLIENT_ID.to_owned(), secret, endpoints, PROFILE)
}

impl Scene {
    async fn new() -> Self {
        let (evil, other, eop) =
            (EvilOAuth1::start().await, EvilOAuth1::start().await, EvilProvider::start().await);
        let server = Self::server(&evil, &other, &eop, &[]).await;
        Self { server, evil, other, eop }
    }

    async fn server(
        evil: &EvilOAuth1,
        other: &EvilOAuth1,
        eop: &EvilProvider,
        changes: &[(&str, &str)],
    ) -> TestServer {
        let mut variables = vec![
            ("AUTH_EOP_ISSUER", eop.issuer.as_str()),
            ("AUTH_EOP_ID", CLIENT_ID),
            ("AUTH_EOP_SECRET", CLIENT_SECRET),
        ];
        variables.extend(changes);
        let old = OAuth1Endpoints { version: OAuth1Version::V1_0, ..endpoints(evil) };
        let whoami = Whoami { url: format!("{}/whoami", evil.url), list: "values", name: "name" };
        let listed = OAuth1Endpoints {
            request_token_by_get: true,
            userinfo: format!("{}/me?filter={{whoami}}", evil.url),
            whoami: Some(whoami),
            ..endpoints(evil)
        };
        TestServer::extended(&variables, |builder| {
            builder
                .provider(provider("evil1", endpoints(evil)))
                .provider(provider("other1", endpoints(other)))
                .provider(provider("old", old))
                .provider(provider("listed", listed))
        })
        .await
    }

    /// A second server with the same database, address and providers.
    async fn twin(&self) -> TestServer {
        let database = format!("sqlite://{}", self.server.database_file().display());
        let shared = [("DATABASE_URL", database.as_str()), ("AUTH_URL", &self.server.origin)];
        Self::server(&self.evil, &self.other, &self.eop, &shared).await
    }

    fn browser(&self) -> Browser {
        self.server.browser()
    }

    /// Presses the button of a provider.
    async fn begin(&self, browser: &mut Browser, provider: &str) -> Attempt {
        self.begin_for(browser, provider, "/account").await
    }

    async fn begin_for(&self, browser: &mut Browser, provider: &str, target: &str) -> Attempt {
        let form = [("callbackUrl", target)];
        let answer = browser.submit(&format!("/api/auth/signin/{provider}"), &form).await;
        let authorization = answer.location().to_owned();
        let state = query(&authorization, "oauth_token").unwrap_or_else(|| panic!("{answer:?}"));
        Attempt { authorization, state }
    }

    /// The honest way back.
    async fn finish(&self, browser: &mut Browser, provider: &str, attempt: &Attempt) -> Answer {
        let token = &attempt.state;
        browser.get(&format!("/api/auth/callback/{provider}?oauth_token={token}&oauth_verifier=good")).await
    }

    async fn sign_in(&self, browser: &mut Browser, provider: &str) -> Answer {
        let attempt = self.begin(browser, provider).await;
        self.finish(browser, provider, &attempt).await
    }

    /// How often a temporary token was exchanged.
    fn exchanges(&self) -> usize {
        self.evil.asked("access_token").len() + self.other.asked("access_token").len()
    }

    /// A sign-in that must fail, with an honest one afterwards as control.
    async fn assert_denied(&self, what: &str) {
        let before = self.server.rows().await;
        let mut browser = self.browser();
        let started = browser.submit("/api/auth/signin/evil1", &[]).await;
        let answer = match query(started.location(), "oauth_token") {
            Some(state) => {
                let attempt = Attempt { authorization: String::new(), state };
                self.finish(&mut browser, "evil1", &attempt).await
            }
            None => started,
        };
        assert_refused(&mut browser, &answer, what).await;
        assert_eq!(self.server.rows().await, before, "{what}: rows");
        self.evil.set(Behavior::default());
        assert!(self.sign_in(&mut browser, "evil1").await.signs_in(), "{what}: control");
    }
}

fn instead(path: &'static str, status: u16, content_type: &'static str, body: impl Into<String>) -> Behavior {
    Behavior { instead: [(path, (status, content_type, body.into()))].into(), ..Behavior::default() }
}

fn has_transaction(browser: &Browser) -> bool {
    browser.jar.keys().any(|name| name.contains("transaction"))
}

#[tokio::test]
async fn an_honest_sign_in_makes_one_user_account_and_session() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "evil1").await;
    assert!(!attempt.authorization.contains("canary"), "a secret in a URL");
    assert!(browser.jar.values().all(|value| !value.contains("canary")), "a secret in a cookie");
    let answer = scene.finish(&mut browser, "evil1", &attempt).await;
    assert_eq!(path(&answer), "/welcome");
    let session = browser.who().await;
    assert_eq!(session["user"]["name"], "Eve OAuth");
    assert_eq!(scene.server.rows().await, rows(1, 1, 1, 0));
    assert_eq!(scene.server.text("SELECT type FROM accounts").await, "oauth");

    let [begun, exchanged] = ["request_token", "access_token"].map(|path| scene.evil.asked(path)[0].clone());
    for asked in [&begun, &exchanged] {
        assert_eq!((asked.method.clone(), asked.body.as_str()), (Method::POST, ""));
        assert_eq!(asked.headers["content-length"], "0", "some servers wait for a body else");
        assert_eq!(asked.oauth["oauth_consumer_key"], CLIENT_ID);
    }
    let callback = format!("{}/api/auth/callback/evil1", scene.server.origin);
    assert_eq!(begun.oauth["oauth_callback"], callback);
    assert_eq!(exchanged.oauth["oauth_token"], attempt.state);
    assert_eq!(exchanged.oauth["oauth_verifier"], "good");
    assert_eq!(scene.evil.asked("me")[0].oauth["oauth_token"], ACCESS_TOKEN);

    let mut again = scene.browser();
    assert_eq!(path(&scene.sign_in(&mut again, "evil1").await), "/account", "the second time nobody is new");
    assert_eq!(again.who().await["user"]["id"], session["user"]["id"]);
}

#[tokio::test]
async fn o1_01_the_token_must_be_the_one_of_this_browser_and_provider() {
    let scene = Scene::new().await;
    let (mut browser, mut attacker) = (scene.browser(), scene.browser());
    let attempt = scene.begin(&mut browser, "evil1").await;
    let theirs = scene.begin(&mut attacker, "evil1").await;
    let token = &attempt.state;
    for query in [
        "oauth_verifier=good".to_owned(),
        "oauth_token=&oauth_verifier=good".to_owned(),
        format!("oauth_token={}&oauth_verifier=good", theirs.state),
        format!("oauth_token={token}x&oauth_verifier=good"),
        format!("oauth_token={token}&oauth_token={token}&oauth_verifier=good"),
        format!("oauth_token={token}&oauth_token={}&oauth_verifier=good", theirs.state),
        format!("oauth_token%5B%5D={token}&oauth_verifier=good"),
        format!("state={token}&code=good&oauth_verifier=good"),
    ] {
        let answer = browser.get(&format!("/api/auth/callback/evil1?{query}")).await;
        assert_refused(&mut browser, &answer, &query).await;
    }
    let answer = scene.finish(&mut browser, "other1", &attempt).await;
    assert_refused(&mut browser, &answer, "another provider").await;
    assert_eq!(scene.exchanges(), 0, "a token was exchanged");
    assert!(scene.finish(&mut browser, "evil1", &attempt).await.signs_in(), "control");
}

#[tokio::test]
async fn o1_01_an_oauth_2_provider_takes_no_oauth_token_for_its_state() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let answer = browser.submit("/api/auth/signin/eop", &[]).await;
    let (state, code) = (query(answer.location(), "state").unwrap(), scene.eop.code_for(answer.location()));
    let odd = browser.get(&format!("/api/auth/callback/eop?code={code}&oauth_token={state}")).await;
    assert_refused(&mut browser, &odd, "oauth_token").await;
    let good = browser.get(&format!("/api/auth/callback/eop?code={code}&state={state}")).await;
    assert!(good.signs_in(), "control");
}

#[tokio::test]
async fn o1_02_revision_a_wants_a_verifier() {
    let scene = Scene::new().await;
    for query in ["", "&oauth_verifier=", "&oauth_verifier=%00", "&oauth_verifier=a&oauth_verifier=b"] {
        let mut browser = scene.browser();
        let attempt = scene.begin(&mut browser, "evil1").await;
        let path = format!("/api/auth/callback/evil1?oauth_token={}{query}", attempt.state);
        let answer = browser.get(&path).await;
        assert_refused(&mut browser, &answer, query).await;
    }
    assert_eq!(scene.exchanges(), 0, "asked without a verifier");
    scene.evil.set(instead("access_token", 401, "text/plain", "oauth_problem=token_rejected"));
    scene.assert_denied("a verifier that the provider refuses").await;
}

#[tokio::test]
async fn o1_02_the_first_edition_is_bound_to_the_browser_too() {
    let scene = Scene::new().await;
    let (mut browser, mut stranger) = (scene.browser(), scene.browser());
    let attempt = scene.begin(&mut browser, "old").await;
    let callback = format!("{}/api/auth/callback/old", scene.server.origin);
    assert_eq!(query(&attempt.authorization, "oauth_callback"), Some(callback));
    assert!(!scene.evil.asked("request_token")[0].oauth.contains_key("oauth_callback"));

    let back = format!("/api/auth/callback/old?oauth_token={}", attempt.state);
    let answer = stranger.get(&back).await;
    assert_refused(&mut stranger, &answer, "another browser").await;
    assert_eq!(scene.exchanges(), 0);
    assert!(browser.get(&back).await.signs_in(), "control");
    assert!(!scene.evil.asked("access_token")[0].oauth.contains_key("oauth_verifier"));
}

#[tokio::test]
async fn o1_03_another_browser_cannot_finish() {
    let scene = Scene::new().await;
    let (mut browser, mut stranger) = (scene.browser(), scene.browser());
    let attempt = scene.begin(&mut browser, "evil1").await;
    // A stranger with a running sign-in of their own, and one with the cookie's name only.
    scene.begin(&mut stranger, "evil1").await;
    let answer = scene.finish(&mut stranger, "evil1", &attempt).await;
    assert_refused(&mut stranger, &answer, "another browser").await;
    let theirs = stranger.jar.iter().find(|(name, _)| name.contains("transaction")).unwrap().1.clone();
    let name = browser.jar.keys().find(|name| name.contains("transaction")).unwrap().clone();
    stranger.jar.insert(name, theirs);
    let answer = scene.finish(&mut stranger, "evil1", &attempt).await;
    assert_refused(&mut stranger, &answer, "a cookie of another attempt").await;
    assert_eq!(scene.exchanges(), 0);
    assert!(scene.finish(&mut browser, "evil1", &attempt).await.signs_in(), "control");
}

#[tokio::test]
async fn o1_04_without_a_confirmed_callback_nothing_begins() {
    let scene = Scene::new().await;
    for confirmed in [None, Some("false"), Some(""), Some("TRUE"), Some("1")] {
        scene.evil.set(Behavior {
            request_token: Box::new(move |form| {
                form.retain(|(name, _)| *name != "oauth_callback_confirmed");
                form.extend(confirmed.map(|value| ("oauth_callback_confirmed", value.to_owned())));
            }),
            ..Behavior::default()
        });
        let mut browser = scene.browser();
        let answer = browser.submit("/api/auth/signin/evil1", &[]).await;
        assert_eq!(answer.error().as_deref(), Some("OAuthSignin"), "{confirmed:?}");
        assert!(!has_transaction(&browser), "{confirmed:?}");
        scene.assert_denied(&format!("{confirmed:?}")).await;
    }
}

#[tokio::test]
async fn o1_07_who_cancels_sees_an_own_page() {
    let scene = Scene::new().await;
    for (provider, answer) in [
        // Twitter and Discogs; the extension for problems; Atlassian's servers.
        ("evil1", "denied={token}"),
        ("evil1", "oauth_token={token}&oauth_problem=user_refused"),
        ("evil1", "oauth_token={token}&oauth_verifier=denied"),
        ("old", "denied={token}"),
    ] {
        let mut browser = scene.browser();
        let attempt = scene.begin(&mut browser, provider).await;
        let answer = answer.replace("{token}", &attempt.state);
        let cancelled = browser.get(&format!("/api/auth/callback/{provider}?{answer}")).await;
        assert_eq!(cancelled.error().as_deref(), Some("AccessDenied"), "{answer}");
        assert_eq!(path(&cancelled), "/error", "{answer}");
        assert!(!has_transaction(&browser), "{answer}: the attempt is over");
        assert_eq!(browser.who().await, Value::Null);
        let page = browser.get(cancelled.location()).await;
        assert!(page.status < 500 && !page.body.contains(&attempt.state), "{page:?}");
        let late = scene.finish(&mut browser, provider, &attempt).await;
        assert_refused(&mut browser, &late, "after all").await;
    }
    assert_eq!(scene.exchanges(), 0);
    let mut browser = scene.browser();
    scene.begin(&mut browser, "evil1").await;
    let foreign = browser.get("/api/auth/callback/evil1?denied=somebodys").await;
    assert_refused(&mut browser, &foreign, "denied for another token").await;
    assert!(has_transaction(&browser), "a forged refusal ends nothing");
}

#[tokio::test]
async fn o1_07_a_callback_works_once() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "evil1").await;
    let cookies = browser.jar.clone();
    assert!(scene.finish(&mut browser, "evil1", &attempt).await.signs_in());
    assert!(!scene.finish(&mut browser, "evil1", &attempt).await.signs_in(), "without its cookie");
    let mut thief = scene.browser();
    thief.jar = cookies;
    let replay = scene.finish(&mut thief, "evil1", &attempt).await;
    assert_refused(&mut thief, &replay, "with its cookie").await;
    assert_eq!(scene.exchanges(), 1);
}

#[tokio::test]
async fn o1_07_nobody_is_sent_to_another_site() {
    let scene = Scene::new().await;
    for target in [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "https:evil.test",
        "javascript:alert(1)",
        "http://localhost:3000@evil.test/",
        "/account\r\nSet-Cookie: evil=1",
    ] {
        let mut browser = scene.browser();
        let attempt = scene.begin_for(&mut browser, "evil1", target).await;
        let answer = scene.finish(&mut browser, "evil1", &attempt).await;
        assert!(answer.signs_in(), "{target}");
        let landed = query(answer.location(), "callbackUrl").unwrap_or_else(|| answer.location().to_owned());
        let url = url::Url::parse(&landed).unwrap();
        assert_eq!(url.origin().ascii_serialization(), scene.server.origin, "{target} became {landed}");
    }
}

#[tokio::test]
async fn o1_08_odd_answers_are_refused() {
    let scene = Scene::new().await;
    let fields = "oauth_callback_confirmed=true&oauth_token=canary&oauth_token_secret=canary";
    for endpoint in ["request_token", "access_token"] {
        for (status, content_type, body) in [
            (200, "text/html", format!("<html><a href=\"/?{fields}&x=\">canary</a></html>")),
            (200, "text/plain", "Failed to validate oauth signature and token".to_owned()),
            (200, "text/plain", "oauth_problem=timestamp_refused&canary=1".to_owned()),
            (
                200,
                "application/json",
                json!({ "oauth_token": "canary", "oauth_token_secret": "x" }).to_string(),
            ),
            (
                200,
                "text/plain",
                "oauth_callback_confirmed=true&oauth_token=canary&oauth_token_secret=".to_owned(),
            ),
            (200, "text/plain", "oauth_callback_confirmed=true&oauth_token=canary".to_owned()),
            (200, "text/plain", format!("{fields}&oauth_token=other")),
            (200, "text/plain", format!("{fields}&oauth_token_secret=other")),
            (200, "text/plain", format!("{fields}%0D%0ASet-Cookie:%20evil=1")),
            (200, "text/plain", format!("{fields}&{}", "x".repeat(10 << 20))),
            (200, "text/plain", fields.replace("canary", &"c".repeat(5000))),
            (200, "text/plain", String::new()),
            (401, "text/plain", fields.to_owned()),
            (500, "text/plain", fields.to_owned()),
            (302, "text/plain", fields.to_owned()),
        ] {
            scene.evil.set(instead(endpoint, status, content_type, body.clone()));
            let start: String = body.chars().take(60).collect();
            scene.assert_denied(&format!("{endpoint} {status} {start}")).await;
        }
    }
}

#[tokio::test]
async fn o1_08_who_it_was_must_be_said() {
    let scene = Scene::new().await;
    for userinfo in
        [json!({}), json!([]), json!("evil-1"), Value::Null, json!({ "id": "" }), json!({ "id": {} })]
    {
        scene.evil.set(Behavior { userinfo: userinfo.clone(), ..Behavior::default() });
        scene.assert_denied(&userinfo.to_string()).await;
    }
    for (status, body) in [(200, "<html>"), (401, "{\"id\":\"evil-1\"}"), (302, "{\"id\":\"evil-1\"}")] {
        scene.evil.set(instead("me", status, "text/html", body));
        scene.assert_denied(body).await;
    }
}

#[tokio::test]
async fn a_person_in_a_list_is_the_one_of_that_name() {
    let scene = Scene::new().await;
    let people = |people: Value| Behavior { userinfo: json!({ "values": people }), ..Behavior::default() };
    let other = json!({ "id": 1, "name": "Eve" });
    scene.evil.set(people(json!([other, { "id": 2, "name": "eve" }, { "id": 3, "name": "eve2" }])));
    let mut browser = scene.browser();
    scene.sign_in(&mut browser, "listed").await.assert_signed_in();
    assert_eq!(scene.server.text("SELECT provider_account_id FROM accounts").await, "2");
    assert_eq!(scene.evil.asked("request_token")[0].method, Method::GET);
    for userinfo in [people(json!([other])), people(json!([])), people(Value::Null)] {
        scene.evil.set(userinfo);
        let mut browser = scene.browser();
        let answer = scene.sign_in(&mut browser, "listed").await;
        assert_refused(&mut browser, &answer, "not in the list").await;
    }
}

#[tokio::test]
async fn another_instance_finishes_what_one_began() {
    let scene = Scene::new().await;
    let twin = scene.twin().await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "evil1").await;
    let mut elsewhere = browser.at(&twin);
    scene.finish(&mut elsewhere, "evil1", &attempt).await.assert_signed_in();
}

#[tokio::test]
async fn lg_09_tokens_are_sealed_never_end_and_sign_requests() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    scene.sign_in(&mut browser, "evil1").await.assert_signed_in();
    let user = browser.who().await["user"]["id"].as_str().unwrap().to_owned();
    let auth = &scene.server.auth;
    let stored = scene.server.text("SELECT tokens FROM accounts").await;
    assert!(stored.starts_with("ey") && !stored.contains("canary"), "one JWE");

    scene.server.set_later(5 * 365 * 24 * 3600);
    let token = auth.provider_token(&user, "evil1").await.unwrap();
    assert_eq!((token.access_token.expose(), token.expires), (ACCESS_TOKEN, None));
    assert_eq!(token.token_secret.as_ref().map(Secret::expose), Some(TOKEN_SECRET));
    assert!(!format!("{token:?}").contains("canary"));
    scene.server.set_later(0);

    let url = url::Url::parse("https://api.example.com/me?x=1").unwrap();
    let sign = |url: &url::Url| auth.provider_authorization("evil1", &token, &Method::GET, url, &[]);
    let header = sign(&url).unwrap();
    assert!(header.is_sensitive() && header.to_str().unwrap().starts_with("OAuth oauth_consumer_key="));
    assert!(
        !header.to_str().unwrap().contains(TOKEN_SECRET) && !header.to_str().unwrap().contains(CLIENT_SECRET)
    );
    assert_ne!(sign(&url).unwrap(), header, "each request has a nonce of its own");
    let unlinked = auth.provider_token(&user, "other1").await;
    assert!(matches!(unlinked, Err(ProviderTokenError::NotLinked)));
    for path in ["/api/auth/session", "/api/auth/providers", "/account"] {
        assert!(!browser.get(path).await.body.contains("canary"), "{path}");
    }
}

#[tokio::test]
async fn ip_10_no_secret_reaches_the_log() {
    let scene = Scene::new().await;
    log::record();
    let mut browser = scene.browser();
    scene.sign_in(&mut browser, "evil1").await.assert_signed_in();
    for endpoint in ["request_token", "access_token", "me"] {
        scene.evil.set(instead(endpoint, 200, "text/plain", "oauth_token=canary&oauth_token=canary"));
        let begun = browser.submit("/api/auth/signin/evil1", &[]).await;
        if let Some(state) = query(begun.location(), "oauth_token") {
            let attempt = Attempt { authorization: String::new(), state };
            assert!(!scene.finish(&mut browser, "evil1", &attempt).await.signs_in());
        }
    }
    let log = log::recorded();
    assert!(log.contains("signed in") && log.contains("something else than credentials"), "control: {log}");
    assert!(!log.contains("canary"), "{log}");
}

#[tokio::test]
async fn a_token_is_only_sent_over_tls() {
    let scene = Scene::new().await;
    let mut browser = scene.browser();
    scene.sign_in(&mut browser, "evil1").await.assert_signed_in();
    let user = browser.who().await["user"]["id"].as_str().unwrap().to_owned();
    let auth = &scene.server.auth;
    let token = auth.provider_token(&user, "evil1").await.unwrap();
    let mut bearer = token.clone();
    bearer.token_secret = None;
    for (url, is_taken) in [("http://api.example.com/", false), ("https://api.example.com/", true)] {
        let url = url::Url::parse(url).unwrap();
        for (provider, token) in [("evil1", &token), ("eop", &bearer)] {
            let header = auth.provider_authorization(provider, token, &Method::GET, &url, &[]);
            assert_eq!(header.is_ok(), is_taken, "{provider} {url}");
        }
    }
    let url = url::Url::parse("https://api.example.com/").unwrap();
    for (provider, token) in [("evil1", &bearer), ("eop", &token), ("nosuch", &token)] {
        let header = auth.provider_authorization(provider, token, &Method::GET, &url, &[]);
        assert!(header.is_err(), "{provider}: a token of another kind");
    }
}
