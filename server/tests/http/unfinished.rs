//! An action that has begun finishes or leaves nothing (F-A1): the change, its audit event and its email are all there, or
//! none is. The connection is cut at each moment of the action, and the database becomes unavailable at each of its calls.
//!
//! `CUT_EVERY=1` tries every millisecond and every call; by default every fourth, which is what fits into a test run.

use std::time::Duration;

use leptos_auth::adapter::{PostgresAdapter, SqliteAdapter, UserRecord};
use leptos_auth_server::tls;
use serde_json::Value;

use crate::support::{
    Authenticator, Browser, Failing, Passkey, TestServer, authenticator::action, new_folder, sign_in_email,
};

const PASSWORD: &str = "a bicycle for the mind";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
/// The last moment at which the connection is cut.
const LONGEST: usize = 40;

/// What changes an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Rename,
    SetPassword,
    ResetPassword,
    ConfirmEmail,
    AddPasskey,
    TurnOnTwoFactor,
    AskDeletion,
    Undo,
}

const ALL: [Action; 8] = [
    Action::Rename,
    Action::SetPassword,
    Action::ResetPassword,
    Action::ConfirmEmail,
    Action::AddPasskey,
    Action::TurnOnTwoFactor,
    Action::AskDeletion,
    Action::Undo,
];

impl Action {
    /// The audit event, and the subject of the email.
    fn traces(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Rename => ("profile_changed", None),
            Self::SetPassword => ("password_set", Some("A password was added")),
            Self::ResetPassword => ("password_reset", Some("Your password was reset")),
            Self::ConfirmEmail => ("email_changed", Some("Your email address was changed")),
            Self::AddPasskey => ("passkey_added", Some("A passkey was added")),
            Self::TurnOnTwoFactor => ("second_step_turned_on", Some("The second step is on")),
            Self::AskDeletion => ("deletion_asked", Some("Your account will be deleted")),
            Self::Undo => ("locked", Some("Your account is locked")),
        }
    }
}

/// A user who is signed in, and the form that is about to be sent.
struct Scene {
    server: TestServer,
    database: Failing,
    browser: Browser,
    user_id: String,
    path: String,
    form: Vec<(&'static str, String)>,
    before: String,
}

impl Scene {
    async fn new(what: Action, database: Failing) -> Self {
        let store = database.clone();
        let server = TestServer::extended(&[], |builder| builder.adapter(store)).await;
        // Of several scenes in one database each has an address of its own.
        let address = format!("ada{}@example.com", server.address.port());
        let mut browser = server.browser();
        sign_in_email(&server, &mut browser, &address).await;
        let user_id = database.inner.get_user_by_email(&address).await.unwrap().unwrap().id;
        let (path, form) = prepare(what, &server, &mut browser, &address).await;
        let mut form: Vec<_> = form.into_iter().collect();
        form.push(("csrfToken", browser.csrf().await));
        let mut scene = Self { server, database, browser, user_id, path, form, before: String::new() };
        scene.before = scene.state(what).await;
        scene
    }

    /// Sends the form; `None`: the connection was cut first.
    async fn send(&mut self, patience: Duration) -> Option<u16> {
        let form: Vec<_> = self.form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let sent = tokio::time::timeout(patience, self.browser.post(&self.path, &form)).await;
        sent.ok().map(|answer| answer.status)
    }

    /// What the action is about, as it is stored.
    async fn state(&self, what: Action) -> String {
        let store = &self.database.inner;
        let user = store.get_user(&self.user_id).await.unwrap().unwrap();
        let record = |kind: &'static str| {
            let is_meant = move |record: &UserRecord| record.kind == kind;
            async move {
                let records = store.list_user_records(&self.user_id).await.unwrap();
                format!("{:?}", records.into_iter().find(is_meant).map(|record| record.value))
            }
        };
        match what {
            Action::Rename => format!("{:?}", user.name),
            Action::SetPassword | Action::ResetPassword => record("password").await,
            Action::ConfirmEmail => format!("{:?}", user.email),
            Action::AddPasskey => store.list_authenticators(&self.user_id).await.unwrap().len().to_string(),
            Action::TurnOnTwoFactor => record("second-step").await,
            Action::AskDeletion => record("deletion").await,
            Action::Undo => record("lock").await,
        }
    }

    /// Lets everything end that still runs, here and in the outbox.
    async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(150)).await;
        self.server.auth.finish().await;
        self.server.set_later(self.server.later() + 600);
        self.server.auth.purge_expired().await.unwrap();
        // Where several scenes share a database only one of them purges: then the background task does it.
        for _ in 0..100 {
            let records = self.database.inner.list_user_records(&self.user_id).await.unwrap();
            if records.iter().all(|record| record.kind != "outbox") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.server.auth.finish().await;
    }

    /// Whether the action was done.
    async fn assert_whole(&self, what: Action, cut: &str) -> bool {
        self.settle().await;
        let is_done = self.state(what).await != self.before;
        let (event, subject) = what.traces();
        let rows = self.database.inner.list_audit(&self.user_id, None, 1000).await.unwrap();
        let is_event = |data: &str| serde_json::from_str::<Value>(data).unwrap()["event"] == event;
        let events = rows.iter().filter(|row| is_event(&row.data)).count();
        assert_eq!(events > 0, is_done, "{what:?}, {cut}: {events} events");
        if let Some(subject) = subject {
            let mails = self.server.mails().await;
            let mails = mails.iter().filter(|mail| mail.subject.contains(subject)).count();
            assert_eq!(mails > 0, is_done, "{what:?}, {cut}: {mails} emails");
        }
        let records = self.database.inner.list_user_records(&self.user_id).await.unwrap();
        assert!(records.iter().all(|record| record.kind != "outbox"), "{what:?}, {cut}: {records:?}");
        is_done
    }
}

