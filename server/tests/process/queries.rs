//! What requests cost the database, counted in its driver's own log.

use crate::{
    program::{Program, Running, SECRET},
    support::{Browser, sign_in_demo, start_dev},
};

const ORIGIN: &str = "http://localhost:3000";

fn start() -> (Running, Browser) {
    leptos_auth_server::tls::install();
    let running = Program::new(&[
        ("AUTH_SECRET", SECRET),
        ("AUTH_URL", ORIGIN),
        ("RUST_LOG", "info,sqlx::query=debug"),
    ])
    .start();
    let browser = Browser::new(running.address.parse().unwrap(), ORIGIN);
    (running, browser)
}

/// The statements that a program sent, but for those that it sends by itself to remove what has expired.
fn statements(running: Running) -> Vec<String> {
    running.signal("TERM");
    let (_, _, log) = running.end();
    let is_own = |line: &&str| !line.contains("DELETE FROM") || !line.contains("<= $1");
    log.lines().filter(|line| line.contains("sqlx::query")).filter(is_own).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_session_is_read_by_one_query() {
    let counts = async |reads: usize| {
        let (running, mut browser) = start();
        sign_in_demo(&mut browser).await;
        for _ in 0..reads {
            assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
        }
        statements(running).len()
    };
    let (without, with) = (counts(0).await, counts(10).await);
    assert!(without > 0, "statements are counted");
    assert_eq!(with - without, 10);
}

#[tokio::test]
async fn a_first_sign_in_takes_few_queries() {
    let (running, mut browser) = start();
    start_dev(&mut browser, "ada").await;
    let before = statements(running);

    let (running, mut browser) = start();
    let back = start_dev(&mut browser, "ada").await;
    assert!(browser.get(&back).await.signs_in());
    // That the callback is used once, whose account it is, user and account in one transaction, the session.
    assert_eq!(statements(running).len() - before.len(), 5);
}
