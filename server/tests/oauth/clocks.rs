//! A server whose clock is wrong (SK rows). The provider's is right.

use serde_json::json;

use crate::{Scene, assert_refused, claims, now};

/// Lets the provider's tokens live for so long.
fn living(scene: &Scene, seconds: i64) {
    scene.evil.set(claims(move |claims| claims["exp"] = json!(now() + seconds)));
}

#[tokio::test]
async fn sk_01_half_a_minute_is_nothing() {
    let scene = Scene::new().await;
    for seconds in [-30, 0, 30] {
        scene.server.set_later(seconds);
        scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    }
}

#[tokio::test]
async fn sk_02_ten_minutes_are_refused_however_long_tokens_live() {
    let scene = Scene::new().await;
    for life in [300, 3600, 86_400] {
        living(&scene, life);
        for seconds in [-600, 600] {
            scene.server.set_later(seconds);
            let rows = scene.server.rows().await;
            let mut browser = scene.browser();
            let answer = scene.sign_in(&mut browser).await;
            assert_refused(&mut browser, &answer, &format!("{seconds} s, tokens for {life} s")).await;
            assert_eq!(scene.server.rows().await, rows);
        }
        scene.server.set_later(0);
        scene.sign_in(&mut scene.browser()).await.assert_signed_in();
    }
}

/// Where a sign-in began the clock was right, where it ends it is ahead, or the other way about.
#[tokio::test]
async fn sk_04_a_sign_in_goes_on_at_a_server_a_minute_and_a_half_apart() {
    for (here, there) in [(0, 90), (90, 0)] {
        let scene = Scene::new().await;
        let twin = scene.twin(&[]).await;
        scene.server.set_later(here);
        twin.set_later(there);
        living(&scene, 3600);
        let mut browser = scene.browser();
        let attempt = scene.begin(&mut browser, "eop").await;
        scene.finish(&mut browser.at(&twin), &attempt).await.assert_signed_in();
    }
}
