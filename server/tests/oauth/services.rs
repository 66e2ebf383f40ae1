//! Peculiarities of single services that no other provider may use: Apple's secret and name, LINE's shared secret, Microsoft's
//! issuer for all tenants, signed userinfo.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    jwk::KeyPair,
    jws::{self, ES256},
};
use serde_json::{Value, json};

use crate::{
    Scene, assert_refused, claims,
    form_post::come_back,
    path, signing,
    support::{
        Answer, Browser,
        evil_op::{Behavior, CLIENT_ID, CLIENT_SECRET, Signing},
        query,
    },
};

/// A scene whose misbehaving provider is also a service of the catalogue, with these variables besides.
async fn service(name: &str, issuer_path: &str, variables: &[(&str, &str)]) -> Scene {
    use crate::support::{TestServer, evil_op::EvilProvider};
    let (evil, other) = (EvilProvider::start().await, EvilProvider::start().await);
    let issuer = format!("{}{issuer_path}", evil.issuer);
    let own = [("ISSUER", issuer.as_str()), ("ID", CLIENT_ID)];
    let own: Vec<_> =
        own.iter().chain(variables).map(|(part, value)| (format!("AUTH_{name}_{part}"), *value)).collect();
    let own: Vec<_> = own.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let server = TestServer::with(&Scene::variables(&evil, &other, &own)).await;
    Scene { server, evil, other }
}

/// A whole sign-in at a service.
async fn sign_in(scene: &Scene, browser: &mut Browser, id: &str) -> Answer {
    let attempt = scene.begin(browser, id).await;
    browser.get(&format!("/api/auth/callback/{id}?{}", scene.good_query(&attempt))).await
}

async fn assert_denied(scene: &Scene, id: &str, what: &str) {
    let mut browser = scene.browser();
    let answer = sign_in(scene, &mut browser, id).await;
    assert_refused(&mut browser, &answer, what).await;
}

/// A sign-in at Apple, with what the form says of the person.
async fn apple(scene: &Scene, user: &str) -> (Answer, Browser) {
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "apple").await;
    assert_eq!(query(&attempt.authorization, "response_mode").as_deref(), Some("form_post"));
    let user: String = url::form_urlencoded::byte_serialize(user.as_bytes()).collect();
    let form = format!("{}&user={user}", scene.good_query(&attempt));
    let answer = come_back(&mut browser, "/api/auth/callback/apple", &form).await;
    (answer, browser)
}

/// Apple: its ID token has no name, and there is no userinfo endpoint to ask.
fn of_apple(sub: &'static str) -> Behavior {
    Behavior {
        discovery: Box::new(|document| {
            document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
            document.as_object_mut().unwrap().remove("userinfo_endpoint");
        }),
        ..claims(move |claims| {
            claims["sub"] = json!(sub);
            claims["email"] = json!(format!("{sub}@example.com"));
            claims["email_verified"] = json!("true");
            claims.as_object_mut().unwrap().remove("name");
        })
    }
}

