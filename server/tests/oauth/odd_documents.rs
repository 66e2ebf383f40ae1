//! Providers with malformed documents: optional members must not stop a sign-in, and required ones must be right.

use serde_json::{Value, json};

use crate::{
    Scene, assert_refused, claims, now,
    support::{
        evil_op::{Behavior, CLIENT_ID, Signing},
        log,
    },
};

fn keys(change: impl Fn(&mut Vec<Value>) + Send + 'static) -> Behavior {
    Behavior { jwks: Box::new(move |set| change(set["keys"].as_array_mut().unwrap())), ..Behavior::default() }
}

fn discovery(changes: Value) -> Behavior {
    let changes = changes.as_object().unwrap().clone();
    Behavior {
        discovery: Box::new(move |document| document.as_object_mut().unwrap().extend(changes.clone())),
        ..Behavior::default()
    }
}

fn token_answer(name: &'static str, value: Value) -> Behavior {
    Behavior { token: Box::new(move |answer| answer[name] = value.clone()), ..Behavior::default() }
}

/// An ID token with only `sub`, so that userinfo is requested.
fn thin(userinfo: Value) -> Behavior {
    let thin = claims(|claims| {
        claims["sub"] = json!("35");
        claims.as_object_mut().unwrap().retain(|name, _| !name.starts_with("email") && name != "name");
    });
    Behavior { userinfo, ..thin }
}

async fn assert_signs_in(behavior: Behavior, what: &str) -> Scene {
    let scene = Scene::with(behavior).await;
    let answer = scene.sign_in(&mut scene.browser()).await;
    assert!(answer.signs_in(), "{what}: {answer:?}");
    scene
}

#[tokio::test]
async fn i_05_an_odd_entry_of_the_key_set_is_skipped() {
    for entry in [
        json!({ "kty": "EC", "crv": "P-256", "x": "AAAA=", "y": "AAAA" }),
        json!({ "kty": "RSA", "kid": 7, "n": "AQAB", "e": "AQAB" }),
        json!({ "kty": "RSA", "use": null, "alg": null, "x5u": null, "n": null }),
        json!({ "kid": "key-1" }),
        json!({ "kty": 3 }),
        json!({}),
        json!(null),
        json!("text"),
    ] {
        let what = entry.to_string();
        assert_signs_in(keys(move |keys| keys.insert(0, entry.clone())), &what).await;
    }
}

#[tokio::test]
async fn i_05_an_odd_member_of_a_good_key_is_absent() {
    for (name, value) in [
        ("use", json!(null)),
        ("alg", json!(null)),
        ("x5u", json!(null)),
        ("x5t", json!("AAAA==")),
        ("x5t", json!("AAB")),
        ("x5c", json!(["AA\nAA"])),
        ("x5c", json!("text")),
        ("key_ops", json!("verify")),
    ] {
        let what = format!("{name}: {value}");
        assert_signs_in(keys(move |keys| keys[0][name] = value.clone()), &what).await;
    }
    let scene = Scene::new().await;
    for (name, value) in [("n", json!(null)), ("kty", json!("oct")), ("use", json!("enc"))] {
        scene.evil.set(keys(move |keys| keys[0][name] = value.clone()));
        let mut browser = scene.browser();
        let answer = scene.sign_in(&mut browser).await;
        assert_refused(&mut browser, &answer, name).await;
    }
}

#[tokio::test]
async fn i_06_an_odd_member_of_the_discovery_document_is_absent() {
    for changes in [
        json!({ "authorization_response_iss_parameter_supported": null }),
        json!({ "authorization_response_iss_parameter_supported": "false" }),
        json!({ "require_pushed_authorization_requests": null }),
        json!({ "require_pushed_authorization_requests": "false" }),
        json!({ "id_token_signing_alg_values_supported": null }),
        json!({ "id_token_signing_alg_values_supported": "RS256" }),
        json!({ "token_endpoint_auth_methods_supported": [null, "client_secret_post"] }),
        json!({ "end_session_endpoint": "", "userinfo_endpoint": "", "pushed_authorization_request_endpoint": "" }),
        json!({ "end_session_endpoint": "/relative", "userinfo_endpoint": 7 }),
        json!({ "end_session_endpoint": "http://other.example/end", "userinfo_endpoint": {} }),
    ] {
        let what = changes.to_string();
        assert_signs_in(discovery(changes), &what).await;
    }
}

