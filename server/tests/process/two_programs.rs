//! Two programs on one database, as behind a load balancer: what one ends is over at the other.

use std::time::{Duration, Instant};

use crate::{
    program::{Program, Running, SECRET},
    support::{Browser, sign_in_demo},
};

const ORIGIN: &str = "http://localhost:3000";

fn start(database: &str) -> Running {
    let variables =
        [("AUTH_SECRET", SECRET), ("AUTH_URL", ORIGIN), ("AUTH_SESSION", "jwt"), ("DATABASE_URL", database)];
    Program::new(&variables).start()
}

fn at(program: &Running, browser: &Browser) -> Browser {
    browser.at_address(program.address.parse().unwrap())
}

#[tokio::test]
async fn se_06_op_02_a_session_that_one_program_ends_is_over_at_the_other() {
    leptos_auth_server::tls::install();
    let folder = std::env::temp_dir().join(format!("leptos-auth-two-{}", std::process::id()));
    let database = format!("sqlite://{}", folder.join("shared.db").display());
    let (first, second) = (start(&database), start(&database));
    let mut browser = Browser::new(first.address.parse().unwrap(), ORIGIN);
    sign_in_demo(&mut browser).await;
    let copy = browser.clone();
    assert_eq!(at(&second, &copy).name().await.as_deref(), Some("Demo User"), "control");

    browser.submit("/api/auth/signout", &[]).await;
    let ended = Instant::now();
    assert!(at(&first, &copy).who().await.is_null(), "at once where it was ended");
    while !at(&second, &copy).who().await.is_null() {
        assert!(ended.elapsed() < Duration::from_secs(10), "still signed in");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(ended.elapsed() < Duration::from_secs(5), "within a second, and some for a busy machine");

    // One that starts later knows before its first answer; one that is killed takes nothing along.
    second.signal("KILL");
    let third = start(&database);
    assert!(at(&third, &copy).who().await.is_null());
    let mut again = Browser::new(third.address.parse().unwrap(), ORIGIN);
    sign_in_demo(&mut again).await;
    assert_eq!(at(&first, &again).name().await.as_deref(), Some("Demo User"));
    std::fs::remove_dir_all(&folder).unwrap();
}
