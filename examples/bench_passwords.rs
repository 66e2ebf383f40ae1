//! What passwords cost: how many people sign in by one in a second, how long reading a session takes meanwhile, and whether
//! the time of a refusal tells if an address has an account (CR-02). Without a network and pages around it.
//!
//! `cargo run --release --example bench_passwords --features sqlite,password`, on a machine that does nothing else. Targets
//! on two cores: 40 sign-ins a second, a 99th percentile of session reads under 100 ms, an AUC of 0.45 to 0.55.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, header};
use leptos_auth::{
    Auth,
    adapter::{self, Purpose, User, UserRecord},
    clock::{Clock, SystemClock},
    config::{Config, Mode},
    email::{MailError, OutgoingMail},
};
use url::{Url, form_urlencoded};

/// Known addresses, and as many that nobody has.
const PEOPLE: usize = 2_000;
const PARALLEL: usize = 16;
const TIME: Duration = Duration::from_secs(10);
/// Of `correct horse`, by argon2-cffi.
const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$FyfWsQrtPdutXr0wp/v0HA$e7+dxZa916bWjsU9r9KId8pO5+H9yNwxqLKhH5ISk3c";

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("leptos-auth-bench-{}", std::process::id()));
    let url = format!("sqlite://{}", folder.join("app.db").display());
    let auth = auth(&url).await;
    println!("| what | figure |\n| --- | --- |");
    let (rate, p99) = load(&auth).await;
    println!("| password sign-ins a second, {PARALLEL} at a time | {rate:.0} |");
    println!("| GET session meanwhile, 99th percentile | {:.1} ms |", p99.as_secs_f64() * 1000.0);
    println!("| AUC of the time of a refusal, {PEOPLE} pairs | {:.3} |", difference(&auth).await);
    let _ = std::fs::remove_dir_all(folder);
}

async fn auth(url: &str) -> Auth {
    let env = [("DATABASE_URL", url), ("AUTH_SECRET", "q8Jr3xT0v7mZ1pKc5yWn9bLs2dFg4hAeUiYo")];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let origin = Url::parse("http://localhost:3000").unwrap();
    let config = Config::from_environment(&env, Mode::Development, &origin).ok().unwrap();
    let nowhere = |_: OutgoingMail| async { Ok::<(), MailError>(()) };
    let auth = Auth::builder(config).mailer(nowhere, "Bench <no-reply@example.com>").build().await.unwrap();
    let adapter = adapter::connect(url, Purpose::Everything).await.unwrap();
    let now = SystemClock.now();
    for number in 0..PEOPLE {
        let (id, address) = (format!("user-{number}"), known(number));
        let user = User {
            id: id.clone(),
            name: None,
            email: Some(address.clone()),
            email_verified: Some(now),
            image: None,
            created: now,
        };
        adapter.create_user(&user, Some(&address), None, None).await.unwrap();
        let record = UserRecord {
            user_id: id,
            kind: "password".to_owned(),
            id: String::new(),
            value: HASH.to_owned(),
            created: now,
            expires: None,
        };
        adapter.put_user_record(&record, None).await.unwrap();
    }
    auth
}

fn known(number: usize) -> String {
    format!("known-{number:04}@example.com")
}

fn unknown(number: usize) -> String {
    format!("other-{number:04}@example.com")
}

/// As a program sends it; the token of the session, if it signed in.
async fn sign_in(auth: &Auth, address: &str, password: &str) -> Option<String> {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("email", address)
        .append_pair("password", password)
        .finish();
    let request = Request::post("/api/auth/callback/password")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("x-auth-return-token", "1")
        .body(Bytes::from(body))
        .unwrap();
    let answer = auth.respond(request).await;
    answer.headers().get("x-auth-session-token").map(|token| token.to_str().unwrap().to_owned())
}

async fn read_session(auth: &Auth, token: &str) {
    let request = Request::get("/api/auth/session")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Bytes::new())
        .unwrap();
    assert!(auth.respond(request).await.body().len() > 10);
}

/// Sign-ins a second, and the 99th percentile of reading a session meanwhile.
async fn load(auth: &Auth) -> (f64, Duration) {
    let token = sign_in(auth, &known(0), "correct horse").await.unwrap();
    let (next, is_over) = (Arc::new(AtomicUsize::new(1)), Arc::new(AtomicBool::new(false)));
    let start = Instant::now();
    let people: Vec<_> = (0..PARALLEL)
        .map(|_| {
            let (auth, next) = (auth.clone(), next.clone());
            tokio::spawn(async move {
                while start.elapsed() < TIME {
                    let number = next.fetch_add(1, Ordering::Relaxed) % PEOPLE;
                    assert!(sign_in(&auth, &known(number), "correct horse").await.is_some());
                }
            })
        })
        .collect();
    let reader = tokio::spawn({
        let (auth, is_over) = (auth.clone(), is_over.clone());
        async move {
            let mut times = Vec::new();
            while !is_over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                read_session(&auth, &token).await;
                times.push(begun.elapsed());
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            times
        }
    });
    for person in people {
        person.await.unwrap();
    }
    let rate = (next.load(Ordering::Relaxed) - 1) as f64 / start.elapsed().as_secs_f64();
    is_over.store(true, Ordering::Relaxed);
    let mut times = reader.await.unwrap();
    times.sort_unstable();
    (rate, times[times.len() * 99 / 100])
}

/// How often a refusal of a known address takes longer than one of an unknown address: a half if the time tells nothing.
async fn difference(auth: &Auth) -> f64 {
    let mut times = Vec::new();
    for number in 0..PEOPLE {
        // In turns, and each first as often as the other: what the machine does besides hits both.
        let mut pair = [(known(number), true), (unknown(number), false)];
        if number % 2 == 1 {
            pair.reverse();
        }
        for (address, is_known) in pair {
            let begun = Instant::now();
            assert!(sign_in(auth, &address, "wrong horse").await.is_none());
            times.push((begun.elapsed(), is_known));
        }
    }
    times.sort_unstable();
    // Mann and Whitney: the sum of the ranks.
    let ranks: usize =
        times.iter().enumerate().filter(|(_, (_, is_known))| *is_known).map(|(rank, _)| rank + 1).sum();
    let pairs = PEOPLE as f64;
    (ranks as f64 - pairs * (pairs + 1.0) / 2.0) / (pairs * pairs)
}