#[tokio::test]
async fn i_06_an_endpoint_that_is_not_https_is_not_used_and_said_once() {
    log::record();
    let scene = Scene::with_variables(&[("AUTH_EOP_LOGOUT", "true")]).await;
    scene.evil.set(discovery(json!({ "end_session_endpoint": "http://other.example/end" })));
    let mut browser = scene.browser();
    for _ in 0..3 {
        assert!(scene.sign_in(&mut browser).await.signs_in());
    }
    let answer = browser.submit("/api/auth/signout", &[("callbackUrl", "/goodbye")]).await;
    assert_eq!(answer.location(), format!("{}/goodbye", scene.server.origin), "signed out on this site only");
    let log = log::recorded();
    let lines: Vec<_> =
        log.lines().filter(|line| line.contains("is not used: it is not an https URL")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("end_session_endpoint"), "{lines:?}");
}

#[tokio::test]
async fn i_06_a_needed_member_that_is_wrong_is_named_in_the_log() {
    for (name, value) in
        [("token_endpoint", json!(null)), ("jwks_uri", json!("/jwks")), ("authorization_endpoint", json!(7))]
    {
        log::record();
        let scene = Scene::with(discovery(json!({ name: value }))).await;
        let answer = scene.browser().submit("/api/auth/signin/eop", &[]).await;
        assert_eq!(answer.error().as_deref(), Some("OAuthSignin"), "{name}");
        let log = log::recorded();
        assert!(log.contains(name), "{name}: {log}");
    }
}

#[tokio::test]
async fn i_06_odd_members_of_the_token_answer_are_absent() {
    let scene = Scene::new().await;
    for (name, value) in [
        ("expires_in", json!("300")),
        ("expires_in", json!(300.5)),
        ("expires_in", json!(null)),
        ("expires_in", json!(["x"])),
        ("scope", json!(null)),
        ("scope", json!(["openid", 7])),
        ("token_type", json!(null)),
        ("token_type", json!("BEARER")),
        ("refresh_token", json!(7)),
        ("error", json!(null)),
        ("error", json!("")),
    ] {
        let what = format!("{name}: {value}");
        scene.evil.set(token_answer(name, value));
        let answer = scene.sign_in(&mut scene.browser()).await;
        assert!(answer.signs_in(), "{what}: {answer:?}");
    }
    for (name, value) in [("token_type", json!("mac")), ("access_token", json!(7)), ("error", json!("x"))] {
        scene.evil.set(token_answer(name, value));
        scene.assert_denied(name).await;
    }
}

#[tokio::test]
async fn i_06_odd_claims_of_userinfo_are_absent() {
    let scene = Scene::new().await;
    for odd in [
        json!({ "picture": null }),
        json!({ "picture": { "url": "https://op.test/a.png" } }),
        json!({ "name": null }),
        json!({ "name": ["Ada"] }),
        json!({ "email": "ada@example.com", "email_verified": "false" }),
        json!({ "email": "ada@example.com", "email_verified": "true" }),
        json!({ "email": 7, "email_verified": true }),
        json!({ "address": [[[]]], "updated_at": "yesterday", "locale": 3 }),
    ] {
        let mut userinfo = json!({ "sub": "35" });
        userinfo.as_object_mut().unwrap().extend(odd.as_object().unwrap().clone());
        scene.evil.set(thin(userinfo));
        let answer = scene.sign_in(&mut scene.browser()).await;
        assert!(answer.signs_in(), "{odd}: {answer:?}");
    }
    let verified = "SELECT CAST(count(*) AS TEXT) FROM users WHERE email_verified IS NOT NULL";
    assert_eq!(scene.server.text(verified).await, "0", "a string verifies nothing (ID-20)");
}

#[tokio::test]
async fn i_06_an_empty_hash_of_the_access_token_is_none() {
    let scene = Scene::new().await;
    for at_hash in [json!(""), json!(null)] {
        scene.evil.set(claims(move |claims| claims["at_hash"] = at_hash.clone()));
        scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    }
    for at_hash in [json!("AAAAAAAAAAAAAAAAAAAAAA"), json!(7)] {
        let what = format!("at_hash: {at_hash}");
        scene.evil.set(claims(move |claims| claims["at_hash"] = at_hash.clone()));
        scene.assert_denied(&what).await;
    }
}

/// Returns times as JSON numbers with a fraction or an exponent.
fn fractions(seconds: i64) -> [Value; 4] {
    let exponent: Value = serde_json::from_str(&format!("{seconds}e0")).unwrap();
    let number = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    [
        number(format!("{seconds}.123")),
        number(format!("{seconds}.0")),
        number(format!("{seconds}.5")),
        exponent,
    ]
}

