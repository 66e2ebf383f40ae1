//! What an application decides and hears of, as its owner would write it in `server/src/auth.rs`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use leptos_auth::{
    CallbackError, Callbacks, Events, JwtContext, JwtTrigger, SessionSource, SignInAttempt, SignInDecision,
    SignInEvent, Token,
    adapter::{Account, User},
    async_trait,
    types::Session,
};
use serde_json::json;
use url::Url;

use crate::support::{Browser, TestServer, sign_in_demo, sign_in_dev, sign_in_email, start_dev};

const DEMO: [(&str, &str); 2] = [("username", "demo"), ("password", "demo-password")];
const STRATEGIES: [&str; 2] = ["database", "jwt"];

/// Everything that was asked and told, in order.
#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<String>>>);

impl Record {
    fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl Callbacks for Record {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let profile = attempt.profile.map_or("-", |profile| profile["sub"].as_str().unwrap_or("?"));
        self.add(format!(
            "sign_in? {} new={} request={} account={} profile={profile}",
            attempt.provider,
            attempt.is_new,
            attempt.is_request,
            attempt.account.is_some()
        ));
        Ok(SignInDecision::Allow)
    }

    async fn jwt(&self, token: &mut Token, context: JwtContext<'_>) -> Result<(), CallbackError> {
        self.add(format!("jwt {:?} account={}", context.trigger, context.account.is_some()));
        if let (JwtTrigger::Update, Some(data)) = (context.trigger, context.data) {
            token.claims.insert("theme".to_owned(), data["theme"].clone());
        }
        Ok(())
    }

