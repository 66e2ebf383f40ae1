//! Providers that are slow, unavailable or changing their keys. No test measures time: an endpoint holds its responses until
//! the test has seen what other callers get meanwhile.

use serde_json::json;

use crate::{
    Scene, assert_refused, instead, signing,
    support::{
        Browser,
        evil_op::{Behavior, Signing},
        log,
    },
};

const DISCOVERY: &str = ".well-known/openid-configuration";

fn no_key_id() -> Behavior {
    signing(Signing::Header(json!({ "kid": null })))
}

/// Waits until the server has fetched the discovery documents in advance.
async fn warm(scene: &Scene) {
    while scene.evil.requests(DISCOVERY) == 0 || scene.other.requests(DISCOVERY) == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    scene.begin(&mut scene.browser(), "eop").await;
}

#[tokio::test]
async fn f_b2_sign_ins_share_one_request_for_the_discovery_document() {
    for works in [true, false] {
        let scene = Scene::new().await;
        scene.evil.hold(DISCOVERY);
        let sign_ins: Vec<_> = (0..20)
            .map(|_| {
                let mut browser = scene.browser();
                tokio::spawn(async move { browser.submit("/api/auth/signin/eop", &[]).await })
            })
            .collect();
        scene.evil.wait_for_waiting(1).await;
        if !works {
            scene.evil.set(instead(DISCOVERY, 500, "text/plain", ""));
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        scene.evil.release();
        for sign_in in sign_ins {
            let answer = sign_in.await.unwrap();
            assert_eq!(answer.location().starts_with(&scene.evil.issuer), works, "{answer:?}");
        }
        assert_eq!(scene.evil.requests(DISCOVERY), 1);
    }
}

#[tokio::test]
async fn f_b2_a_known_document_is_used_while_it_is_fetched_again() {
    let scene = Scene::new().await;
    warm(&scene).await;
    scene.server.set_later(2 * 3600);
    scene.evil.hold(DISCOVERY);
    for _ in 0..3 {
        let attempt = scene.begin(&mut scene.browser(), "eop").await;
        assert_eq!(attempt.path(), "authorize");
        assert_eq!(scene.evil.waiting(), 1, "the request is still running, and it is the only one");
    }
    scene.evil.release();
    scene.evil.wait_for_waiting(0).await;
    assert_eq!(scene.evil.requests(DISCOVERY), 2);
}

#[tokio::test]
async fn f_b2_i_13_the_pause_begins_with_the_end_of_a_failure_and_repeats_its_cause() {
    let scene = Scene::new().await;
    scene.evil.hold(DISCOVERY);
    let mut browser = scene.browser();
    let first = tokio::spawn(async move { browser.submit("/api/auth/signin/eop", &[]).await });
    scene.evil.wait_for_waiting(1).await;
    scene.server.set_later(9);
    scene.evil.set(instead(DISCOVERY, 503, "text/plain", ""));
    scene.evil.release();
    assert_eq!(first.await.unwrap().error().as_deref(), Some("OAuthSignin"));
    scene.server.set_later(13);
    log::record();
    let second = scene.browser().submit("/api/auth/signin/eop", &[]).await;
    assert_eq!((second.error().as_deref(), scene.evil.requests(DISCOVERY)), (Some("OAuthSignin"), 1));
    let log = log::recorded();
    assert!(log.contains("503 Service Unavailable"), "{log}");
    scene.evil.set(Behavior::default());
    scene.server.set_later(15);
    assert_eq!(scene.begin(&mut scene.browser(), "eop").await.path(), "authorize", "requested again");
}

#[tokio::test]
async fn i_13_a_redirect_of_the_discovery_document_is_named() {
    for (location, expected) in [
        (
            "https://login.example/.well-known/openid-configuration",
            "https://login.example: write that as the issuer",
        ),
        (
            "https://www.example/login?next=canary",
            "redirects to https://www.example/login: is the issuer right?",
        ),
        ("http://login.example/.well-known/openid-configuration", "is the issuer right?"),
    ] {
        log::record();
        let scene = Scene::with(Behavior {
            location: Some(location.to_owned()),
            ..instead(DISCOVERY, 301, "text/plain", "")
        })
        .await;
        for _ in 0..2 {
            let answer = scene.browser().submit("/api/auth/signin/eop", &[]).await;
            assert_eq!(answer.error().as_deref(), Some("OAuthSignin"), "{location}");
        }
        let log = log::recorded();
        let refusals = log.lines().filter(|line| line.contains("sign-in could not begin"));
        let refusals: Vec<_> = refusals.collect();
        assert!(refusals.len() == 2 && refusals.iter().all(|line| line.contains(expected)), "{log}");
        assert!(!log.contains("next=canary"), "{log}");
    }
}

/// Starts a sign-in that waits for its keys.
fn sign_in_later(query: String, mut browser: Browser) -> tokio::task::JoinHandle<bool> {
    tokio::spawn(async move { browser.get(&format!("/api/auth/callback/eop?{query}")).await.signs_in() })
}

#[tokio::test]
async fn f_b6_known_keys_answer_while_an_unknown_one_is_fetched() {
    let scene = Scene::new().await;
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    scene.evil.hold("jwks");
    scene.evil.set(signing(Signing::ForeignKey("unknown")));
    let mut waiting = Vec::new();
    for _ in 0..5 {
        let mut browser = scene.browser();
        let attempt = scene.begin(&mut browser, "eop").await;
        waiting.push(sign_in_later(scene.good_query(&attempt), browser));
    }
    scene.evil.wait_for_waiting(1).await;
    while scene.evil.requests("token") < 6 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    scene.evil.set(Behavior::default());
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    assert_eq!(scene.evil.waiting(), 1, "the request for the unknown key is still running");
    scene.evil.release();
    for waiting in waiting {
        assert!(!waiting.await.unwrap(), "an unknown key");
    }
    assert_eq!(scene.evil.requests("jwks"), 2, "one request for all of them");
}

#[tokio::test]
async fn f_b7_a_token_without_a_key_id_finds_the_new_key() {
    let scene = Scene::with(no_key_id()).await;
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    scene.evil.rotate_key("key-2");
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    assert_eq!(scene.evil.requests("jwks"), 2);

    scene.evil.set(signing(Signing::Broken));
    for _ in 0..5 {
        let mut browser = scene.browser();
        let answer = scene.sign_in(&mut browser).await;
        assert_refused(&mut browser, &answer, "a broken signature").await;
    }
    assert_eq!(scene.evil.requests("jwks"), 3, "one fetch in ten seconds");
    scene.server.set_later(11);
    scene.sign_in(&mut scene.browser()).await;
    assert_eq!(scene.evil.requests("jwks"), 4, "and one in the next ten");
}

#[tokio::test]
async fn f_b7_a_new_key_under_the_old_id_is_found() {
    let scene = Scene::new().await;
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    scene.evil.rotate_key("key-1");
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
}

#[tokio::test]
async fn f_b7_keys_are_fetched_again_when_the_provider_says_so() {
    for (cache_control, seconds, fetches) in [
        (Some("public, max-age=1800"), 1700, 1),
        (Some("public, max-age=1800"), 1900, 2),
        (Some("max-age=1"), 200, 1),
        (Some("no-store"), 400, 2),
        (Some("max-age=99999999"), 25 * 3600, 2),
        (None, 3500, 1),
        (None, 3700, 2),
    ] {
        let behavior = || Behavior { cache_control, ..later(seconds) };
        let scene = Scene::with(Behavior { cache_control, ..Behavior::default() }).await;
        scene.sign_in(&mut scene.browser()).await.assert_signed_in();
        scene.evil.set(behavior());
        scene.server.set_later(seconds);
        scene.sign_in(&mut scene.browser()).await.assert_signed_in();
        assert_eq!(scene.evil.requests("jwks"), fetches, "{cache_control:?} after {seconds} s");
    }
}

/// A provider whose clock is right when the server's clock is moved by this many seconds.
fn later(seconds: i64) -> Behavior {
    crate::claims(move |claims| {
        for name in ["iat", "exp"] {
            claims[name] = json!(claims[name].as_i64().unwrap() + seconds);
        }
    })
}

#[tokio::test]
async fn f_d4_a_rotation_right_after_a_fetch_is_noticed() {
    let scene = Scene::new().await;
    for key_id in ["key-1", "key-2", "key-3"] {
        scene.evil.rotate_key(key_id);
        scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    }
    assert_eq!(scene.evil.requests("jwks"), 3, "the clock stood still");
}

#[tokio::test]
async fn ip_13_keys_that_are_known_work_while_their_endpoint_fails() {
    let scene = Scene::new().await;
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    let seconds = 25 * 3600;
    let broken = instead("jwks", 500, "text/plain", "");
    scene.evil.set(Behavior { instead: broken.instead, ..later(seconds) });
    scene.server.set_later(seconds);
    scene.sign_in(&mut scene.browser()).await.assert_signed_in();
}
