//! How many sessions a database reads, and how many people sign in there for the first time, in a second: by the calls
//! that a request makes, without the server around them. `cargo xtask bench` starts the databases and runs it.
//!
//! The databases are on this machine and take their part of its processors, so the figures are for comparing them with
//! each other. SQLite, PostgreSQL and MariaDB sync each commit to disk; Redis here does not.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use leptos_auth::{
    adapter::{self, Account, Adapter, Purpose, SessionRecord, User},
    clock::{Clock, SystemClock, Timestamp},
};

const PEOPLE: u64 = 10_000;
/// Calls under way at a time.
const PARALLEL: usize = 16;
const TIME: Duration = Duration::from_secs(4);
const HOUR: Duration = Duration::from_secs(3600);

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("leptos-auth-bench-{}", std::process::id()));
    let sqlite = format!("sqlite://{}", folder.join("app.db").display());
    let servers = ["POSTGRES", "MYSQL", "REDIS", "MONGODB"]
        .map(|name| (name, std::env::var(format!("TEST_{name}_URL")).unwrap_or_default()));
    println!("| database | session reads a second | median, p99 | first sign-ins a second | median, p99 |");
    println!("| --- | --- | --- | --- | --- |");
    for (name, url) in [("SQLITE", sqlite), ("MEMORY", "memory:".to_owned())].into_iter().chain(servers) {
        if url.is_empty() {
            println!("| {name} | not here | | | |");
            continue;
        }
        let adapter = adapter::connect(&url, Purpose::Everything).await.unwrap();
        // Nobody of an earlier run.
        let run = format!("{}-{}", std::process::id(), SystemClock.now().as_millis());
        let reads = tokio::spawn(sessions(adapter.clone(), run.clone())).await;
        let sign_ins = tokio::spawn(sign_ins(adapter, run)).await;
        // A database that refuses under load is said to, and the others are still measured.
        let [reads, sign_ins] = [reads, sign_ins].map(|rate| rate.unwrap_or_else(|_| "failed |".to_owned()));
        println!("| {name} | {reads} | {sign_ins} |");
    }
    let _ = std::fs::remove_dir_all(folder);
}

/// Reads sessions of many people.
async fn sessions(adapter: Arc<dyn Adapter>, run: String) -> String {
    let now = SystemClock.now();
    at_once(PEOPLE, |number| {
        let (adapter, id) = (adapter.clone(), format!("{run}-{number}"));
        async move {
            adapter.create_user(&user(&id, now), None, None, None).await.unwrap();
            adapter.create_session(&session(&id, now)).await.unwrap();
        }
    })
    .await;
    measure(|number| {
        let (adapter, token) = (adapter.clone(), format!("token-{run}-{}", number * 7919 % PEOPLE));
        async move { assert!(adapter.get_session_and_user(&token, now).await.unwrap().is_some()) }
    })
    .await
}

/// What a first sign-in at a provider asks of the database.
async fn sign_ins(adapter: Arc<dyn Adapter>, run: String) -> String {
    let now = SystemClock.now();
    measure(|number| {
        let (adapter, id) = (adapter.clone(), format!("{run}-new-{number}"));
        async move {
            let account = Account {
                r#type: "oidc".to_owned(),
                provider: "bench".to_owned(),
                provider_account_id: id.clone(),
            };
            adapter.count_attempt(&id, HOUR, now).await.unwrap();
            assert!(adapter.get_user_by_account("bench", &id).await.unwrap().is_none());
            let email = format!("{id}@example.com");
            let tokens = "t".repeat(1500);
            adapter.create_user(&user(&id, now), Some(&email), Some(&account), Some(&tokens)).await.unwrap();
            adapter.create_session(&session(&id, now)).await.unwrap();
        }
    })
    .await
}

/// How often something happens in a second, and how long it takes in the middle and at worst.
async fn measure<F>(call: impl Fn(u64) -> F + Sync) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let (started, next) = (Instant::now(), AtomicU64::new(0));
    let workers = (0..PARALLEL).map(|_| async {
        let mut times = Vec::new();
        while started.elapsed() < TIME {
            let begun = Instant::now();
            tokio::spawn(call(next.fetch_add(1, Ordering::Relaxed))).await.unwrap();
            times.push(begun.elapsed());
        }
        times
    });
    let mut times = futures_util::future::join_all(workers).await.concat();
    let elapsed = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    format!("{:.0} | {:.2}, {:.2} ms", times.len() as f64 / elapsed, at(50), at(99))
}

/// Does something for each number, some at a time.
async fn at_once<F: Future<Output = ()> + Send + 'static>(count: u64, call: impl Fn(u64) -> F + Sync) {
    let next = AtomicU64::new(0);
    let workers = (0..PARALLEL).map(|_| async {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            tokio::spawn(call(number)).await.unwrap();
        }
    });
    futures_util::future::join_all(workers).await;
}

fn user(id: &str, now: Timestamp) -> User {
    User {
        id: id.to_owned(),
        name: Some("Ada Lovelace".to_owned()),
        email: Some(format!("{id}@example.com")),
        email_verified: Some(now),
        image: None,
        created: now,
    }
}

fn session(id: &str, now: Timestamp) -> SessionRecord {
    SessionRecord {
        token_hash: format!("token-{id}"),
        id: format!("session-{id}"),
        user_id: id.to_owned(),
        created: now,
        renewed: now,
        expires: now.plus(HOUR),
        max_age: HOUR,
        remembered: true,
        provider: "bench".to_owned(),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned()),
        address: Some("2001:db8::1".to_owned()),
    }
}
