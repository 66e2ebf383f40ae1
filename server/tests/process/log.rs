//! What the log must never hold (LG rows): a whole tour with everything logged, then a search for each secret.

use crate::{
    program::{Program, SECRET},
    support::{Browser, Mail, sign_in_demo, sign_in_dev},
};

const PASSWORD: &str = "canary-password-7391";
const WEBHOOK_SECRET: &str = "whsec_Y2FuYXJ5LW9mLXRoZS13ZWJob29rLTczOTE=";

/// Everything that was secret on the tour.
async fn tour(address: &str, origin: &str) -> Vec<String> {
    let mut browser = Browser::new(address.parse().unwrap(), origin);
    let mut secrets = vec![SECRET.to_owned(), PASSWORD.to_owned(), "canary-github-secret".to_owned()];
    secrets.push(WEBHOOK_SECRET.to_owned());
    let form = [("username", "demo"), ("password", PASSWORD)];
    browser.submit("/api/auth/callback/credentials", &form).await.assert_denied();
    sign_in_demo(&mut browser).await;
    secrets.push("demo-password".to_owned());
    browser.get("/account").await;
    secrets.extend(
        browser
            .jar
            .iter()
            .filter(|(name, _)| !name.contains("last-provider"))
            .map(|(_, value)| value.clone()),
    );

    browser.submit("/api/auth/signin/email", &[("email", "ada@example.com")]).await;
    let inbox = browser.get("/dev/inbox.json").await.json();
    let mail = Mail::from_json(&inbox[0]);
    secrets.extend([mail.token(), mail.code()]);
    browser.get(mail.link()).await;
    let landing = mail.link().replace("/api/auth/callback/email", "/signin/email-link");
    browser.get(&landing).await;
    browser.submit("/api/auth/callback/email", &[("token", "wrong"), ("email", "ada@example.com")]).await;
    let form = mail.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit("/api/auth/callback/email", &form).await;
    secrets.push(browser.session_cookie().unwrap().clone());

    sign_in_dev(&mut browser, "grace").await.assert_signed_in();
    secrets.push(browser.session_cookie().unwrap().clone());
    let started = browser.submit("/api/auth/signin/dev", &[]).await;
    for name in ["state", "nonce"] {
        secrets.push(crate::support::query(started.location(), name).unwrap());
    }
    browser.get("/api/auth/callback/dev?code=canary-code&state=canary-state").await.assert_denied();
    secrets.extend(["canary-code".to_owned(), "canary-state".to_owned()]);
    secrets.push(browser.csrf().await);
    let started = browser.submit("/api/auth/signin/dev", &[]).await;
    let state = crate::support::query(started.location(), "state").unwrap();
    let inject = format!("/api/auth/callback/dev?error=a%0d%0ainjected%1b%5b31m&state={state}");
    browser.get(&inject).await.assert_denied();
    browser.submit("/api/auth/signout", &[]).await;
    secrets.extend(tour_of_passwords(&mut browser).await);
    secrets
}

/// A new account, a wrong password, a reset and a change.
async fn tour_of_passwords(browser: &mut Browser) -> Vec<String> {
    const PHRASES: [&str; 4] =
        ["canary phrase 7392", "canary phrase 7393", "canary phrase 7394", "canary phrase 7395"];
    const ADDRESS: &str = "pat@example.com";
    let mut secrets: Vec<String> = PHRASES.map(str::to_owned).to_vec();
    let newest = async |browser: &mut Browser| {
        let inbox = browser.get("/dev/inbox.json").await.json();
        Mail::from_json(&inbox[0])
    };
    browser.submit("/api/auth/signup", &[("email", ADDRESS), ("password", PHRASES[0])]).await;
    let mail = newest(browser).await;
    secrets.extend([mail.token(), mail.code(), browser.jar["authjs.verify-request"].clone()]);
    browser.submit("/api/auth/callback/email", &[("code", &mail.code())]).await.assert_signed_in();
    let wrong = [("email", ADDRESS), ("password", PHRASES[1])];
    browser.submit("/api/auth/callback/password", &wrong).await.assert_denied();
    browser.submit("/api/auth/forgot-password", &[("email", ADDRESS)]).await;
    let token = newest(browser).await.token();
    let reset = [("token", token.as_str()), ("email", ADDRESS), ("password", PHRASES[2])];
    browser.submit("/api/auth/reset-password", &reset).await;
    let right = [("email", ADDRESS), ("password", PHRASES[2])];
    browser.submit("/api/auth/callback/password", &right).await.assert_signed_in();
    let change = [("currentPassword", PHRASES[2]), ("password", PHRASES[3])];
    browser.submit("/api/auth/account/password", &change).await;
    secrets.extend([token, browser.jar["authjs.known-browser"].clone()]);
    secrets
}

#[tokio::test(flavor = "multi_thread")]
async fn lg_01_lg_03_no_secret_is_ever_logged() {
    leptos_auth_server::tls::install();
    let running = Program::new(&[
        ("RUST_LOG", "trace"),
        ("AUTH_SECRET", SECRET),
        ("AUTH_GITHUB_ID", "id"),
        ("AUTH_GITHUB_SECRET", "canary-github-secret"),
        // Nobody is there: that the rows cannot be told is logged as well.
        ("AUTH_AUDIT_WEBHOOK_URL", "http://127.0.0.1:9/hook"),
        ("AUTH_AUDIT_WEBHOOK_SECRET", WEBHOOK_SECRET),
    ])
    .start();
    let port = running.address.rsplit_once(':').unwrap().1;
    let secrets = tour(&running.address, &format!("http://localhost:{port}")).await;
    running.signal("TERM");
    let (code, _, log) = running.end();
    assert_eq!(code, Some(0));
    assert!(log.contains("signed in") && log.contains("TRACE"), "control: the tour was logged");
    assert!(log.contains("the audit webhook did not take a row"), "control: the webhook was tried");
    for secret in &secrets {
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let bytes = format!("{:?}", secret.as_bytes());
        for form in [secret.as_str(), encoded.as_str(), bytes.trim_matches(['[', ']'])] {
            if let Some(line) = log.lines().find(|line| line.contains(form)) {
                panic!("{secret} is in the log: {line:.600}");
            }
        }
    }
    assert!(log.lines().all(|line| line.starts_with("20")), "LG-03: each record is one line");
    assert!(!log.contains('\u{1b}'), "LG-03: nothing controls the terminal");
}

#[tokio::test(flavor = "multi_thread")]
async fn lg_06_a_line_names_request_and_client() {
    leptos_auth_server::tls::install();
    let running = Program::new(&[]).start();
    let port = running.address.rsplit_once(':').unwrap().1;
    let mut browser = Browser::new(running.address.parse().unwrap(), &format!("http://localhost:{port}"));
    sign_in_demo(&mut browser).await;
    running.signal("TERM");
    let (_, _, log) = running.end();
    let line = log.lines().find(|line| line.contains("signed in")).expect("a line");
    for part in [
        "id=",
        "method=POST",
        "path=\"/api/auth/callback/credentials\"",
        "client=127.0.0.1",
        "provider=\"credentials\"",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
}
