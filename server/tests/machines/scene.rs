//! Three instances, a provider, and users whose requests the load balancer sends to a different instance each time.

use std::time::{Duration, Instant};

use leptos_auth::{ProviderToken, ProviderTokenError};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::{
    stores::Stores,
    support::{
        Browser, TestServer,
        evil_op::{ACCESS_TOKEN, Behavior, CLIENT_ID, CLIENT_SECRET, EvilProvider},
        query,
    },
};

/// What all machines are called from outside.
pub const ORIGIN: &str = "http://localhost:3000";
const MACHINES: usize = 3;
const ROUNDS: usize = 30;
/// The documentation promises a second for other machines; a busy one gets more.
const BOUND: Duration = Duration::from_secs(5);
/// The life of a token of the provider is 300 seconds.
const EXPIRED: i64 = 301;

/// Three servers on the same stores.
pub struct Scene {
    pub provider: EvilProvider,
    pub servers: Vec<TestServer>,
}

impl Scene {
    pub async fn new(stores: &Stores) -> Self {
        Self::with(stores, &[]).await
    }

    pub async fn with(stores: &Stores, changes: &[(&str, &str)]) -> Self {
        let provider = EvilProvider::start().await;
        let mut servers = Vec::new();
        for _ in 0..MACHINES {
            let variables = [&stores.variables(), &variables(&provider)[..], changes].concat();
            servers.push(TestServer::with(&variables).await);
        }
        Self { provider, servers }
    }

    /// They take turns.
    pub fn server(&self, number: usize) -> &TestServer {
        &self.servers[number % MACHINES]
    }

    /// Who sits before the next sign-ins.
    pub fn now(&self, name: &str) {
        let name = name.to_owned();
        self.provider
            .set(Behavior { claims: Box::new(move |claims| be(claims, &name)), ..Behavior::default() });
    }

    /// Signs somebody in, who begins at one machine and ends at the next.
    pub async fn signed_in(&self, number: usize, name: &str) -> Browser {
        self.now(name);
        let mut browser = self.server(number).browser().with_client(number as u64);
        let callback = begin(&mut browser, &self.provider).await;
        let mut browser = browser.at(self.server(number + 1));
        browser.get(&callback).await.assert_signed_in();
        browser
    }
}

/// What a machine has to know besides its stores.
pub fn variables(provider: &EvilProvider) -> [(&str, &str); 5] {
    [
        // The proxy in front of the instances, which reports the clients' addresses.
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("AUTH_URL", ORIGIN),
        ("AUTH_EOP_ISSUER", &provider.issuer),
        ("AUTH_EOP_ID", CLIENT_ID),
        ("AUTH_EOP_SECRET", CLIENT_SECRET),
    ]
}

/// The claims of the person of that name.
pub fn be(claims: &mut serde_json::Value, name: &str) {
    claims["sub"] = json!(name);
    claims["name"] = json!(name);
    claims["email"] = json!(format!("{name}@example.com"));
}

/// To the provider. The address that leads back.
pub async fn begin(browser: &mut Browser, provider: &EvilProvider) -> String {
    let started = browser.submit("/api/auth/signin/eop", &[("callbackUrl", "/account")]).await;
    callback_of(started.location(), provider)
}

/// What the provider sends back once the person agrees.
pub fn callback_of(authorization: &str, provider: &EvilProvider) -> String {
    let (code, state) = (provider.code_for(authorization), query(authorization, "state").unwrap());
    format!("/api/auth/callback/eop?code={code}&state={state}")
}

