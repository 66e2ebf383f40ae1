//! What requests cost the database, counted in the log of its driver.

use crate::{
    program::{Program, Running, SECRET},
    support::{Browser, sign_in_demo, start_dev},
};

const ORIGIN: &str = "http://localhost:3000";

fn start() -> (Running, Browser) {
    leptos_auth_server::tls::install();
    let variables = [("AUTH_SECRET", SECRET), ("AUTH_URL", ORIGIN), ("RUST_LOG", "info,sqlx::query=debug")];
    let running = Program::new(&variables).start();
    let browser = Browser::new(running.address.parse().unwrap(), ORIGIN);
    (running, browser)
}

/// The statements that the program sent, but for those that open a connection.
fn statements(running: Running) -> Vec<String> {
    running.signal("TERM");
    let (_, _, log) = running.end();
    let is_statement = |line: &&str| line.contains("sqlx::query") && !line.contains("PRAGMA");
    log.lines().filter(is_statement).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_session_is_read_by_one_query() {
    let (running, mut browser) = start();
    sign_in_demo(&mut browser).await;
    for _ in 0..10 {
        assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
    }
    let mut reads = statements(running);
    // Requests for the session have no name in the log; the sign-in before them has. The rest removes what has expired.
    let ignored = ["request{", "<= $1", "attempts", "CREATE TABLE", "auth_migrations"];
    reads.retain(|line| !ignored.iter().any(|word| line.contains(word)));
    assert_eq!(reads.len(), 10, "{reads:#?}");
}

#[tokio::test]
async fn a_first_sign_in_takes_six_queries() {
    let (running, mut browser) = start();
    let back = start_dev(&mut browser, "ada").await;
    assert!(browser.get(&back).await.signs_in());
    // That the callback is used once; whose the account is and, of a provider whose word on addresses does not count,
    // whether the address is somebody's; user and account in one transaction (one statement in PostgreSQL, so there are
    // five); the session; the row that it happened.
    let mut statements = statements(running);
    statements.retain(|line| line.contains("path=\"/api/auth/callback/dev\""));
    assert_eq!(statements.len(), 6, "{statements:#?}");
}