async fn prepare(
    what: Action,
    server: &TestServer,
    browser: &mut Browser,
    address: &str,
) -> (String, Vec<(&'static str, String)>) {
    let account = |name: &str| format!("/api/auth/account/{name}");
    match what {
        Action::Rename => (account("profile"), vec![("name", "Augusta".to_owned())]),
        Action::SetPassword => (account("password"), vec![("password", PASSWORD.to_owned())]),
        Action::ResetPassword => {
            browser.submit("/api/auth/forgot-password", &[("email", address)]).await;
            let token = server.told(address, "password").await.token();
            let form =
                vec![("token", token), ("email", address.to_owned()), ("password", PASSWORD.to_owned())];
            ("/api/auth/reset-password".to_owned(), form)
        }
        Action::ConfirmEmail => {
            let new = format!("new-{address}");
            browser.submit(&account("email"), &[("email", &new)]).await;
            (account("confirm-email"), vec![("token", server.told(&new, "Confirm").await.token())])
        }
        Action::AddPasskey => {
            let options = browser.get("/api/auth/webauthn-options/passkey?action=register").await.json();
            let data = Passkey::new(&server.origin).create(&options).to_string();
            ("/api/auth/callback/passkey".to_owned(), vec![("action", "register".to_owned()), ("data", data)])
        }
        Action::TurnOnTwoFactor => {
            let mut phone = Authenticator::scan(server, browser).await;
            (action("confirm"), vec![("code", phone.next_code(server))])
        }
        Action::AskDeletion => (account("delete"), vec![("confirm", "delete".to_owned())]),
        Action::Undo => {
            let mut intruder = server.browser();
            intruder.user_agent = FIREFOX;
            sign_in_email(server, &mut intruder, address).await;
            (account("undo"), vec![("token", server.told(address, "New sign-in").await.token())])
        }
    }
}

fn step() -> usize {
    std::env::var("CUT_EVERY").ok().and_then(|step| step.parse().ok()).unwrap_or(4)
}

/// Whether some cuts left the account as it was and, at the latest without one, the action was done.
async fn cut_connections(what: Action, open: &dyn AsyncOpen) {
    for moment in (0..=LONGEST).step_by(step() * 2) {
        let mut scene = Scene::new(what, open.open().await).await;
        scene.send(Duration::from_millis(moment as u64)).await;
        scene.assert_whole(what, &format!("disconnected after {moment} ms")).await;
    }
    let mut scene = Scene::new(what, open.open().await).await;
    scene.send(Duration::from_secs(30)).await.expect("an answer");
    assert!(scene.assert_whole(what, "control").await, "{what:?}: without a cut it is done");
}

async fn cut_calls(what: Action, open: &dyn AsyncOpen) {
    const MOST: i64 = 200;
    // The first calls read the session: what follows them is tried with a step.
    for calls in (0..MOST).step_by(step()) {
        let mut scene = Scene::new(what, open.open().await).await;
        scene.database.fail_after(calls);
        scene.send(Duration::from_secs(30)).await.expect("an answer");
        // Emails are sent beside the answer.
        scene.server.auth.finish().await;
        let was_cut = scene.database.recover();
        let is_done = scene.assert_whole(what, &format!("unavailable after {calls} calls")).await;
        if !was_cut {
            assert!(is_done, "{what:?}: {calls} calls are enough");
            return;
        }
    }
    panic!("{what:?} makes more than {MOST} calls");
}

#[leptos_auth::async_trait]
trait AsyncOpen: Sync {
    async fn open(&self) -> Failing;
}

struct Sqlite;

#[leptos_auth::async_trait]
impl AsyncOpen for Sqlite {
    async fn open(&self) -> Failing {
        tls::install();
        let url = format!("sqlite://{}", new_folder().join("cut.db").display());
        Failing::new(SqliteAdapter::connect(&url).await.unwrap())
    }
}

struct Postgres;

#[leptos_auth::async_trait]
impl AsyncOpen for Postgres {
    async fn open(&self) -> Failing {
        tls::install();
        let url = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL: see `cargo xtask services`");
        Failing::new(PostgresAdapter::connect(&url).await.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_a1_a_client_that_disconnects_leaves_all_or_nothing() {
    for what in ALL {
        cut_connections(what, &Sqlite).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_a1_an_unavailable_database_leaves_all_or_nothing() {
    for what in ALL {
        cut_calls(what, &Sqlite).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn f_a1_a_client_that_disconnects_leaves_all_or_nothing_on_postgres() {
    for what in ALL {
        cut_connections(what, &Postgres).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn f_a1_an_unavailable_database_leaves_all_or_nothing_on_postgres() {
    for what in ALL {
        cut_calls(what, &Postgres).await;
    }
}
