//! A provider's keys that arrive slowly or not at all.

use std::time::Duration;

use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpListener};

use crate::{
    Scene, assert_refused, instead, signing,
    support::evil_op::{Behavior, Signing},
};

/// Returns the address of a server that sends its response byte by byte and never ends it.
async fn dripping() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let head =
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n";
                let _ = stream.write_all(head.as_bytes()).await;
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
    });
    format!("http://{address}/jwks")
}

#[tokio::test]
async fn ip_05_a_provider_that_answers_byte_by_byte_is_given_up() {
    let keys = dripping().await;
    let discovery = move |document: &mut serde_json::Value| document["jwks_uri"] = json!(keys);
    let scene = Scene::with(Behavior { discovery: Box::new(discovery), ..Behavior::default() }).await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "eop").await;
    // The complete response would take three hours.
    let limit = Duration::from_secs(60);
    let answer = tokio::time::timeout(limit, scene.finish(&mut browser, &attempt)).await;
    assert_refused(&mut browser, &answer.expect("given up"), "a slow drip").await;
    scene.other.set(Behavior::default());
    let attempt = scene.begin(&mut browser, "hop").await;
    assert!(attempt.authorization.starts_with(&scene.other.issuer), "control: others are not affected");
}

#[tokio::test]
async fn ip_13_known_keys_work_while_new_ones_cannot_be_fetched() {
    let scene = Scene::new().await;
    assert!(scene.sign_in(&mut scene.browser()).await.signs_in());
    scene.server.set_later(11);
    scene
        .evil
        .set(Behavior { signing: Signing::ForeignKey("unknown"), ..instead("jwks", 500, "text/plain", "") });
    let mut browser = scene.browser();
    let answer = scene.sign_in(&mut browser).await;
    assert_refused(&mut browser, &answer, "an unknown key that cannot be fetched").await;
    assert!(scene.evil.requests("jwks") >= 2, "control: it was requested");

    scene.evil.set(instead("jwks", 500, "text/plain", ""));
    assert!(scene.sign_in(&mut scene.browser()).await.signs_in(), "the known key");
}