#[tokio::test]
async fn i_07_times_of_an_id_token_may_have_a_fraction() {
    let scene = Scene::new().await;
    for (name, seconds) in [("iat", now()), ("exp", now() + 300), ("nbf", now() - 10)] {
        for value in fractions(seconds) {
            let what = format!("{name}: {value}");
            scene.evil.set(claims(move |claims| claims[name] = value.clone()));
            let answer = scene.sign_in(&mut scene.browser()).await;
            assert!(answer.signs_in(), "{what}: {answer:?}");
        }
        for value in
            [json!(seconds.to_string()), json!(-1), json!(-0.5), json!(true), json!(1e300), json!([seconds])]
        {
            let what = format!("{name}: {value}");
            scene.evil.set(claims(move |claims| claims[name] = value.clone()));
            scene.assert_denied(&what).await;
        }
    }
    for (name, value) in
        [("exp", now() - 120), ("iat", now() + 600), ("nbf", now() + 600), ("iat", now() - 3600)]
    {
        scene.evil.set(claims(move |claims| claims[name] = json!(value as f64 + 0.5)));
        scene.assert_denied(&format!("{name} past or future")).await;
    }
}

#[tokio::test]
async fn i_07_the_log_says_what_is_wrong_with_a_claim() {
    for (value, problem) in [
        (json!("1767225600"), "iat of the ID token has the wrong type"),
        (json!(null), "the ID token lacks iat"),
    ] {
        let scene = Scene::with(claims(move |claims| claims["iat"] = value.clone())).await;
        log::record();
        scene.sign_in(&mut scene.browser()).await;
        let log = log::recorded();
        assert!(log.contains(problem), "{problem}: {log}");
    }
}

#[tokio::test]
async fn i_07_times_of_a_logout_token_may_have_a_fraction() {
    let scene = Scene::new().await;
    for (name, seconds) in [("iat", now()), ("exp", now() + 60)] {
        for value in fractions(seconds) {
            let mut browser = scene.browser();
            scene.sign_in(&mut browser).await.assert_signed_in();
            let token = scene.evil.logout_token(|claims| claims[name] = value.clone(), &Signing::Honest);
            assert_eq!(log_out(&scene, &token).await, 200, "{name}: {value}");
            assert!(browser.who().await.is_null(), "{name}: {value}");
        }
        let mut browser = scene.browser();
        scene.sign_in(&mut browser).await.assert_signed_in();
        for value in [json!(seconds.to_string()), json!(-1), json!(true)] {
            let token = scene.evil.logout_token(|claims| claims[name] = value.clone(), &Signing::Honest);
            assert_eq!(log_out(&scene, &token).await, 400, "{name}: {value}");
        }
        assert!(browser.who().await.is_object(), "{name}");
    }
    let mut browser = scene.browser();
    scene.sign_in(&mut browser).await.assert_signed_in();
    let odd = |claims: &mut Value| claims["sid"] = json!(7);
    let token = scene.evil.logout_token(odd, &Signing::Honest);
    assert_eq!(log_out(&scene, &token).await, 200, "sid is not needed if there is a sub");
    assert!(browser.who().await.is_null());
}

async fn log_out(scene: &Scene, token: &str) -> u16 {
    let body = format!("logout_token={token}").into_bytes();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let path = "/api/auth/backchannel-logout/eop";
    scene.browser().send(http::Method::POST, path, &headers, body).await.status
}

#[tokio::test]
async fn i_07_times_of_signed_userinfo_may_have_a_fraction() {
    let scene = Scene::new().await;
    let signed = |issuer: &str, exp: Value| Behavior {
        userinfo_signing: Some(Signing::Honest),
        ..thin(json!({ "iss": issuer, "aud": CLIENT_ID, "sub": "35", "exp": exp }))
    };
    for value in fractions(now() + 60).into_iter().chain([json!(null)]) {
        scene.evil.set(signed(&scene.evil.issuer, value.clone()));
        let answer = scene.sign_in(&mut scene.browser()).await;
        assert!(answer.signs_in(), "{value}: {answer:?}");
    }
    for value in [json!((now() + 60).to_string()), json!(-1), json!(true), json!(now() as f64 - 99.5)] {
        scene.evil.set(signed(&scene.evil.issuer, value.clone()));
        scene.assert_denied(&value.to_string()).await;
    }
}

