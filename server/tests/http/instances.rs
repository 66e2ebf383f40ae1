//! Two servers on one database, as behind a load balancer without sticky sessions (OP rows).

use crate::support::{Browser, TestServer, sign_in_demo, sign_in_dev, start_dev};

#[tokio::test]
async fn op_01_any_instance_goes_on_where_another_began() {
    let first = TestServer::start().await;
    let second = first.twin(&[]).await;
    let mut browser = first.browser();
    sign_in_dev(&mut browser, "ada").await;
    let mut there = browser.at(&second);
    assert_eq!(there.name().await.as_deref(), Some("Ada Lovelace"));

    let mut browser = first.browser();
    let token = browser.csrf().await;
    let mut there = browser.at(&second);
    let form = [("csrfToken", token.as_str()), ("username", "demo"), ("password", "demo-password")];
    assert!(there.post("/api/auth/callback/credentials", &form).await.signs_in());
    let mut here = there.at(&first);
    assert_eq!(here.name().await.as_deref(), Some("Demo User"));
}

#[tokio::test]
async fn op_02_signing_out_at_one_ends_it_at_all() {
    let first = TestServer::start().await;
    let second = first.twin(&[]).await;
    let mut browser = first.browser();
    sign_in_demo(&mut browser).await;
    let mut there = browser.at(&second);
    assert_eq!(there.name().await.as_deref(), Some("Demo User"), "control");
    browser.submit("/api/auth/signout", &[]).await;
    assert!(there.who().await.is_null());
}

#[tokio::test]
async fn rl_09_limits_are_shared() {
    let first = TestServer::start().await;
    let second = first.twin(&[]).await;
    let mut words = Vec::new();
    for number in 0..12 {
        let server = if number % 2 == 0 { &first } else { &second };
        let mut browser = Browser::new(server.address, &first.origin);
        let form = [("username", "demo"), ("password", "wrong")];
        words.push(browser.submit("/api/auth/callback/credentials", &form).await.error().unwrap());
    }
    assert_eq!(words.iter().filter(|word| *word == "RateLimited").count(), 2);
}

#[tokio::test]
async fn oa_03_a_callback_is_used_up_for_all() {
    let first = TestServer::start().await;
    let second = first.twin(&[]).await;
    let mut browser = first.browser();
    let back = start_dev(&mut browser, "ada").await;
    let mut there = browser.at(&second);
    assert!(browser.get(&back).await.signs_in());
    there.get(&back).await.assert_denied();
}

#[tokio::test]
async fn op_08_another_secret_is_nobody_and_no_loop() {
    let first = TestServer::start_jwt().await;
    let other = "u2Vb7Qx9Lm4Rt6Yw8Za1Kd3Hf5Ng0JpEsCi";
    let second = first.twin(&[("AUTH_SESSION", "jwt"), ("AUTH_SECRET", other)]).await;
    let mut browser = first.browser();
    sign_in_demo(&mut browser).await;
    let mut there = browser.at(&second);
    let page = there.get("/account").await;
    assert!(page.location().starts_with("/signin") || page.location().contains("/signin?"), "{page:?}");
    assert_eq!(there.get("/signin").await.status, 200, "and not back again");
    assert!(there.session_cookies().is_empty(), "the cookie that says nothing is removed");
    sign_in_demo(&mut there).await;
    assert_eq!(there.name().await.as_deref(), Some("Demo User"), "control");
}

/// The clocks are a minute and a half apart.
#[tokio::test]
async fn sk_04_sessions_in_the_database_do_not_mind_a_clock_that_is_behind() {
    let first = TestServer::start().await;
    let second = first.twin(&[]).await;
    first.set_later(90);
    let mut browser = first.browser();
    sign_in_demo(&mut browser).await;
    for _ in 0..3 {
        assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
        assert_eq!(browser.at(&second).name().await.as_deref(), Some("Demo User"));
    }
}
