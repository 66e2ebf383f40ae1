//! Sessions that end before they expire: immediately on this instance, within a second on others.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, header};
use leptos_auth::{
    Auth,
    clock::{Clock, SystemClock, Timestamp},
    provider::{AuthorizedUser, CredentialsProvider},
    types::DeviceSession,
};

use leptos_auth_server::startup::Application;

use crate::support::{Browser, TestServer, evidence, scaled, sign_in_demo, sign_in_email};

const STRATEGIES: [&str; 2] = ["database", "jwt"];
/// The documentation promises a second for other instances; a busy machine gets more.
const BOUND: Duration = Duration::from_secs(5);

/// Waits until nobody is signed in there; how long that took.
async fn until_out(browser: &mut Browser) -> Duration {
    let start = Instant::now();
    while !browser.clone().who().await.is_null() {
        assert!(start.elapsed() < Duration::from_secs(10), "still signed in");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    start.elapsed()
}

async fn user_id(browser: &mut Browser) -> String {
    browser.who().await["user"]["id"].as_str().unwrap().to_owned()
}

async fn sessions(server: &TestServer, browser: &mut Browser) -> Vec<DeviceSession> {
    let headers = browser.headers();
    let read = server.auth.session(&headers).await.unwrap();
    let user = read.session.unwrap().user.id;
    server.auth.sessions(&user, read.details.as_ref()).await.unwrap()
}

#[tokio::test]
async fn se_05_a_copied_stateless_token_dies_with_the_session() {
    let first = TestServer::start_jwt().await;
    let second = first.twin(&[("AUTH_SESSION", "jwt")]).await;
    let mut browser = first.browser();
    sign_in_demo(&mut browser).await;
    let mut copy = browser.clone();
    let mut elsewhere = browser.at(&second);
    assert_eq!(elsewhere.name().await.as_deref(), Some("Demo User"), "control");
    browser.submit("/api/auth/signout", &[]).await;
    assert!(copy.clone().who().await.is_null(), "at once where it was ended");
    assert!(copy.who().await.is_null());
    assert!(copy.session_cookies().is_empty(), "and the dead cookie is removed");
    assert!(until_out(&mut elsewhere).await < BOUND, "on another instance");
}

#[tokio::test]
async fn se_05_without_a_database_this_process_knows() {
    let server = TestServer::with(&[("DATABASE_URL", "")]).await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let mut copy = browser.clone();
    assert_eq!(copy.name().await.as_deref(), Some("Demo User"), "control");
    browser.submit("/api/auth/signout", &[]).await;
    assert!(copy.who().await.is_null());
}

#[tokio::test]
async fn op_06_what_was_ended_stays_ended_after_a_restart() {
    let first = TestServer::start_jwt().await;
    let (mut ended, mut running) = (first.browser(), first.browser());
    sign_in_demo(&mut ended).await;
    sign_in_demo(&mut running).await;
    let copy = ended.clone();
    ended.submit("/api/auth/signout", &[]).await;
    // It knows before it answers its first request.
    let restarted = first.twin(&[("AUTH_SESSION", "jwt")]).await;
    assert!(copy.at(&restarted).who().await.is_null());
    assert_eq!(running.at(&restarted).name().await.as_deref(), Some("Demo User"), "control");
}

#[tokio::test]
async fn se_16_a_user_sees_and_ends_single_sessions() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (mut laptop, mut phone, mut other) = (server.browser(), server.browser(), server.browser());
        laptop.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
        phone.user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
        sign_in_demo(&mut laptop).await;
        sign_in_demo(&mut phone).await;
        sign_in_email(&server, &mut other, "grace@example.com").await;

        let list = sessions(&server, &mut laptop).await;
        assert_eq!(list.len(), 2, "{list:?}");
        let (here, there): (Vec<_>, Vec<_>) = list.into_iter().partition(|session| session.is_current);
        assert_eq!(here[0].device.as_deref(), Some("Firefox on Linux"));
        assert_eq!(there[0].device.as_deref(), Some("Safari on iPhone"));
        assert_eq!(
            (there[0].address.as_deref(), there[0].provider.as_str()),
            (Some("127.0.0.1"), "credentials")
        );

        // AZ-02: the session of somebody else is not theirs to end.
        let user = user_id(&mut laptop).await;
        let foreign = sessions(&server, &mut other).await.remove(0);
        assert!(!server.auth.end_session(&user, &foreign.id).await.unwrap());
        assert!(!server.auth.end_session(&user, "nonsense").await.unwrap());
        assert!(server.auth.end_session(&user, &there[0].id).await.unwrap());
        assert!(phone.who().await.is_null(), "{strategy}");
        assert_eq!(laptop.name().await.as_deref(), Some("Demo User"));
        assert!(!other.who().await.is_null());
        assert_eq!(sessions(&server, &mut laptop).await.len(), 1);
    }
}