#[tokio::test]
async fn apple_gets_a_secret_that_the_teams_key_has_signed() {
    let pair = ES256.generate_key_pair().unwrap();
    let pem = String::from_utf8(pair.to_pem_private_key()).unwrap();
    let scene =
        service("APPLE", "", &[("TEAM_ID", "TEAM123456"), ("KEY_ID", "KEY1234567"), ("PRIVATE_KEY", &pem)])
            .await;
    scene.evil.set(of_apple("a-1"));
    let (answer, mut browser) = apple(&scene, r#"{"name":{"firstName":"Ada","lastName":"Lovelace"}}"#).await;
    assert!(answer.signs_in(), "{answer:?}");
    assert_eq!(browser.name().await.as_deref(), Some("Ada Lovelace"));

    let form = &scene.evil.token_requests()[0];
    assert_eq!(form["client_id"], CLIENT_ID);
    let verifier = ES256.verifier_from_jwk(&pair.to_jwk_public_key()).unwrap();
    let (payload, header) = jws::deserialize_compact(&form["client_secret"], &verifier).unwrap();
    assert_eq!((header.algorithm(), header.key_id()), (Some("ES256"), Some("KEY1234567")));
    let secret: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!((&secret["iss"], &secret["sub"]), (&json!("TEAM123456"), &json!(CLIENT_ID)));
    assert_eq!(secret["aud"], json!(scene.evil.issuer));
    let life = secret["exp"].as_i64().unwrap() - secret["iat"].as_i64().unwrap();
    assert!((60..=15_777_000).contains(&life), "Apple takes half a year at most: {life}");
}

#[tokio::test]
async fn em_14_nobody_has_signed_what_apples_form_says() {
    let scene = service("APPLE", "", &[("SECRET", CLIENT_SECRET)]).await;
    for (sub, user, name) in [
        ("h-1", r#"{"name":{"firstName":"Ada"}}"#.to_owned(), Some("Ada")),
        ("h-2", "not json".to_owned(), None),
        ("h-3", "[]".to_owned(), None),
        ("h-4", "\"Ada\"".to_owned(), None),
        ("h-5", r#"{"name":{"firstName":{"$ne":1},"lastName":["x"]}}"#.to_owned(), None),
        ("h-6", r#"{"sub":"admin","email":"ceo@example.com","email_verified":true}"#.to_owned(), None),
        ("h-7", "{\"name\":{\"firstName\":\"A\\u202eb\\nc\"}}".to_owned(), Some("Ab c")),
        ("h-8", format!(r#"{{"name":{{"firstName":"{}"}}}}"#, "x".repeat(3000)), Some(&*"x".repeat(200))),
        ("h-11", format!(r#"{{"name":{{"firstName":"{}"}}}}"#, "x".repeat(20_000)), None),
        ("h-9", format!("{}{}", "[".repeat(200), "]".repeat(200)), None),
    ] {
        scene.evil.set(of_apple(sub));
        let (answer, mut browser) = apple(&scene, &user).await;
        assert!(answer.signs_in(), "{user}: {answer:?}");
        let session = browser.who().await;
        assert_eq!(session["user"]["name"].as_str(), name, "{user}");
        assert_eq!(session["user"]["email"], json!(format!("{sub}@example.com")), "{user}");
    }
    // A claim that the provider has signed stays.
    scene.evil.set(claims(|claims| {
        claims["sub"] = json!("h-10");
        claims["user"] = json!({ "name": { "firstName": "Signed" } });
    }));
    let (_, mut browser) = apple(&scene, r#"{"name":{"firstName":"Forged"}}"#).await;
    assert_eq!(browser.name().await.as_deref(), Some("Signed"));
    // At any other provider the field means nothing.
    let scene = Scene::with_variables(&[("AUTH_EOP_RESPONSE_MODE", "form_post")]).await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    let form = format!(
        "{}&user=%7B%22name%22%3A%7B%22firstName%22%3A%22Forged%22%7D%7D",
        scene.good_query(&attempt)
    );
    come_back(&mut browser, "/api/auth/callback/eop", &form).await.assert_signed_in();
    assert_eq!(browser.name().await.as_deref(), Some("Eve Provider"));
}

fn shared(secret: &[u8]) -> Behavior {
    signing(Signing::Shared(secret.to_vec()))
}

#[tokio::test]
async fn id_01_id_03_line_alone_signs_with_our_secret() {
    let scene = service("LINE", "", &[("SECRET", CLIENT_SECRET)]).await;
    scene.evil.set(shared(CLIENT_SECRET.as_bytes()));
    sign_in(&scene, &mut scene.browser(), "line").await.assert_signed_in();
    assert_eq!(scene.evil.requests("jwks"), 0, "a shared secret needs no keys");
    let mut other = scene.browser();
    let answer = sign_in(&scene, &mut other, "eop").await;
    assert_refused(&mut other, &answer, "our secret at a provider that does not sign with it").await;

    let public_key = scene.evil.public_key_pem();
    for (what, secret) in [("empty", b"".as_slice()), ("other", b"other"), ("the public key", &public_key)] {
        scene.evil.set(shared(secret));
        assert_denied(&scene, "line", what).await;
        assert_denied(&scene, "eop", what).await;
    }
    for behavior in
        [signing(Signing::None("HS256")), signing(Signing::None("none")), signing(Signing::Broken)]
    {
        scene.evil.set(behavior);
        assert_denied(&scene, "line", "unsigned or broken").await;
    }
    // Whoever may sign with the secret has to say the rest rightly as well.
    for (claim, value) in
        [("iss", json!("https://evil.test")), ("aud", json!("other")), ("nonce", json!("x"))]
    {
        let changed = claims(move |claims| claims[claim] = value.clone());
        scene.evil.set(Behavior { signing: Signing::Shared(CLIENT_SECRET.into()), ..changed });
        assert_denied(&scene, "line", claim).await;
    }
    scene.evil.set(Behavior::default());
    sign_in(&scene, &mut scene.browser(), "line").await.assert_signed_in();
}

const TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
const OTHER_TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

/// Microsoft's discovery document for all tenants, and a token of that tenant at that issuer.
fn of_tenant(base: &str, tid: Value, issuer_tenant: &str) -> Behavior {
    let (template, issuer) = (format!("{base}/{{tenantid}}/v2.0"), format!("{base}/{issuer_tenant}/v2.0"));
    Behavior {
        discovery: Box::new(move |document| document["issuer"] = json!(template)),
        ..claims(move |claims| {
            claims["iss"] = json!(issuer);
            claims["tid"] = tid.clone();
        })
    }
}

#[tokio::test]
async fn id_05_ip_07_the_issuer_for_all_tenants_is_microsofts_alone() {
    for word in ["common", "organizations"] {
        let scene =
            service("MICROSOFT_ENTRA_ID", &format!("/{word}/v2.0"), &[("SECRET", CLIENT_SECRET)]).await;
        let base = scene.evil.issuer.clone();
        let id = "microsoft-entra-id";
        scene.evil.set(of_tenant(&base, json!(TENANT), TENANT));
        sign_in(&scene, &mut scene.browser(), id).await.assert_signed_in();
        for (what, tid, issuer) in [
            ("another tenant", json!(OTHER_TENANT), TENANT),
            ("no tenant", Value::Null, TENANT),
            ("a word", json!("common"), "common"),
            ("the template", json!("{tenantid}"), "{tenantid}"),
            ("a path", json!(format!("../{TENANT}")), &*format!("../{TENANT}")),
            ("a number", json!(1), "1"),
        ] {
            scene.evil.set(of_tenant(&base, tid, issuer));
            assert_denied(&scene, id, what).await;
        }
    }
}

#[tokio::test]
async fn id_05_a_key_of_one_tenant_signs_for_no_other() {
    for (owner, works) in [(TENANT, true), ("{tenantid}", true), (OTHER_TENANT, false)] {
        let scene = service("AZURE_AD", "/common/v2.0", &[("SECRET", CLIENT_SECRET)]).await;
        let base = scene.evil.issuer.clone();
        let owner = format!("{base}/{owner}/v2.0");
        let jwks = Box::new(move |set: &mut Value| set["keys"][0]["issuer"] = json!(owner));
        scene.evil.set(Behavior { jwks, ..of_tenant(&base, json!(TENANT), TENANT) });
        assert_eq!(sign_in(&scene, &mut scene.browser(), "azure-ad").await.signs_in(), works);
    }
}

#[tokio::test]
async fn ip_07_a_template_is_refused_where_it_was_not_asked_for() {
    // Of one tenant the service is as any other.
    let one = format!("/{TENANT}/v2.0");
    let scene = service("MICROSOFT_ENTRA_ID", &one, &[("SECRET", CLIENT_SECRET)]).await;
    let base = scene.evil.issuer.clone();
    let mut browser = scene.browser();
    scene.evil.set(of_tenant(&base, json!(TENANT), TENANT));
    let answer = browser.submit("/api/auth/signin/microsoft-entra-id", &[]).await;
    assert_eq!(answer.error().as_deref(), Some("OAuthSignin"), "one tenant");
    let issuer = format!("{base}{one}");
    let exact = issuer.clone();
    scene.server.set_later(6);
    scene.evil.set(Behavior {
        discovery: Box::new(move |document| document["issuer"] = json!(exact)),
        ..claims(move |claims| claims["iss"] = json!(issuer))
    });
    sign_in(&scene, &mut browser, "microsoft-entra-id").await.assert_signed_in();

    let unlisted = service("ACME", "/common/v2.0", &[("SECRET", CLIENT_SECRET)]).await;
    unlisted.evil.set(of_tenant(&unlisted.evil.issuer, json!(TENANT), TENANT));
    let answer = unlisted.browser().submit("/api/auth/signin/acme", &[]).await;
    assert_eq!(answer.error().as_deref(), Some("OAuthSignin"), "another provider");
}

/// A provider that leaves the name to a userinfo answer, which it signs.
fn signed_userinfo(signing: Signing, userinfo: Value) -> Behavior {
    Behavior {
        userinfo,
        userinfo_signing: Some(signing),
        ..claims(|claims| drop(claims.as_object_mut().unwrap().remove("name")))
    }
}

#[tokio::test]
async fn id_15_signed_userinfo_is_the_providers_and_for_us() {
    let scene = Scene::new().await;
    let good = json!({ "iss": scene.evil.issuer, "aud": CLIENT_ID, "sub": "evil-1", "name": "Signed Name" });
    let with = |name: &str, value: Value| {
        let mut userinfo = good.clone();
        userinfo[name] = value;
        userinfo
    };
    for (what, signing, userinfo) in [
        ("unsigned", Signing::None("none"), good.clone()),
        ("RS256 unsigned", Signing::None("RS256"), good.clone()),
        ("broken", Signing::Broken, good.clone()),
        ("a foreign key", Signing::ForeignKey("key-1"), good.clone()),
        ("our secret", Signing::Shared(CLIENT_SECRET.into()), good.clone()),
        ("a key in the header", Signing::Header(json!({ "jwk": { "kty": "RSA" } })), good.clone()),
        ("another issuer", Signing::Honest, with("iss", json!("https://evil.test"))),
        ("no issuer", Signing::Honest, with("iss", Value::Null)),
        ("another client", Signing::Honest, with("aud", json!(["other"]))),
        ("no audience", Signing::Honest, with("aud", Value::Null)),
        ("another person", Signing::Honest, with("sub", json!("evil-2"))),
        ("expired", Signing::Honest, with("exp", json!(crate::now() - 600))),
    ] {
        scene.evil.set(signed_userinfo(signing, userinfo));
        scene.assert_denied(what).await;
    }
    let mut browser = scene.browser();
    // A new person, whose name is not stored yet.
    scene.evil.set(Behavior {
        userinfo: with("sub", json!("evil-9")),
        userinfo_signing: Some(Signing::Honest),
        ..claims(|claims| {
            claims["sub"] = json!("evil-9");
            claims["email"] = json!("nine@example.com");
            claims.as_object_mut().unwrap().remove("name");
        })
    });
    scene.sign_in(&mut browser).await.assert_signed_in();
    assert_eq!(browser.name().await.as_deref(), Some("Signed Name"));
}

/// Members that mean nothing to us are no reason to refuse; FusionAuth sends some.
#[tokio::test]
async fn a_header_may_have_members_that_mean_nothing() {
    let scene = Scene::with(signing(Signing::Header(json!({ "gty": ["authorization_code"], "x": 1 })))).await;
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
}
