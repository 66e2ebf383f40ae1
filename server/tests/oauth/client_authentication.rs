//! How the server proves to a provider who it is, and pushed authorization requests. The provider of these tests checks
//! signatures with the public key alone.

use josekit::{
    jwk::{Jwk, KeyPair, alg::ed::EdCurve},
    jws::{ES256, ES384, EdDSA, RS256},
};
use serde_json::{Value, json};

use crate::{
    Scene, instead, path, rows,
    support::{
        Answer, Browser, TestServer,
        evil_op::{Behavior, CLIENT_ID, CLIENT_SECRET, Client},
        query,
    },
};

/// A private key in PEM, its public half, and the algorithm it signs with.
fn key(algorithm: &'static str) -> (String, Client) {
    fn halves(pair: &(impl KeyPair + ?Sized)) -> (String, Jwk) {
        (String::from_utf8(pair.to_pem_private_key()).unwrap(), pair.to_jwk_public_key())
    }
    let (pem, public_key) = match algorithm {
        "RS256" | "PS256" => {
            let (pem, mut public_key) = halves(&RS256.generate_key_pair(2048).unwrap());
            public_key.set_algorithm(algorithm);
            (pem, public_key)
        }
        "ES256" => halves(&ES256.generate_key_pair().unwrap()),
        "ES384" => halves(&ES384.generate_key_pair().unwrap()),
        _ => halves(&EdDSA.generate_key_pair(EdCurve::Ed25519).unwrap()),
    };
    (pem, Client::Key(algorithm, public_key))
}

/// A provider that knows us by `client`, and whose discovery document says so.
fn knows(client: Client, changes: Value) -> Behavior {
    Behavior {
        client,
        discovery: Box::new(move |document| {
            document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        }),
        ..Behavior::default()
    }
}

fn takes_keys() -> Value {
    json!({ "token_endpoint_auth_methods_supported": ["private_key_jwt"] })
}

/// A server whose key at the provider is that one.
async fn scene(pem: &str, behavior: Behavior) -> Scene {
    let variables = [("AUTH_EOP_SECRET", ""), ("AUTH_EOP_PRIVATE_KEY", pem), ("AUTH_EOP_KEY_ID", "our-key")];
    let scene = Scene::with_variables(&variables).await;
    scene.evil.set(behavior);
    scene
}

/// Presses the button of a provider that cannot be used: nothing of us reaches it.
async fn assert_no_way(scene: &Scene, what: &str) {
    let mut browser = scene.browser();
    let answer = browser.submit("/api/auth/signin/eop", &[]).await;
    assert_eq!(answer.error().as_deref(), Some("OAuthSignin"), "{what}: {answer:?}");
    assert!(scene.evil.token_requests().is_empty(), "{what}");
}

fn part(token: &str, index: usize) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_private_key_of_each_kind_signs_in_and_is_never_sent() {
    for algorithm in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        let (pem, client) = key(algorithm);
        let mut changes = takes_keys();
        if algorithm == "PS256" {
            changes["token_endpoint_auth_signing_alg_values_supported"] = json!(["ES256", "PS256"]);
        }
        // As a .env file has it: one line.
        let scene = scene(&pem.replace('\n', "\\n"), knows(client, changes)).await;
        for _ in 0..2 {
            let answer = scene.sign_in(&mut scene.browser()).await;
            assert!(answer.signs_in(), "{algorithm}: {answer:?}");
        }
        let forms = scene.evil.token_requests();
        for form in &forms {
            assert_eq!(
                (form["authorization"].as_str(), form.get("client_secret")),
                ("", None),
                "{algorithm}"
            );
        }
        let token = &forms[0]["client_assertion"];
        assert_eq!((&part(token, 0)["alg"], &part(token, 0)["kid"]), (&json!(algorithm), &json!("our-key")));
    }
}

#[tokio::test]
async fn oa_23_a_signature_is_for_the_issuer_wherever_its_document_sends_us() {
    let (pem, client) = key("ES256");
    let scene = scene(&pem, knows(client.clone(), takes_keys())).await;
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();

    // Audience injection: a hostile document names the token endpoint of another provider.
    let elsewhere = format!("{}/token", scene.other.issuer);
    scene.evil.set(knows(
        client,
        json!({ "token_endpoint": elsewhere, "token_endpoint_auth_methods_supported": ["private_key_jwt"] }),
    ));
    scene.server.set_later(3601);
    scene.sign_in(&mut scene.browser()).await;
    let form = &scene.other.token_requests()[0];
    assert_eq!(part(&form["client_assertion"], 1)["aud"], json!(scene.evil.issuer));
}