#[tokio::test]
async fn i_08_userinfo_may_write_sub_as_a_number() {
    let scene = Scene::new().await;
    let of = |own: &'static str, sub: Value| {
        let behavior = thin(json!({ "sub": sub, "name": "Ada" }));
        Behavior {
            claims: Box::new(move |claims| {
                (behavior.claims)(claims);
                claims["sub"] = json!(own);
            }),
            userinfo: behavior.userinfo,
            ..Behavior::default()
        }
    };
    for (own, sub) in [("35", json!(35)), ("123456789012345678", json!(123_456_789_012_345_678_u64))] {
        scene.evil.set(of(own, sub));
        let mut browser = scene.browser();
        scene.sign_in(&mut browser).await.assert_signed_in();
        assert_eq!(browser.name().await.as_deref(), Some("Ada"));
    }
    let account = "SELECT provider_account_id FROM accounts WHERE provider_account_id = '35'";
    assert_eq!(scene.server.text(account).await, "35");
    for (own, sub) in [
        ("35", json!(36)),
        ("35", json!("35 ")),
        ("35", json!(35.0)),
        ("035", json!(35)),
        ("35", json!(true)),
        ("35", json!(null)),
        ("35", json!([35])),
    ] {
        let what = format!("{own} and {sub}");
        scene.evil.set(of(own, sub));
        scene.assert_denied(&what).await;
    }
    scene.evil.set(claims(|claims| claims["sub"] = json!(35)));
    scene.assert_denied("a number in the ID token").await;
}

#[tokio::test]
async fn f_d6_a_provider_is_always_asked_for_userinfo_where_that_is_set() {
    let scene = Scene::with_variables(&[("AUTH_EOP_USERINFO", "always")]).await;
    let contradicting = || Behavior {
        userinfo: json!({
            "sub": "evil-1", "name": "From Userinfo", "email": "userinfo@example.com", "email_verified": false,
            "aud": "another client",
        }),
        ..Behavior::default()
    };
    scene.evil.set(contradicting());
    let mut browser = scene.browser();
    scene.sign_in(&mut browser).await.assert_signed_in();
    let session = browser.who().await;
    assert_eq!(session["user"]["name"], "From Userinfo");
    assert_eq!(session["user"]["email"], "userinfo@example.com");
    assert_eq!(scene.evil.requests("userinfo"), 1);

    scene.evil.set(Behavior { userinfo: json!({ "sub": "evil-2" }), ..Behavior::default() });
    let answer = scene.sign_in(&mut browser).await;
    assert!(!answer.signs_in(), "another user: {answer:?}");
    let no_endpoint = Scene::with_variables(&[("AUTH_EOP_USERINFO", "always")]).await;
    no_endpoint.evil.set(discovery(json!({ "userinfo_endpoint": null })));
    let mut browser = no_endpoint.browser();
    let answer = no_endpoint.sign_in(&mut browser).await;
    assert_refused(&mut browser, &answer, "no userinfo endpoint").await;

    let by_default = Scene::with(contradicting()).await;
    let mut browser = by_default.browser();
    by_default.sign_in(&mut browser).await.assert_signed_in();
    assert_eq!(browser.name().await.as_deref(), Some("Eve Provider"), "control");
    assert_eq!(by_default.evil.requests("userinfo"), 0);
}

#[tokio::test]
async fn i_22_a_variable_says_how_the_secret_is_sent() {
    let both = || {
        discovery(json!({
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }))
    };
    for secret in ["a~b", "a+b/c=", "a!b", "a%b"] {
        for (value, in_form) in [("client_secret_post", true), ("client_secret_basic", false), ("", false)] {
            let variables = [("AUTH_EOP_SECRET", secret), ("AUTH_EOP_TOKEN_AUTH", value)];
            let scene = Scene::with_variables(&variables).await;
            scene.evil.set(both());
            scene.sign_in(&mut scene.browser()).await.assert_signed_in();
            let form = &scene.evil.token_requests()[0];
            let sent = in_form.then_some(secret);
            assert_eq!(form.get("client_secret").map(String::as_str), sent, "{secret} {value}");
            assert_eq!(form["authorization"].is_empty(), in_form, "{secret} {value}");
        }
    }
    // The operator's setting takes precedence over the document.
    let scene = Scene::with_variables(&[("AUTH_EOP_TOKEN_AUTH", "client_secret_post")]).await;
    scene.evil.set(discovery(json!({ "token_endpoint_auth_methods_supported": ["client_secret_basic"] })));
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    assert!(scene.evil.token_requests()[0].contains_key("client_secret"));
}
