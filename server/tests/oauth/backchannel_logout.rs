//! A provider ends sessions without the browser (OpenID Connect Back-Channel Logout 1.0), and who may not.

use serde_json::{Value, json};

use crate::{
    Scene, rows,
    support::{
        Answer, Browser,
        evil_op::{CLIENT_ID, Signing},
        sign_in_demo,
    },
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

async fn signed_in(scene: &Scene) -> Browser {
    let mut browser = scene.browser();
    scene.sign_in(&mut browser).await.assert_signed_in();
    browser
}

/// As the provider's server sends it: no cookie, no origin.
async fn send(scene: &Scene, provider: &str, token: &str) -> Answer {
    let path = format!("/api/auth/backchannel-logout/{provider}");
    let body = format!("logout_token={token}").into_bytes();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    scene.browser().send(http::Method::POST, &path, &headers, body).await
}

fn honest(scene: &Scene) -> String {
    scene.evil.logout_token(|_| {}, &Signing::Honest)
}

#[tokio::test]
async fn id_24_the_sessions_of_that_person_end_and_no_others() {
    let scene = Scene::new().await;
    let mut browsers = [signed_in(&scene).await, signed_in(&scene).await];
    let mut other = scene.browser();
    sign_in_demo(&mut other).await;
    let token = honest(&scene);
    let answer = send(&scene, "eop", &token).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{answer:?}");
    assert!(answer.header("cache-control").contains("no-store") && answer.set_cookies().is_empty());
    for browser in &mut browsers {
        assert_eq!(browser.who().await, Value::Null);
    }
    assert_eq!(other.name().await.as_deref(), Some("Demo User"));

    let mut again = signed_in(&scene).await;
    let replay = send(&scene, "eop", &token).await;
    assert_eq!(replay.status, 400, "a token works once");
    assert!(again.who().await.is_object(), "a replay ends nothing");
    assert_eq!(send(&scene, "eop", &honest(&scene)).await.status, 200, "control");
    assert!(again.who().await.is_null(), "control");
}

#[tokio::test]
async fn id_24_whoever_is_not_known_is_signed_out_already() {
    let scene = Scene::new().await;
    let mut browser = signed_in(&scene).await;
    let token = scene.evil.logout_token(|claims| claims["sub"] = json!("never-here"), &Signing::Honest);
    assert_eq!(send(&scene, "eop", &token).await.status, 200);
    assert!(browser.who().await.is_object());
}

#[tokio::test]
async fn id_24_a_token_that_does_not_name_its_type_is_as_good() {
    for typ in [json!("JWT"), json!("LOGOUT+JWT"), Value::Null] {
        let scene = Scene::new().await;
        let mut browser = signed_in(&scene).await;
        let token = scene.evil.logout_token(|_| {}, &Signing::Header(json!({ "typ": typ })));
        assert_eq!(send(&scene, "eop", &token).await.status, 200, "{typ}");
        assert!(browser.who().await.is_null(), "{typ}");
    }
}

#[tokio::test]
async fn id_24_every_flaw_is_refused() {
    let scene = Scene::new().await;
    let mut browser = signed_in(&scene).await;
    let now = crate::now();
    type Change = Box<dyn Fn(&mut Value)>;
    let set =
        |name: &'static str, value: Value| -> Change { Box::new(move |claims| claims[name] = value.clone()) };
    let remove = |name: &'static str| -> Change {
        Box::new(move |claims| drop(claims.as_object_mut().unwrap().remove(name)))
    };
    let claims: Vec<(&str, Change)> = vec![
        ("another issuer", set("iss", json!(scene.other.issuer))),
        ("another client", set("aud", json!("somebody"))),
        ("no client", set("aud", json!([]))),
        ("a part of our id", set("aud", json!(&CLIENT_ID[1..]))),
        ("no audience", remove("aud")),
        ("no issuer", remove("iss")),
        ("expired", set("exp", json!(now - 61))),
        ("no end", remove("exp")),
        ("old", set("iat", json!(now - 700))),
        ("from the future", set("iat", json!(now + 120))),
        ("no iat", remove("iat")),
        ("no jti", remove("jti")),
        ("empty jti", set("jti", json!(""))),
        ("no events", remove("events")),
        ("events is a text", set("events", json!(EVENT))),
        ("another event", set("events", json!({ "http://schemas.openid.net/event/other": {} }))),
        ("the event is no object", set("events", json!({ EVENT: true }))),
        ("a nonce", set("nonce", json!("n"))),
        ("an empty nonce", set("nonce", Value::Null)),
        ("sub is a number", set("sub", json!(1))),
        (
            "nobody",
            Box::new(|claims| {
                claims.as_object_mut().unwrap().retain(|name, _| name != "sub" && name != "sid");
            }),
        ),
        // Allowed by the specification, but session names of providers are not known here.
        ("sid alone", remove("sub")),
    ];
    for (what, change) in claims {
        let token = scene.evil.logout_token(change, &Signing::Honest);
        assert_refused(&scene, &mut browser, what, "eop", &token).await;
    }
    for (what, signing) in [
        ("none", Signing::None("none")),
        ("None", Signing::None("None")),
        ("no signature", Signing::None("RS256")),
        ("broken", Signing::Broken),
        ("foreign key", Signing::ForeignKey("key-1")),
        ("unknown key", Signing::ForeignKey("key-9")),
        ("HS256", Signing::Header(json!({ "alg": "HS256" }))),
        ("own key", Signing::Header(json!({ "jwk": {} }))),
        ("crit", Signing::Header(json!({ "crit": ["exp"] }))),
        ("access token", Signing::Header(json!({ "typ": "at+jwt" }))),
    ] {
        let token = scene.evil.logout_token(|_| {}, &signing);
        assert_refused(&scene, &mut browser, what, "eop", &token).await;
    }
    let good = honest(&scene);
    for (what, provider, token) in [
        ("nothing", "eop", ""),
        ("no JWT", "eop", "a.b.c"),
        ("twice", "eop", &format!("{good}&logout_token={good}")),
        ("the token of another provider", "hop", &good),
    ] {
        assert_refused(&scene, &mut browser, what, provider, token).await;
    }
    assert_eq!(send(&scene, "eop", &good).await.status, 200, "control");
    assert!(browser.who().await.is_null(), "control");
}

