//! What an operator reads when a clock is wrong (SK-02): here it is the provider's, which comes to the same.

use serde_json::json;

use crate::{
    program::Program,
    support::{
        Browser,
        evil_op::{Behavior, CLIENT_ID, CLIENT_SECRET, EvilProvider},
        query,
    },
};

async fn sign_in(provider: &EvilProvider, browser: &mut Browser) -> bool {
    let started = browser.submit("/api/auth/signin/eop", &[]).await;
    let (code, state) = (provider.code_for(started.location()), query(started.location(), "state").unwrap());
    browser.get(&format!("/api/auth/callback/eop?code={code}&state={state}")).await.signs_in()
}

#[tokio::test(flavor = "multi_thread")]
async fn sk_02_the_log_says_once_that_a_clock_is_wrong() {
    leptos_auth_server::tls::install();
    let provider = EvilProvider::start().await;
    let running = Program::new(&[
        ("AUTH_EOP_ISSUER", provider.issuer.as_str()),
        ("AUTH_EOP_ID", CLIENT_ID),
        ("AUTH_EOP_SECRET", CLIENT_SECRET),
    ])
    .start();
    let port = running.address.rsplit_once(':').unwrap().1;
    let mut browser = Browser::new(running.address.parse().unwrap(), &format!("http://localhost:{port}"));
    assert!(sign_in(&provider, &mut browser).await, "control");
    for (seconds, life) in [(600, 300), (-600, 300), (-600, 3600)] {
        let claims = move |claims: &mut serde_json::Value| {
            let made = claims["iat"].as_i64().unwrap() + seconds;
            claims["iat"] = json!(made);
            claims["exp"] = json!(made + life);
        };
        provider.set(Behavior { claims: Box::new(claims), ..Behavior::default() });
        assert!(!sign_in(&provider, &mut browser).await, "{seconds} s, tokens for {life} s");
    }
    running.signal("TERM");
    let (_, _, log) = running.end();
    let hints: Vec<_> = log.lines().filter(|line| line.contains("clock")).collect();
    assert_eq!(hints.len(), 3, "one for each refusal, none for the control: {log}");
    assert!(hints.iter().all(|line| line.contains("WARN") && line.contains("/api/auth/callback/eop")));
}