/// Asks for a mail; what its button sends, and its code.
pub async fn mail(
    server: &TestServer,
    browser: &mut Browser,
    address: &str,
) -> ([(&'static str, String); 3], String) {
    let asked = browser.submit("/api/auth/signin/email", &[("email", address)]).await;
    assert!(asked.location().contains("/verify-request"), "{asked:?}");
    let mail = server.mail_to(address).await;
    (mail.form(), mail.code())
}

/// Begins, proves and reads at three different machines: provider, link, code, and name with password.
pub async fn flows(stores: &Stores) {
    let scene = Scene::new(stores).await;
    for round in 0..ROUNDS {
        let name = format!("person-{round}");
        let [first, second, third] = [0, 1, 2].map(|number| scene.server(round + number));
        let browser = scene.signed_in(round, &name).await;
        assert_eq!(browser.at(third).name().await.as_ref(), Some(&name), "round {round}");

        let address = format!("{name}@example.org");
        let mut browser = first.browser();
        let (form, code) = mail(first, &mut browser, &address).await;
        let mut form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if round % 2 == 0 {
            form = vec![("code", &code)];
        }
        let mut browser = browser.at(second);
        browser.submit("/api/auth/callback/email", &form).await.assert_signed_in();
        assert_eq!(browser.at(third).who().await["user"]["email"], address, "round {round}");

        // A name may be tried ten times in a quarter of an hour.
        if round % 4 == 0 {
            let mut browser = first.browser();
            let token = browser.csrf().await;
            let form = [("csrfToken", token.as_str()), ("username", "demo"), ("password", "demo-password")];
            let mut browser = browser.at(second);
            browser.post("/api/auth/callback/credentials", &form).await.assert_signed_in();
            assert_eq!(browser.at(third).name().await.as_deref(), Some("Demo User"), "round {round}");
        }
    }
}

/// One session, and all of a person: over at every machine, for both kinds of sessions.
pub async fn ended(stores: &Stores) {
    for strategy in ["database", "jwt"] {
        let scene = Scene::with(stores, &[("AUTH_SESSION", strategy)]).await;
        let mut slowest = Duration::ZERO;
        for round in 0..6 {
            let name = format!("{strategy}-{round}");
            let (browser, other) =
                (scene.signed_in(round, &name).await, scene.signed_in(round + 1, &name).await);
            let mut bystander = scene.signed_in(round, &format!("bystander-{strategy}-{round}")).await;
            for number in 0..MACHINES {
                let mut there = browser.at(scene.server(number));
                assert_eq!(there.name().await.as_ref(), Some(&name), "control");
            }
            let mut ending = browser.at(scene.server(round));
            ending.submit("/api/auth/signout", &[]).await;
            slowest = slowest.max(scene.until_out(&browser).await);
            assert_eq!(other.clone().name().await.as_ref(), Some(&name), "control: only that one");

            let user = other.clone().who().await["user"]["id"].as_str().unwrap().to_owned();
            scene.server(round).auth.end_sessions(&user, None).await.unwrap();
            slowest = slowest.max(scene.until_out(&other).await);
            assert!(bystander.name().await.is_some(), "control: nobody else");
        }
        println!("{strategy}: what one machine ended was over at all of them after {slowest:?} at most");
        assert!(slowest < BOUND, "{slowest:?}");
    }
}

impl Scene {
    /// So many calls at once, the machines taking turns.
    fn ask_for_tokens(
        &self,
        count: usize,
        user: &str,
    ) -> Vec<JoinHandle<Result<ProviderToken, ProviderTokenError>>> {
        let call = |number| {
            let (auth, user) = (self.server(number).auth.clone(), user.to_owned());
            tokio::spawn(async move { auth.provider_token(&user, "eop").await })
        };
        (0..count).map(call).collect()
    }

    /// Waits until that copy of a session opens nothing anywhere; how long that took.
    pub async fn until_out(&self, copy: &Browser) -> Duration {
        let started = Instant::now();
        for server in &self.servers {
            while !copy.at(server).who().await.is_null() {
                assert!(started.elapsed() < 2 * BOUND, "still signed in");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        started.elapsed()
    }
}

/// A name may be tried ten times in all, wherever.
pub async fn limits(stores: &Stores) {
    let scene = Scene::new(stores).await;
    let mut words = Vec::new();
    for number in 0..15 {
        let mut browser = scene.server(number).browser();
        let form = [("username", "demo"), ("password", "wrong")];
        words.push(browser.submit("/api/auth/callback/credentials", &form).await.error().unwrap());
    }
    let (tried, refused) = words.split_at(10);
    assert!(refused.iter().all(|word| word == "RateLimited"), "{words:?}");
    assert!(tried.iter().all(|word| word == "CredentialsSignin"), "{words:?}");
}

/// A provider that rotates refresh tokens would take all of them back if two machines used one.
pub async fn refresh(stores: &Stores) {
    let scene = Scene::new(stores).await;
    let mut browser = scene.signed_in(0, "holder").await;
    let user = browser.who().await["user"]["id"].as_str().unwrap().to_owned();
    scene.provider.set(refreshing(Duration::from_millis(400), true));
    for round in 1..=3 {
        for server in &scene.servers {
            server.set_later(i64::try_from(round).unwrap() * EXPIRED);
        }
        for call in scene.ask_for_tokens(64, &user) {
            let token = call.await.unwrap().unwrap();
            assert_eq!(token.access_token.expose(), format!("{ACCESS_TOKEN}-{round}"));
        }
        assert_eq!(scene.provider.refreshes().len(), round);
    }
    assert_eq!(browser.name().await.as_deref(), Some("holder"));
}

/// A machine that dies in the middle of a refresh is waited for as long as it may take, and no longer.
pub async fn dead_refresh(stores: &Stores) {
    /// Longer than one machine alone may refresh, in seconds.
    const LEASE: i64 = 31;
    let scene = Scene::new(stores).await;
    let mut browser = scene.signed_in(0, "holder").await;
    let user = browser.who().await["user"]["id"].as_str().unwrap().to_owned();
    // All that the machine was doing ends with its runtime.
    let machine = tokio::runtime::Runtime::new().unwrap();
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let variables: Vec<_> =
        [&stores.variables(), &variables(&scene.provider)[..]].concat().iter().map(owned).collect();
    let server = machine.spawn(async move {
        let variables: Vec<_> = variables.iter().map(|(name, value)| (&**name, &**value)).collect();
        TestServer::with(&variables).await
    });
    let server = server.await.unwrap();
    scene.servers.iter().chain([&server]).for_each(|server| server.set_later(EXPIRED));
    scene.provider.set(refreshing(Duration::from_secs(60), false));
    let (auth, whose) = (server.auth.clone(), user.clone());
    let dying = machine.spawn(async move { auth.provider_token(&whose, "eop").await });
    while scene.provider.refreshes().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    machine.shutdown_background();
    assert!(dying.await.is_err_and(|end| end.is_cancelled()), "control: it was in the middle");

    scene.provider.set(refreshing(Duration::ZERO, false));
    let calls = scene.ask_for_tokens(32, &user);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(scene.provider.refreshes().len(), 1, "it might still be at it");
    scene.servers.iter().for_each(|server| server.set_later(EXPIRED + LEASE));
    for call in calls {
        let token = call.await.unwrap().unwrap();
        assert_eq!(token.access_token.expose(), format!("{ACCESS_TOKEN}-2"));
    }
    assert_eq!(scene.provider.refreshes().len(), 2, "one of those who waited");
    assert_eq!(browser.name().await.as_deref(), Some("holder"));
}

/// The provider of one person, who is called `holder`.
fn refreshing(delay: Duration, rotates: bool) -> Behavior {
    Behavior { claims: Box::new(|claims| be(claims, "holder")), delay, rotates, ..Behavior::default() }
}