async fn assert_refused(scene: &Scene, browser: &mut Browser, what: &str, provider: &str, token: &str) {
    let answer = send(scene, provider, token).await;
    assert_eq!(answer.status, 400, "{what}: {answer:?}");
    assert!(answer.header("cache-control").contains("no-store"), "{what}");
    assert_eq!(answer.json(), json!({ "error": "invalid_request" }), "{what}");
    assert!(browser.who().await.is_object(), "{what}: signed out");
}

#[tokio::test]
async fn id_17_an_id_token_is_no_logout_token() {
    let scene = Scene::new().await;
    let mut browser = signed_in(&scene).await;
    let id_token = |claims: &mut Value| {
        claims.as_object_mut().unwrap().remove("events");
        claims["nonce"] = json!("n");
    };
    let token = scene.evil.logout_token(id_token, &Signing::Header(json!({ "typ": "JWT" })));
    assert_refused(&scene, &mut browser, "ID token", "eop", &token).await;
}

#[tokio::test]
async fn nothing_but_a_post_to_a_provider_is_answered() {
    let scene = Scene::with_variables(&[("AUTH_GITHUB_ID", "a"), ("AUTH_GITHUB_SECRET", "b")]).await;
    let mut browser = signed_in(&scene).await;
    let token = honest(&scene);
    let path = format!("/api/auth/backchannel-logout/eop?logout_token={token}");
    assert!((400..500).contains(&browser.get(&path).await.status));
    for provider in ["nosuch", "github", "email", "credentials", "eop/x"] {
        let answer = send(&scene, provider, &token).await;
        assert!(answer.status != 200, "{provider}: {answer:?}");
    }
    assert_eq!(scene.server.rows().await, rows(1, 1, 1, 0));
}

#[tokio::test]
async fn id_24_stateless_sessions_end_as_well() {
    for database in [None, Some(("DATABASE_URL", ""))] {
        let variables: Vec<_> = [("AUTH_SESSION", "jwt")].into_iter().chain(database).collect();
        let scene = Scene::with_variables(&variables).await;
        let mut browser = signed_in(&scene).await;
        let mut other = scene.browser();
        sign_in_demo(&mut other).await;
        assert_eq!(send(&scene, "eop", &honest(&scene)).await.status, 200);
        assert!(browser.who().await.is_null(), "{database:?}");
        assert_eq!(other.name().await.as_deref(), Some("Demo User"), "{database:?}");
    }
}
