//! The audit webhook, with a real receiver: signed, at least once, also when the receiver or the server was away.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::State, http::StatusCode, routing::post};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderMap;
use serde_json::Value;

use crate::support::{TestServer, sign_in_demo};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What came, and what is answered.
#[derive(Clone, Default)]
struct Receiver {
    taken: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    tries: Arc<AtomicU16>,
    /// 0: no answer at all.
    status: Arc<AtomicU16>,
}

impl Receiver {
    async fn start(status: u16) -> (Self, String) {
        let receiver = Self::default();
        receiver.status.store(status, Ordering::Relaxed);
        let router = Router::new().route("/hook", post(take)).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (receiver, url)
    }

    fn taken(&self) -> Vec<(HeaderMap, String)> {
        self.taken.lock().unwrap().clone()
    }

    /// Waits until so many rows were taken.
    async fn until(&self, count: usize) -> Vec<(HeaderMap, String)> {
        for _ in 0..600 {
            if self.taken().len() >= count {
                return self.taken();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} of {count} rows came", self.taken().len());
    }

    async fn until_tried(&self) {
        while self.tries.load(Ordering::Relaxed) == 0 {
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: String) -> StatusCode {
    receiver.tries.fetch_add(1, Ordering::Relaxed);
    match receiver.status.load(Ordering::Relaxed) {
        0 => std::future::pending().await,
        200 => receiver.taken.lock().unwrap().push((headers, body)),
        _ => {}
    }
    StatusCode::from_u16(receiver.status.load(Ordering::Relaxed)).unwrap()
}

fn settings(url: &str) -> [(&str, &str); 2] {
    [("AUTH_AUDIT_WEBHOOK_URL", url), ("AUTH_AUDIT_WEBHOOK_SECRET", SECRET)]
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn lg_06_each_row_is_told_once_and_signed() {
    let (receiver, url) = Receiver::start(200).await;
    let server = TestServer::with(&settings(&url)).await;
    sign_in_demo(&mut server.browser()).await;
    sign_in_demo(&mut server.browser()).await;
    let taken = receiver.until(2).await;
    let (headers, body) = &taken[0];
    let json: Value = serde_json::from_str(body).unwrap();
    assert_eq!(json["type"], "audit.signed_in");
    assert_eq!(json["data"]["method"], "credentials");
    assert_eq!(json["data"]["id"], text(headers, "webhook-id"));
    assert_eq!(json["data"]["user"], server.text("SELECT id FROM users").await);
    let signed = format!("{}.{}.{body}", text(headers, "webhook-id"), text(headers, "webhook-timestamp"));
    let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let expected = format!("v1,{}", STANDARD.encode(crate::support::hs256(&key, signed.as_bytes())));
    assert_eq!(text(headers, "webhook-signature"), expected);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(receiver.taken().len(), 2, "none of them twice");
}

#[tokio::test]
async fn a_receiver_that_comes_back_gets_what_it_missed() {
    let (receiver, url) = Receiver::start(503).await;
    let server = TestServer::with(&settings(&url)).await;
    sign_in_demo(&mut server.browser()).await;
    receiver.until_tried().await;
    receiver.status.store(200, Ordering::Relaxed);
    assert_eq!(receiver.until(1).await.len(), 1);
}

#[tokio::test]
async fn a_restart_loses_nothing_and_of_two_instances_one_tells() {
    let (receiver, url) = Receiver::start(503).await;
    let server = TestServer::with(&settings(&url)).await;
    sign_in_demo(&mut server.browser()).await;
    receiver.until_tried().await;
    // The first one never hears of the receiver's return: it is as good as gone.
    let (second, other_url) = Receiver::start(200).await;
    let twins = [server.twin(&settings(&other_url)).await, server.twin(&settings(&other_url)).await];
    assert_eq!(second.until(1).await.len(), 1);
    sign_in_demo(&mut twins[0].browser()).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let ids: Vec<_> =
        second.taken().iter().map(|(headers, _)| text(headers, "webhook-id").to_owned()).collect();
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
}

#[tokio::test]
async fn a_receiver_that_never_answers_slows_nobody() {
    let (receiver, url) = Receiver::start(0).await;
    let server = TestServer::with(&settings(&url)).await;
    let began = std::time::Instant::now();
    for _ in 0..5 {
        sign_in_demo(&mut server.browser()).await;
    }
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    receiver.until_tried().await;
}

#[tokio::test]
async fn a_row_that_is_not_wanted_stops_no_other() {
    let (receiver, url) = Receiver::start(400).await;
    let server = TestServer::with(&settings(&url)).await;
    sign_in_demo(&mut server.browser()).await;
    receiver.until_tried().await;
    receiver.status.store(200, Ordering::Relaxed);
    sign_in_demo(&mut server.browser()).await;
    assert!(!receiver.until(1).await.is_empty());
}
