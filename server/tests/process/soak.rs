//! A program under steady load for `EVIDENCE_SOAK_SECONDS`: nothing fails, and neither memory nor open descriptors grow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use http::Method;
use serde_json::json;

use crate::{
    program::{Program, Running, SECRET},
    support::{
        Browser, evidence,
        evil_op::{Behavior, CLIENT_ID, CLIENT_SECRET, EvilProvider},
        query, scaled,
    },
};

const ORIGIN: &str = "http://localhost:3000";
const VISITORS: u64 = 4;
/// Visitors return: the database has this many users and no more.
const PEOPLE: u64 = 500;
const READS: usize = 20;
/// Shorter runs say nothing about memory.
const SHORT: u64 = 300;
/// How much memory caches may still take after the first third.
const ALLOWED_KB: u64 = 24 * 1024;

/// What the kernel reports about the program: memory in kB, and open descriptors.
#[derive(Clone, Copy, Debug)]
struct Sample {
    memory: u64,
    descriptors: u64,
}

fn sample(running: &Running) -> Sample {
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap();
    let memory =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", running.id())).unwrap().count() as u64;
    Sample { memory: memory.unwrap(), descriptors }
}

/// Returns the median.
fn median(samples: &[Sample], of: impl Fn(&Sample) -> u64) -> u64 {
    let mut values: Vec<_> = samples.iter().map(of).collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// Simulates one visit of a new client: provider sign-in, pages, a wrong password, sign-out.
async fn visit(blank: &Browser, provider: &EvilProvider, client: u64) -> u64 {
    let mut browser = blank.clone().with_client(client);
    let started = browser.submit("/api/auth/signin/eop", &[("callbackUrl", "/account")]).await;
    let (code, state) = (provider.code_for(started.location()), query(started.location(), "state").unwrap());
    browser.get(&format!("/api/auth/callback/eop?code={code}&state={state}")).await.assert_signed_in();
    for _ in 0..READS {
        assert!(browser.who().await.is_object(), "signed out without a reason");
    }
    for path in ["/", "/account", "/account/activity"] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    let wrong =
        [("email", format!("visitor-{client}@example.com")), ("password", "wrong password".to_owned())];
    let wrong = wrong.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut stranger = blank.clone().with_client(client);
    let refused = stranger.submit("/api/auth/callback/password", &wrong).await;
    assert!(!refused.signs_in() && refused.status < 500, "{refused:?}");
    browser.submit("/api/auth/signout", &[]).await;
    assert!(browser.send(Method::GET, "/api/auth/session", &[], Vec::new()).await.json().is_null());
    READS as u64 + 12
}

#[tokio::test(flavor = "multi_thread")]
async fn soak_memory_and_descriptors_stay_flat() {
    let seconds = scaled("EVIDENCE_SOAK_SECONDS", 3);
    leptos_auth_server::tls::install();
    let provider = EvilProvider::start().await;
    let people = AtomicU64::new(0);
    let claims = move |claims: &mut serde_json::Value| {
        let name = format!("person-{}", people.fetch_add(1, Ordering::Relaxed) % PEOPLE);
        claims["sub"] = json!(name);
        claims["email"] = json!(format!("{name}@example.com"));
    };
    provider.set(Behavior { claims: Box::new(claims), ..Behavior::default() });
    let variables = [
        ("AUTH_SECRET", SECRET),
        ("AUTH_URL", ORIGIN),
        ("DATABASE_URL", "sqlite://app.db"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("AUTH_EOP_ISSUER", provider.issuer.as_str()),
        ("AUTH_EOP_ID", CLIENT_ID),
        ("AUTH_EOP_SECRET", CLIENT_SECRET),
    ];
    let program = Program::new(&variables);
    let running = tokio::task::block_in_place(|| program.start());
    let blank = Browser::new(running.address.parse().unwrap(), ORIGIN);
    let (until, visits) = (Instant::now() + Duration::from_secs(seconds), Arc::new(AtomicU64::new(0)));
    let load: Vec<_> = (0..VISITORS)
        .map(|_| {
            let (blank, provider, visits) = (blank.clone(), provider.clone(), visits.clone());
            tokio::spawn(async move {
                let mut requests = 0;
                while Instant::now() < until {
                    requests += visit(&blank, &provider, visits.fetch_add(1, Ordering::Relaxed)).await;
                }
                requests
            })
        })
        .collect();
    let mut samples = vec![sample(&running)];
    while Instant::now() < until {
        tokio::time::sleep(Duration::from_secs(seconds.div_ceil(120))).await;
        samples.push(sample(&running));
    }
    let mut requests = 0;
    for visitor in load {
        requests += visitor.await.unwrap();
    }
    running.signal("TERM");
    let (code, _, log) = tokio::task::block_in_place(|| running.end());
    assert!(code == Some(0) && !log.contains("panicked"), "{code:?}");

    let third = samples.len() / 3;
    let (early, late) = (&samples[third..=third * 3 / 2], &samples[samples.len() - third.max(1) / 2 - 1..]);
    let [memory_early, memory_late] = [early, late].map(|part| median(part, |sample| sample.memory));
    let [open_early, open_late] = [early, late].map(|part| median(part, |sample| sample.descriptors));
    evidence(
        &format!("steady load by {VISITORS} visitors for {seconds} seconds, SQLite, unoptimised build"),
        &format!(
            "{requests} requests in {} visits, 0 failed; memory {} MB after a third and {} MB at the end; {open_early} and \
             {open_late} descriptors",
            visits.load(Ordering::Relaxed),
            memory_early / 1024,
            memory_late / 1024
        ),
    );
    if seconds >= SHORT {
        assert!(
            memory_late < memory_early + ALLOWED_KB,
            "memory grows: {memory_early} kB to {memory_late} kB"
        );
        assert!(open_late < open_early + 10, "descriptors grow: {open_early} to {open_late}");
    }
}
