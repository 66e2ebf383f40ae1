//! Whole sign-ins.

use serde_json::Value;

use super::{Answer, Browser, TestServer, query};

/// A mail of the inbox.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Mail {
    pub fn from_json(mail: &Value) -> Self {
        let text = |name: &str| mail[name].as_str().unwrap().to_owned();
        Self { to: text("to"), subject: text("subject"), text: text("text"), html: text("html") }
    }

    /// The link.
    pub fn link(&self) -> &str {
        self.text.lines().find(|line| line.starts_with("http")).expect("a link")
    }

    /// The token in the link.
    pub fn token(&self) -> String {
        query(self.link(), "token").expect("a token")
    }

    /// The code, without its space.
    pub fn code(&self) -> String {
        self.subject
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == ' ')
            .filter(char::is_ascii_digit)
            .collect()
    }

    /// The fields that the button behind the link sends.
    pub fn form(&self) -> [(&'static str, String); 3] {
        ["token", "email", "callbackUrl"].map(|name| (name, query(self.link(), name).unwrap_or_default()))
    }
}

/// As the demo user, by name and password.
pub async fn sign_in_demo(browser: &mut Browser) -> Answer {
    let form = [("username", "demo"), ("password", "demo-password")];
    let answer = browser.submit("/api/auth/callback/credentials", &form).await;
    assert!(answer.signs_in(), "{answer:?}");
    answer
}

/// By the link of a mail.
pub async fn sign_in_email(server: &TestServer, browser: &mut Browser, address: &str) -> Answer {
    let asked = browser.submit("/api/auth/signin/email", &[("email", address)]).await;
    assert!(asked.location().contains("/verify-request"), "{asked:?}");
    let form = server.mail_to(address).await.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit("/api/auth/callback/email", &form).await;
    assert!(answer.signs_in(), "{answer:?}");
    answer
}

/// At the development provider, up to the address that leads back.
pub async fn start_dev(browser: &mut Browser, persona: &str) -> String {
    let started = browser.submit("/api/auth/signin/dev", &[("callbackUrl", "/account")]).await;
    assert_eq!(started.status, 302, "{started:?}");
    let authorize = started.location().to_owned();
    let page = browser.get(&authorize).await;
    assert!(page.status == 200 && page.body.contains("Ada Lovelace"), "{page:?}");
    let (_, request) = authorize.split_once('?').unwrap();
    let decided = browser.post("/dev/idp/authorize", &[("request", request), ("persona", persona)]).await;
    assert_eq!(decided.status, 303, "{decided:?}");
    decided.location().to_owned()
}

/// At the development provider.
pub async fn sign_in_dev(browser: &mut Browser, persona: &str) -> Answer {
    let back = start_dev(browser, persona).await;
    let answer = browser.get(&back).await;
    assert!(answer.signs_in(), "{answer:?}");
    answer
}