    async fn session(&self, session: &mut Session, source: SessionSource<'_>) -> Result<(), CallbackError> {
        match source {
            SessionSource::Token(token) => {
                session
                    .user
                    .claims
                    .extend(token.claims.get("theme").map(|theme| ("theme".to_owned(), theme.clone())));
            }
            SessionSource::User(user) => {
                session.user.claims.insert("verified".to_owned(), user.email_verified.is_some().into());
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Events for Record {
    async fn sign_in(&self, event: SignInEvent<'_>) {
        self.add(format!("sign_in {} new={}", event.provider, event.is_new_user));
    }
    async fn sign_out(&self, _: &str) {
        self.add("sign_out");
    }
    async fn create_user(&self, _: &User) {
        self.add("create_user");
    }
    async fn update_user(&self, user: &User) {
        self.add(format!("update_user {}", user.name.as_deref().unwrap_or_default()));
    }
    async fn link_account(&self, _: &User, account: &Account) {
        self.add(format!("link_account {}", account.provider));
    }
}

async fn recorded(strategy: &str) -> (TestServer, Record) {
    let record = Record::default();
    let hooks = record.clone();
    let server = TestServer::extended(&[("AUTH_SESSION", strategy)], move |builder| {
        builder.callbacks(hooks.clone()).events(hooks)
    })
    .await;
    (server, record)
}

#[tokio::test]
async fn each_is_called_once_and_in_order() {
    for strategy in STRATEGIES {
        let (server, record) = recorded(strategy).await;
        let jwt = |line: &str| (strategy == "jwt").then(|| line.to_owned());
        let mut browser = server.browser();
        sign_in_dev(&mut browser, "ada").await;
        let mut expected = vec![
            "sign_in? dev new=true request=false account=true profile=ada",
            "create_user",
            "link_account dev",
        ];
        let made = jwt("jwt SignUp account=true");
        expected.extend(made.as_deref());
        expected.push("sign_in dev new=true");
        assert_eq!(record.take(), expected, "{strategy}");

        browser.submit("/api/auth/signout", &[]).await;
        assert_eq!(record.take(), ["sign_out"]);
        browser.submit("/api/auth/signout", &[]).await;
        assert!(record.take().is_empty(), "nobody was signed in");

        sign_in_dev(&mut browser, "ada").await;
        let made = jwt("jwt SignIn account=true");
        let mut expected = vec!["sign_in? dev new=false request=false account=true profile=ada"];
        expected.extend(made.as_deref());
        expected.push("sign_in dev new=false");
        assert_eq!(record.take(), expected, "{strategy}");

        sign_in_email(&server, &mut browser, "grace@example.com").await;
        let asked = record.take();
        assert_eq!(asked[0], "sign_in? email new=true request=true account=false profile=-");
        assert_eq!(asked[1], "sign_in? email new=true request=false account=false profile=-");
    }
}

#[tokio::test]
async fn update_with_data_reaches_the_token_and_the_session() {
    let (server, record) = recorded("jwt").await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    record.take();
    let session = browser.submit_json("/api/auth/session", json!({ "data": { "theme": "dark" } })).await;
    assert_eq!(session.json()["user"]["theme"], "dark");
    assert_eq!(record.take(), ["jwt Update account=false"]);
    assert_eq!(browser.who().await["user"]["theme"], "dark", "it stays");
    assert!(record.take().is_empty(), "reading calls no jwt callback");
}

#[tokio::test]
async fn server_code_changes_a_user_and_a_session() {
    for strategy in STRATEGIES {
        let (server, record) = recorded(strategy).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let user = browser.who().await["user"]["id"].as_str().unwrap().to_owned();
        record.take();
        let changed = server.auth.update_user(&user, Some("Augusta".to_owned()), None).await.unwrap();
        assert_eq!(changed.unwrap().name.as_deref(), Some("Augusta"));
        assert_eq!(record.take(), ["update_user Augusta"]);
        assert_eq!(browser.name().await.as_deref(), Some("Augusta"), "{strategy}: with the next request");
        assert!(server.auth.update_user("nobody", None, None).await.unwrap().is_none());
    }
    let (server, _) = recorded("jwt").await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let data = json!({ "theme": "dark" });
    let updated = server.auth.update(&browser.headers(), Some(&data)).await.unwrap();
    assert_eq!(updated.session.unwrap().user.claims["theme"], "dark");
    assert_eq!(updated.set_cookies.len(), 1, "for the answer");
}

#[tokio::test]
async fn a_database_session_shows_what_the_session_callback_adds() {
    let (server, _) = recorded("database").await;
    let mut browser = server.browser();
    sign_in_email(&server, &mut browser, "grace@example.com").await;
    assert_eq!(browser.who().await["user"]["verified"], true);
    let page = browser.get("/account").await;
    assert!(page.body.contains("grace@example.com"), "and the pages work");
}

/// What one callback says to everything.
struct Says(fn() -> Result<SignInDecision, CallbackError>);

#[async_trait]
impl Callbacks for Says {
    async fn sign_in(&self, _: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        (self.0)()
    }
}

async fn that_says(decide: fn() -> Result<SignInDecision, CallbackError>) -> TestServer {
    TestServer::extended(&[], move |builder| builder.callbacks(Says(decide))).await
}

#[tokio::test]
async fn who_is_denied_leaves_nothing_behind() {
    let server = that_says(|| Ok(SignInDecision::Deny)).await;
    let mut browser = server.browser();
    let answer = browser.submit("/api/auth/callback/credentials", &DEMO).await;
    assert_eq!(answer.error().as_deref(), Some("AccessDenied"));
    let back = start_dev(&mut browser, "ada").await;
    assert_eq!(browser.get(&back).await.error().as_deref(), Some("AccessDenied"));
    let asked = browser.submit("/api/auth/signin/email", &[("email", "ada@example.com")]).await;
    assert_eq!(asked.error().as_deref(), Some("AccessDenied"));
    assert!(server.mails().await.is_empty(), "no mail to who may not come in");
    let rows = server.rows().await;
    assert_eq!((rows.users, rows.accounts, rows.sessions, rows.tokens), (0, 0, 0, 0));
    assert!(browser.who().await.is_null());
}

#[tokio::test]
async fn who_is_sent_elsewhere_is_not_signed_in() {
    for (to, expected) in
        [("/signup?from=x", "{origin}/signup?from=x"), ("https://elsewhere.test/", "https://elsewhere.test/")]
    {
        let decide = if to.starts_with('/') {
            || Ok(SignInDecision::Redirect("/signup?from=x".to_owned()))
        } else {
            || Ok(SignInDecision::Redirect("https://elsewhere.test/".to_owned()))
        };
        let server = that_says(decide).await;
        let mut browser = server.browser();
        let answer = browser.submit("/api/auth/callback/credentials", &DEMO).await;
        assert_eq!(answer.status, 302);
        assert_eq!(answer.location(), expected.replace("{origin}", &server.origin));
        assert!(!answer.signs_in());
    }
}

#[tokio::test]
async fn a_limit_of_the_callback_shortens_the_session() {
    let server = that_says(|| Ok(SignInDecision::AllowFor(Duration::from_secs(60)))).await;
    let mut browser = server.browser();
    let answer = sign_in_demo(&mut browser).await;
    assert!(
        answer
            .set_cookies()
            .iter()
            .any(|cookie| cookie.contains("session-token") && cookie.contains("Max-Age=60"))
    );
    server.set_later(29);
    assert!(!browser.who().await.is_null(), "control");
    server.set_later(61);
    assert!(browser.who().await.is_null());
}

#[tokio::test]
async fn a_callback_that_fails_panics_or_hangs_refuses_this_request_only() {
    let decisions: [fn() -> Result<SignInDecision, CallbackError>; 2] =
        [|| Err("canary: the table of members is locked".into()), || panic!("canary")];
    for decide in decisions {
        let server = that_says(decide).await;
        let mut browser = server.browser();
        let answer = browser.submit("/api/auth/callback/credentials", &DEMO).await;
        assert_eq!(answer.error().as_deref(), Some("Configuration"));
        assert!(!answer.signs_in() && !answer.location().contains("canary"));
        assert_eq!(server.rows().await.users, 0);
        assert_eq!(browser.get("/signin").await.status, 200, "and the next request is served");
    }
}

/// Fails while a session is read, once it is told to.
#[derive(Clone, Default)]
struct Fragile(Arc<std::sync::atomic::AtomicU8>);

#[async_trait]
impl Callbacks for Fragile {
    async fn session(&self, _: &mut Session, _: SessionSource<'_>) -> Result<(), CallbackError> {
        match self.0.load(std::sync::atomic::Ordering::Relaxed) {
            0 => Ok(()),
            1 => Err("broken".into()),
            2 => panic!("broken"),
            _ => std::future::pending().await,
        }
    }
}

#[tokio::test]
async fn az_05_a_failing_session_callback_signs_nobody_in_or_out() {
    for strategy in STRATEGIES {
        let fragile = Fragile::default();
        let callbacks = fragile.clone();
        let server =
            TestServer::extended(&[("AUTH_SESSION", strategy)], |builder| builder.callbacks(callbacks)).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        for failure in [1, 2, 3] {
            fragile.0.store(failure, std::sync::atomic::Ordering::Relaxed);
            let answer = browser.get("/api/auth/session").await;
            assert!(answer.status >= 500, "{strategy}, {failure}: {answer:?}");
            assert!(answer.set_cookies().is_empty(), "the cookie stays");
            let private = browser.get("/api/me").await;
            assert!(private.status >= 500 && !private.body.contains("Demo User"), "{private:?}");
            fragile.0.store(0, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
        }
    }
}

/// Allows one other site besides our own.
struct Docs;

#[async_trait]
impl Callbacks for Docs {
    async fn redirect(&self, url: &str, _: &Url) -> Result<Option<Url>, CallbackError> {
        let url = Url::parse(url).ok();
        Ok(url.filter(|url| url.origin().ascii_serialization() == "https://docs.example.com"))
    }
}

async fn after_sign_in(browser: &mut Browser, target: &str) -> String {
    let form = [DEMO[0], DEMO[1], ("callbackUrl", target)];
    // The first sign-in goes by way of the welcome page.
    browser.submit("/api/auth/callback/credentials", &form).await;
    browser.submit("/api/auth/callback/credentials", &form).await.location().to_owned()
}

#[tokio::test]
async fn rd_17_the_redirect_callback_opens_one_door_and_no_other() {
    let server = TestServer::extended(&[], |builder| builder.callbacks(Docs)).await;
    let mut browser = server.browser();
    for (target, expected) in [
        ("https://docs.example.com/guide", "https://docs.example.com/guide".to_owned()),
        ("/account", format!("{}/account", server.origin)),
        ("https://docs.example.com.evil.test/", format!("{}/", server.origin)),
        ("https://evil.test/?https://docs.example.com", format!("{}/", server.origin)),
        ("//evil.test", format!("{}/", server.origin)),
    ] {
        assert_eq!(after_sign_in(&mut browser, target).await, expected, "{target}");
    }
    let strict = TestServer::start().await;
    let denied = after_sign_in(&mut strict.browser(), "https://docs.example.com/guide").await;
    assert_eq!(denied, format!("{}/", strict.origin), "control: without the callback");
}

#[tokio::test]
async fn the_starter_gives_roles_by_proven_address() {
    for strategy in STRATEGIES {
        let server =
            TestServer::with(&[("AUTH_SESSION", strategy), ("ADMIN_EMAILS", "Grace@Example.com, x@y.test")])
                .await;
        let (mut grace, mut demo) = (server.browser(), server.browser());
        sign_in_email(&server, &mut grace, "grace@example.com").await;
        assert_eq!(grace.who().await["user"]["role"], "admin", "{strategy}");
        sign_in_demo(&mut demo).await;
        assert_eq!(demo.who().await["user"]["role"], "member", "{strategy}");
    }
    // The demo user only claims demo@example.com: nobody has proven it.
    let server = TestServer::with(&[("ADMIN_EMAILS", "demo@example.com")]).await;
    let mut demo = server.browser();
    sign_in_demo(&mut demo).await;
    assert_eq!(demo.who().await["user"]["role"], "member");
}