#[tokio::test]
async fn se_06_signing_out_everywhere_spares_one_and_others() {
    for strategy in STRATEGIES {
        let first = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let second = first.twin(&[("AUTH_SESSION", strategy)]).await;
        let (mut here, mut there, mut other) = (first.browser(), second.browser(), first.browser());
        sign_in_demo(&mut here).await;
        let mut there = {
            sign_in_demo(&mut there).await;
            there
        };
        sign_in_email(&first, &mut other, "grace@example.com").await;
        let details = first.auth.session(&here.headers()).await.unwrap().details.unwrap();
        first.auth.end_sessions(&user_id(&mut here).await, Some(&details)).await.unwrap();
        assert!(until_out(&mut there).await < BOUND, "{strategy}");
        assert_eq!(here.name().await.as_deref(), Some("Demo User"), "{strategy}: the one that asked");
        assert!(!other.who().await.is_null(), "{strategy}: somebody else");
        sign_in_demo(&mut there).await;
        assert_eq!(there.name().await.as_deref(), Some("Demo User"), "{strategy}: back in");
    }
}

#[tokio::test]
async fn se_12_disabling_a_user_ends_all_and_leaves_no_way_back() {
    use leptos_auth::{CallbackError, Callbacks, SignInAttempt, SignInDecision, async_trait};
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    struct Disabled(Arc<AtomicBool>);
    #[async_trait]
    impl Callbacks for Disabled {
        async fn sign_in(&self, _: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
            Ok(if self.0.load(Ordering::Relaxed) { SignInDecision::Deny } else { SignInDecision::Allow })
        }
    }
    for strategy in STRATEGIES {
        let disabled = Arc::new(AtomicBool::new(false));
        let callbacks = Disabled(disabled.clone());
        let server =
            TestServer::extended(&[("AUTH_SESSION", strategy)], |builder| builder.callbacks(callbacks)).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let user = user_id(&mut browser).await;
        disabled.store(true, Ordering::Relaxed);
        server.auth.end_sessions(&user, None).await.unwrap();
        assert!(browser.who().await.is_null(), "{strategy}");
        let form = [("username", "demo"), ("password", "demo-password")];
        let answer = browser.submit("/api/auth/callback/credentials", &form).await;
        assert_eq!(answer.error().as_deref(), Some("AccessDenied"));
        assert!(!answer.signs_in());
    }
}

#[tokio::test]
async fn se_17_a_change_of_role_shows_with_the_next_request() {
    use leptos_auth::{
        CallbackError, Callbacks, JwtContext, SessionSource, Token, async_trait, types::Session,
    };
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    struct Role(Arc<AtomicBool>);
    #[async_trait]
    impl Callbacks for Role {
        async fn jwt(&self, token: &mut Token, _: JwtContext<'_>) -> Result<(), CallbackError> {
            let role = if self.0.load(Ordering::Relaxed) { "admin" } else { "member" };
            token.claims.insert("role".to_owned(), role.into());
            Ok(())
        }
        async fn session(
            &self,
            session: &mut Session,
            source: SessionSource<'_>,
        ) -> Result<(), CallbackError> {
            if let SessionSource::Token(token) = source {
                session.user.claims.insert("role".to_owned(), token.claims["role"].clone());
            }
            Ok(())
        }
    }
    let is_admin = Arc::new(AtomicBool::new(true));
    let callbacks = Role(is_admin.clone());
    let first =
        TestServer::extended(&[("AUTH_SESSION", "jwt")], |builder| builder.callbacks(callbacks)).await;
    let mut browser = first.browser();
    sign_in_demo(&mut browser).await;
    let user = user_id(&mut browser).await;
    assert_eq!(browser.who().await["user"]["role"], "admin");
    is_admin.store(false, Ordering::Relaxed);
    assert_eq!(browser.who().await["user"]["role"], "admin", "nobody was told");
    first.auth.user_changed(&user).await.unwrap();
    assert_eq!(browser.who().await["user"]["role"], "member");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(browser.get("/api/auth/session").await.signs_in(), "a token of the same second is made anew");
    assert!(!browser.get("/api/auth/session").await.signs_in(), "and then it is good");
    assert_eq!(browser.who().await["user"]["role"], "member");
}