#[tokio::test]
async fn another_key_or_another_algorithm_is_refused_by_the_provider() {
    let (pem, client) = key("ES256");
    let (_, other) = key("ES256");
    let scene = scene(&pem, knows(other, takes_keys())).await;
    let mut browser = scene.browser();
    let answer = scene.sign_in(&mut browser).await;
    crate::assert_refused(&mut browser, &answer, "another key").await;
    assert_eq!(scene.server.rows().await, rows(0, 0, 0, 0));
    scene.evil.set(knows(client, takes_keys()));
    scene.sign_in(&mut browser).await.assert_signed_in();
}

#[tokio::test]
async fn a_refresh_is_signed_anew() {
    let (pem, client) = key("EdDSA");
    let scene = scene(&pem, knows(client, takes_keys())).await;
    let mut browser = scene.browser();
    scene.sign_in(&mut browser).await.assert_signed_in();
    let user = browser.who().await["user"]["id"].as_str().unwrap().to_owned();
    scene.server.set_later(301);
    let token = scene.server.auth.provider_token(&user, "eop").await.unwrap();
    assert!(token.access_token.expose().ends_with("-1"), "a new one");
    let forms = scene.evil.token_requests();
    assert_ne!(forms[0]["client_assertion"], forms[1]["client_assertion"]);
}

#[tokio::test]
async fn a_secret_signs_where_it_may_not_be_sent() {
    let scene = Scene::new().await;
    let methods =
        json!({ "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_jwt"] });
    scene.evil.set(knows(Client::Secret, methods));
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    let form = &scene.evil.token_requests()[0];
    assert!(form.values().all(|value| !value.contains(CLIENT_SECRET)) && form["authorization"].is_empty());

    // Where a secret may be sent it is, as the provider expects of a client that it has given one.
    for (methods, in_header) in [
        (["client_secret_jwt", "client_secret_basic"], true),
        (["client_secret_jwt", "client_secret_post"], false),
    ] {
        let scene = Scene::new().await;
        scene.evil.set(knows(Client::Any, json!({ "token_endpoint_auth_methods_supported": methods })));
        scene.sign_in(&mut scene.browser()).await.assert_signed_in();
        let form = &scene.evil.token_requests()[0];
        assert!(!form.contains_key("client_assertion"));
        assert_eq!(form["authorization"].starts_with("Basic "), in_header);
        assert_eq!(form.get("client_secret").is_some(), !in_header);
    }
}

#[tokio::test]
async fn ip_08_what_the_provider_does_not_take_is_not_sent() {
    let scene_with_secret = Scene::new().await;
    scene_with_secret.evil.set(knows(Client::Any, takes_keys()));
    assert_no_way(&scene_with_secret, "a secret where a key is wanted").await;

    let (pem, client) = key("ES256");
    let only_secrets = json!({ "token_endpoint_auth_methods_supported": ["client_secret_basic"] });
    let with_key = scene(&pem, knows(client.clone(), only_secrets)).await;
    assert_no_way(&with_key, "a key where a secret is wanted").await;

    let mut changes = takes_keys();
    changes["token_endpoint_auth_signing_alg_values_supported"] = json!(["RS256", "PS256"]);
    let of_other_kind = scene(&pem, knows(client, changes)).await;
    let mut browser = of_other_kind.browser();
    let answer = of_other_kind.sign_in(&mut browser).await;
    crate::assert_refused(&mut browser, &answer, "a key of a kind that it does not take").await;
    assert!(of_other_kind.evil.token_requests().is_empty());
}

#[tokio::test]
async fn a_public_client_has_pkce_and_nothing_else() {
    let scene = Scene::with_variables(&[("AUTH_EOP_SECRET", ""), ("AUTH_EOP_PUBLIC", "true")]).await;
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    let form = &scene.evil.token_requests()[0];
    assert_eq!((form["client_id"].as_str(), form["authorization"].as_str()), (CLIENT_ID, ""));
    assert!(form.contains_key("code_verifier") && !form.contains_key("client_secret"));
}

