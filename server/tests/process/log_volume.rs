//! What somebody can write into the log by being refused (OP-16).

use std::time::{Duration, Instant};

use crate::{
    program::{Program, Running},
    support::{Browser, sign_in_demo},
};

/// What 50 MB in a minute are in a second.
const BYTES: f64 = 50e6 / 60.0;

fn browser(running: &Running) -> Browser {
    let port = running.address.rsplit_once(':').unwrap().1;
    Browser::new(running.address.parse().unwrap(), &format!("http://localhost:{port}"))
}

fn log_of(running: Running) -> String {
    running.signal("TERM");
    running.end().2
}

/// Every kind of refusal that costs the sender one request.
async fn refused(browser: &mut Browser, kind: usize, number: usize) {
    let (long, token) = ("x".repeat(20_000), ("csrfToken", "wrong"));
    let code = format!("code={number}&state={long}");
    match kind {
        0 => drop(browser.post("/api/auth/signin/dev", &[token]).await),
        1 => drop(browser.post(&format!("/api/auth/{long}"), &[token]).await),
        2 => drop(browser.post_with("/api/auth/signout", &[("origin", "https://evil.test")], &[token]).await),
        3 => drop(browser.post_with(&format!("/{long}"), &[("origin", "https://evil.test")], &[token]).await),
        4 => drop(browser.get(&format!("/api/auth/callback/dev?{code}")).await),
        5 => drop(browser.get_with("/dev/inbox", &[("host", "evil.test")]).await),
        6 => drop(browser.send(http::Method::POST, "/api/auth/signout", &[], vec![0xff; 2000]).await),
        7 => {
            let form = [("username", "demo"), ("password", long.as_str())];
            drop(browser.submit("/api/auth/callback/credentials", &form).await);
        }
        _ => drop(browser.get_with(&format!("/{long}"), &[("cookie", "authjs.session-token=x")]).await),
    }
}

const KINDS: usize = 9;

#[tokio::test(flavor = "multi_thread")]
async fn op_16_no_refusal_writes_a_long_line() {
    leptos_auth_server::tls::install();
    let running = Program::new(&[]).start();
    let mut browser = browser(&running);
    for kind in 0..KINDS {
        for number in 0..3 {
            refused(&mut browser, kind, number).await;
        }
    }
    let log = log_of(running);
    let lines: Vec<_> = log.lines().filter(|line| line.contains(" WARN ")).collect();
    assert!(lines.len() >= 3 * (KINDS - 2), "control: refusals are logged: {log:.2000}");
    // At a thousand a second and without any other limit.
    for line in &lines {
        assert!((line.len() as f64) < BYTES / 1000.0, "{} bytes: {line:.300}", line.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn op_16_a_flood_is_counted_and_hides_nothing_else() {
    leptos_auth_server::tls::install();
    let running = Program::new(&[]).start();
    let visitor = browser(&running);
    let begun = Instant::now();
    let floods: Vec<_> = (0..8)
        .map(|_| {
            let mut browser = visitor.clone();
            tokio::spawn(async move {
                let mut sent = 0;
                while begun.elapsed() < Duration::from_secs(4) {
                    refused(&mut browser, 0, sent).await;
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut person = visitor.clone();
    refused(&mut person, 4, 0).await;
    sign_in_demo(&mut person).await;
    let mut sent = 0;
    for flood in floods {
        sent += flood.await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    refused(&mut person, 0, 0).await;
    let seconds = begun.elapsed().as_secs_f64();
    let log = log_of(running);

    let written: Vec<_> = log.lines().filter(|line| line.contains("MissingCSRF")).collect();
    let left_out =
        |line: &&str| line.rsplit_once(" left_out=").map(|(_, count)| count.parse::<usize>().unwrap());
    let left_out: usize = written.iter().filter_map(left_out).sum();
    assert_eq!(written.len() + left_out, sent + 1, "each is written or counted");
    assert!(left_out > sent / 2, "control: it was a flood: {sent} sent, {left_out} left out");
    assert!((log.len() as f64) < BYTES * seconds, "{} bytes in {seconds} s", log.len());
    assert!(written.len() as f64 <= 50.0 * (seconds + 1.0), "{} lines in {seconds} s", written.len());
    let lines =
        |words: [&str; 2]| log.lines().filter(|line| words.iter().all(|word| line.contains(word))).count();
    assert_eq!(lines([" WARN ", "OAuthCallbackError"]), 1, "another kind is there");
    assert_eq!(lines([" INFO ", "signed_in"]), 1, "and a sign-in");
}
