//! Users who sign in whatever the database does, and the only responses that are allowed: a completed sign-in, or 503 with
//! `Retry-After`. Any other response fails the test.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use crate::support::{
    Answer, Browser, TestServer,
    evil_op::{Behavior, CLIENT_ID, CLIENT_SECRET, EvilProvider},
    query,
};

/// By when all must be well again after a fault has ended, without anybody's help.
pub const RECOVERY: Duration = Duration::from_secs(5);

/// The provider where people have their accounts.
pub struct People {
    provider: EvilProvider,
}

impl People {
    pub async fn start() -> Self {
        Self { provider: EvilProvider::start().await }
    }

    /// What the server has to know.
    pub fn variables<'v>(&'v self, changes: &[(&'v str, &'v str)]) -> Vec<(&'v str, &'v str)> {
        let provider = [
            ("AUTH_EOP_ISSUER", self.provider.issuer.as_str()),
            ("AUTH_EOP_ID", CLIENT_ID),
            ("AUTH_EOP_SECRET", CLIENT_SECRET),
        ];
        provider.into_iter().chain(changes.iter().copied()).collect()
    }

    /// Who sits before the next sign-ins. The name is all that differs between people.
    pub fn now(&self, name: &str) {
        let name = name.to_owned();
        let claims = move |claims: &mut serde_json::Value| {
            claims["sub"] = json!(name);
            claims["name"] = json!(name);
            claims["email"] = json!(format!("{name}@example.com"));
        };
        self.provider.set(Behavior { claims: Box::new(claims), ..Behavior::default() });
    }

    /// To the provider and back: what the last page said that was asked for.
    pub async fn try_sign_in(&self, browser: &mut Browser) -> Answer {
        match self.begin(browser).await {
            Ok(callback) => self.finish(browser, &callback).await,
            Err(away) => away,
        }
    }

    /// To the provider. The address that leads back, or the 503.
    pub async fn begin(&self, browser: &mut Browser) -> Result<String, Answer> {
        let answer = browser.submit("/api/auth/signin/eop", &[("callbackUrl", "/account")]).await;
        if answer.status != 302 {
            assert_is_away(&answer);
            return Err(answer);
        }
        let state = query(answer.location(), "state").unwrap();
        let code = self.provider.code_for(answer.location());
        Ok(format!("/api/auth/callback/eop?code={code}&state={state}"))
    }

    /// Back from the provider.
    pub async fn finish(&self, browser: &mut Browser, callback: &str) -> Answer {
        let answer = browser.get(callback).await;
        if !answer.signs_in() {
            assert_is_away(&answer);
        }
        answer
    }

    /// A person who tries again until it works; how long that took.
    pub async fn sign_in_patiently(&self, browser: &mut Browser) -> Duration {
        let started = Instant::now();
        loop {
            let answer = self.try_sign_in(browser).await;
            if answer.signs_in() {
                return started.elapsed();
            }
            assert!(started.elapsed() < 4 * RECOVERY, "still away: {answer:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// All is well again by itself, within the promised time: for whoever is signed in, for whoever comes, and for the
    /// load balancer.
    pub async fn assert_recovers(&self, server: &TestServer, visitor: &mut Browser, name: &str) {
        let started = Instant::now();
        assert_eq!(self.name_when_back(visitor).await.as_deref(), Some(name), "still the same person");
        self.now(name);
        self.sign_in_patiently(&mut server.browser()).await;
        assert!(started.elapsed() < RECOVERY, "{:?}", started.elapsed());
        assert_eq!(server.browser().get("/ready").await.status, 200);
    }

    /// Reads the session once the database is back.
    pub async fn name_when_back(&self, browser: &mut Browser) -> Option<String> {
        let started = Instant::now();
        loop {
            let answer = browser.get("/api/auth/session").await;
            if answer.status == 200 {
                return answer.json()["user"]["name"].as_str().map(str::to_owned);
            }
            assert_is_away(&answer);
            assert!(started.elapsed() < RECOVERY, "the session cannot be read");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Asserts that requests which need the session get 503 within the time limit of a call, and keep the session cookie.
pub async fn assert_is_away_for(visitor: &Browser) {
    // In parallel: each waits for the database on its own.
    let asked = ["/api/auth/session", "/account", "/api/me"].map(|path| {
        let mut visitor = visitor.clone();
        let cookie = visitor.session_cookie().cloned();
        async move {
            let started = Instant::now();
            assert_is_away(&visitor.get(path).await);
            assert!(started.elapsed() < Duration::from_secs(12), "{path}: {:?}", started.elapsed());
            assert_eq!(visitor.session_cookie(), cookie.as_ref(), "{path}: the user stays signed in");
        }
    });
    join_all(asked).await;
}

/// 503, when to come back, no session cookie touched, and no word of the inside.
#[track_caller]
pub fn assert_is_away(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.headers.contains_key("retry-after"), "{answer:?}");
    let touched = answer.set_cookies().into_iter().find(|cookie| cookie.contains("session-token"));
    assert_eq!(touched, None, "{answer:?}");
    let body = answer.body.to_lowercase();
    for word in
        ["mysql", "mariadb", "sqlite", "postgres", "redis", "locked", "connection", "timeout", "timed out"]
    {
        assert!(!body.contains(word), "{word}: {answer:?}");
    }
    // As whole words: a token in the page may spell something so short by chance.
    for word in body.split(|letter: char| !letter.is_alphanumeric()) {
        assert!(!["sql", "sqlx", "sqlstate"].contains(&word), "{word}: {answer:?}");
    }
}