/// Signs in at a provider that wants requests pushed.
async fn begin(scene: &Scene, browser: &mut Browser) -> String {
    let answer = browser.submit("/api/auth/signin/eop", &[("callbackUrl", "/account")]).await;
    assert!(answer.location().starts_with(&scene.evil.issuer), "{answer:?}");
    answer.location().to_owned()
}

async fn come_back(scene: &Scene, browser: &mut Browser, authorization: &str, state: &str) -> Answer {
    let code = scene.evil.code_for(authorization);
    browser.get(&format!("/api/auth/callback/eop?code={code}&state={state}")).await
}

/// What a discovery document says that wants requests pushed.
fn pushing(issuer: &str) -> Value {
    json!({
        "pushed_authorization_request_endpoint": format!("{issuer}/par"),
        "require_pushed_authorization_requests": true,
    })
}

#[tokio::test]
async fn a_pushed_request_leaves_nothing_in_the_browser() {
    let (pem, client) = key("ES256");
    let scene = scene(&pem, Behavior::default()).await;
    let mut changes = pushing(&scene.evil.issuer);
    changes["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
    scene.evil.set(knows(client, changes));
    let mut browser = scene.browser();
    let authorization = begin(&scene, &mut browser).await;
    let url = url::Url::parse(&authorization).unwrap();
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"]);

    let pushed = scene.evil.pushed(&authorization);
    assert_eq!(pushed["redirect_uri"], format!("{}/api/auth/callback/eop", scene.server.origin));
    assert_eq!((pushed["response_type"].as_str(), pushed["client_id"].as_str()), ("code", CLIENT_ID));
    for name in ["state", "nonce", "code_challenge", "scope", "client_assertion"] {
        assert!(pushed.contains_key(name), "{name}");
    }
    come_back(&scene, &mut browser, &authorization, &pushed["state"]).await.assert_signed_in();
}

#[tokio::test]
async fn requests_are_pushed_where_we_are_told_to() {
    let scene = Scene::with_variables(&[("AUTH_EOP_PAR", "true")]).await;
    let changes = json!({ "pushed_authorization_request_endpoint": format!("{}/par", scene.evil.issuer) });
    scene.evil.set(knows(Client::Any, changes.clone()));
    let mut browser = scene.browser();
    let authorization = begin(&scene, &mut browser).await;
    let state = scene.evil.pushed(&authorization)["state"].clone();
    come_back(&scene, &mut browser, &authorization, &state).await.assert_signed_in();

    // Control: an endpoint alone changes nothing.
    let scene = Scene::new().await;
    scene.evil.set(knows(Client::Any, changes));
    assert!(query(&begin(&scene, &mut scene.browser()).await, "state").is_some());
}

#[tokio::test]
async fn ip_08_a_request_that_cannot_be_pushed_is_not_sent_by_the_browser() {
    let json = "application/json";
    for (what, answer) in [
        ("refused", (400, json, r#"{"error":"invalid_request"}"#.to_owned())),
        ("no name", (201, json, r#"{"request_uri":""}"#.to_owned())),
        ("a long name", (201, json, format!(r#"{{"request_uri":"{}"}}"#, "x".repeat(3000)))),
        ("no JSON", (201, "text/html", "<html>canary".to_owned())),
        ("a redirect", (302, json, r#"{"request_uri":"x"}"#.to_owned())),
        ("an error of the server", (500, json, String::new())),
    ] {
        let scene = Scene::new().await;
        scene.evil.set(Behavior {
            instead: [("par", answer)].into(),
            ..knows(Client::Any, pushing(&scene.evil.issuer))
        });
        assert_no_way(&scene, what).await;
        scene.evil.set(knows(Client::Any, pushing(&scene.evil.issuer)));
        begin(&scene, &mut scene.browser()).await;
    }
    for (what, endpoint) in
        [("no endpoint", Value::Null), ("an endpoint without https", json!("http://op.test/par"))]
    {
        let scene = Scene::new().await;
        let mut changes = pushing(&scene.evil.issuer);
        changes["pushed_authorization_request_endpoint"] = endpoint;
        scene.evil.set(knows(Client::Any, changes));
        assert_no_way(&scene, what).await;
    }
}