/// Pairs of a renewal and an end at the same moment, without HTTP between them and on a disk of memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn se_18_cc_06_a_renewal_never_revives_an_ended_session() {
    let rounds = scaled("EVIDENCE_RENEWALS", 300) as usize;
    for strategy in STRATEGIES {
        let folder = std::path::Path::new("/dev/shm");
        let folder = if folder.is_dir() { folder.to_owned() } else { std::env::temp_dir() };
        let file = folder.join(format!("leptos-auth-se-18-{strategy}-{}.db", std::process::id()));
        let database = format!("sqlite://{}", file.display());
        let ada = CredentialsProvider::new("Ada", |_| async {
            Ok(Some(AuthorizedUser { id: "ada".to_owned(), ..AuthorizedUser::default() }))
        });
        let variables = [
            ("AUTH_SESSION", strategy),
            ("AUTH_SESSION_UPDATE_AGE", "0"), // every read renews
            ("DATABASE_URL", &database),
        ];
        let server = TestServer::extended(&variables, |builder| builder.credentials(ada)).await;
        let mut revived = 0;
        for round in 0..rounds {
            // What began in the same millisecond as an end counts as ended.
            tokio::time::sleep(Duration::from_millis(2)).await;
            let cookies = signed_in(&server.auth, round).await;
            let user = server.auth.session(&cookies).await.unwrap().session.unwrap().user.id;
            let (slider, ender) = (server.auth.clone(), server.auth.clone());
            let sent = cookies.clone();
            let (slide, end) = tokio::join!(
                tokio::spawn(async move { slider.session(&sent).await }),
                tokio::spawn(async move { ender.end_sessions(&user, None).await })
            );
            end.unwrap().unwrap();
            // Whatever the renewal handed out is as dead as what it came from.
            let renewed = cookies_of(&slide.unwrap().unwrap().set_cookies);
            for cookies in [&cookies, &renewed] {
                revived += usize::from(server.auth.session(cookies).await.unwrap().session.is_some());
            }
        }
        assert_eq!(revived, 0, "{strategy}: of {rounds}");
        evidence(
            &format!("renewals while all sessions of the user are ended, {strategy} sessions, SQLite"),
            &format!("{rounds} pairs, 0 sessions valid afterwards"),
        );
        drop(server);
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", file.display()));
        }
    }
}

/// A new session; each under another name, so no limit on attempts is reached.
async fn signed_in(auth: &Auth, round: usize) -> HeaderMap {
    let request = Request::post("/api/auth/callback/credentials")
        .header("x-auth-return-token", "1")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(format!("username=ada-{round}")))
        .unwrap();
    let answer = auth.respond(request).await;
    let token = answer.headers()["x-auth-session-token"].to_str().unwrap();
    HeaderMap::from_iter([(header::COOKIE, format!("authjs.session-token={token}").parse().unwrap())])
}

fn cookies_of(set_cookies: &[HeaderValue]) -> HeaderMap {
    let pairs = set_cookies.iter().map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    let text = pairs.collect::<Vec<_>>().join("; ");
    HeaderMap::from_iter([(header::COOKIE, text.parse().unwrap())])
}

/// A server with the same secret and database as another, started with `AUTH_SESSION_NOT_BEFORE`.
async fn started_again(server: &TestServer, kind: &[(&str, &str)], not_before: Timestamp) -> TestServer {
    let not_before = not_before.to_rfc3339();
    let database = format!("sqlite://{}", server.database_file().display());
    let mut variables = vec![("DATABASE_URL", database.as_str()), ("AUTH_URL", &server.origin)];
    variables.push(("AUTH_SESSION_NOT_BEFORE", &not_before));
    variables.extend(kind);
    TestServer::with(&variables).await
}

#[tokio::test]
async fn op_11_all_sessions_of_everybody_end_at_once() {
    for kind in [[("AUTH_SESSION", "database")], [("AUTH_SESSION", "jwt")], [("DATABASE_URL", "")]] {
        let server = TestServer::with(&kind).await;
        let before = SystemClock.now();
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let control = started_again(&server, &kind, before).await;
        assert!(browser.at(&control).who().await.is_object(), "{kind:?}: control: it began later");

        tokio::time::sleep(Duration::from_millis(5)).await;
        let server = started_again(&server, &kind, SystemClock.now()).await;
        let mut browser = browser.at(&server);
        let copy = browser.clone();
        assert!(browser.who().await.is_null(), "{kind:?}");
        assert!(browser.session_cookies().is_empty(), "{kind:?}: the dead cookie is removed");
        assert!(copy.clone().get("/account").await.location().contains("/signin"), "{kind:?}");
        assert!(server.auth.get_token(&copy.headers()).is_none(), "{kind:?}");
        sign_in_demo(&mut browser).await;
        assert!(browser.who().await.is_object(), "{kind:?}: signing in works");
        let listed = sessions(&server, &mut browser).await.len();
        assert_eq!(listed, usize::from(!kind[0].1.is_empty()), "{kind:?}: the old one is in no list");
    }
}

#[tokio::test]
async fn op_11_a_beginning_in_the_future_stops_the_start() {
    let env = |time: &str| {
        let variables = [("PORT", "0"), ("DATABASE_URL", ""), ("AUTH_SESSION_NOT_BEFORE", time)];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    };
    leptos_auth_server::tls::install();
    let tomorrow = SystemClock.now().plus(Duration::from_secs(24 * 3600)).to_rfc3339();
    for time in [tomorrow.as_str(), "yesterday", "2026-11-21"] {
        let problems = Application::build(&env(time)).await.err().expect("problems").to_string();
        assert!(
            problems.contains("AUTH_SESSION_NOT_BEFORE") && !problems.contains("yesterday"),
            "{problems}"
        );
    }
    assert!(Application::build(&env("2026-11-21T06:00:00+01:00")).await.is_ok(), "control");
}
