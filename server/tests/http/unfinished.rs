//! An action that has begun either finishes or changes nothing (F-A1): the change, its audit event and its email all exist,
//! or none of them. The connection is cut at many moments of the action, and the database becomes unavailable after each
//! number of calls.
//!
//! `CUT_EVERY=n` cuts at every nth millisecond and after every nth call. The default of every 8 milliseconds and 4 calls is
//! fast enough for a normal test run.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt, stream};
use leptos_auth::{
    adapter::{Account, Change, PostgresAdapter, SqliteAdapter},
    clock::{Clock, SystemClock},
};
use leptos_auth_server::tls;
use serde_json::{Value, json};

use crate::support::{
    Authenticator, Browser, Failing, Passkey, TestServer,
    authenticator::action,
    evil_op::{Behavior, CLIENT_ID, CLIENT_SECRET, EvilProvider},
    new_folder, query, sign_in_email,
};

const PASSWORD: &str = "a bicycle for the mind";
const NEW_PASSKEY: &str = "/api/auth/callback/passkey";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
/// The last moment at which the connection is cut, in milliseconds.
const LONGEST: usize = 40;

/// An action that changes an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Rename,
    SetPassword,
    RemovePassword,
    ResetPassword,
    ConfirmEmail,
    AddPasskey,
    RemovePasskey,
    LinkAccount,
    UnlinkAccount,
    TurnOnTwoFactor,
    NewRecoveryCodes,
    TurnOffTwoFactor,
    AskDeletion,
    Undo,
}

const ALL: [Action; 14] = [
    Action::Rename,
    Action::SetPassword,
    Action::RemovePassword,
    Action::ResetPassword,
    Action::ConfirmEmail,
    Action::AddPasskey,
    Action::RemovePasskey,
    Action::LinkAccount,
    Action::UnlinkAccount,
    Action::TurnOnTwoFactor,
    Action::NewRecoveryCodes,
    Action::TurnOffTwoFactor,
    Action::AskDeletion,
    Action::Undo,
];

impl Action {
    /// Returns the audit event, and the subject of the email.
    fn traces(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Rename => ("profile_changed", None),
            Self::SetPassword => ("password_set", Some("A password was added")),
            Self::RemovePassword => ("password_removed", Some("Your password was removed")),
            Self::ResetPassword => ("password_reset", Some("Your password was reset")),
            Self::ConfirmEmail => ("email_changed", Some("Your email address was changed")),
            Self::AddPasskey => ("passkey_added", Some("A passkey was added")),
            Self::RemovePasskey => ("passkey_removed", Some("A passkey was removed")),
            Self::LinkAccount => ("account_linked", Some("A way to sign in was added")),
            Self::UnlinkAccount => ("account_unlinked", Some("A way to sign in was removed")),
            Self::TurnOnTwoFactor => ("second_step_turned_on", Some("Two-factor authentication is on")),
            Self::NewRecoveryCodes => ("recovery_codes_made", Some("New recovery codes were made")),
            Self::TurnOffTwoFactor => ("second_step_turned_off", Some("Two-factor authentication is off")),
            Self::AskDeletion => ("deletion_asked", Some("Your account will be deleted")),
            Self::Undo => ("locked", Some("Your account is locked")),
        }
    }
}

/// A signed-in user, and the form that is about to be sent.
struct Scene {
    server: TestServer,
    database: Failing,
    provider: EvilProvider,
    browser: Browser,
    address: String,
    user_id: String,
    path: String,
    form: Form,
    before: String,
}

/// The fields of a form. Without any the path is opened as a page.
type Form = Vec<(&'static str, String)>;

impl Scene {
    async fn new(what: Action, database: Failing, provider: &EvilProvider) -> Self {
        let (store, provider) = (database.clone(), provider.clone());
        let variables = [
            ("AUTH_EOP_ISSUER", provider.issuer.as_str()),
            ("AUTH_EOP_ID", CLIENT_ID),
            ("AUTH_EOP_SECRET", CLIENT_SECRET),
            // The scenes in one database share their network.
            ("AUTH_LIMIT_NETWORK_EMAILS", "1000000"),
        ];
        let server = TestServer::extended(&variables, |builder| builder.adapter(store)).await;
        // Several scenes in one database each have their own address.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let address = format!("ada{}@example.com", now.as_nanos());
        let mut browser = server.browser();
        sign_in_email(&server, &mut browser, &address).await;
        let user_id = database.inner.get_user_by_email(&address).await.unwrap().unwrap().id;
        let (path, form, before) = (String::new(), Form::new(), String::new());
        let mut scene = Self { server, database, provider, browser, address, user_id, path, form, before };
        (scene.path, scene.form) = scene.prepare(what).await;
        if !scene.form.is_empty() {
            scene.form.push(("csrfToken", scene.browser.csrf().await));
        }
        scene.before = scene.state(what).await;
        scene
    }

    /// Sends the form. Returns `None` if the connection was cut first.
    async fn send(&mut self, patience: Duration) -> Option<u16> {
        let form: Vec<_> = self.form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (browser, path) = (&mut self.browser, self.path.as_str());
        let sent =
            async { if form.is_empty() { browser.get(path).await } else { browser.post(path, &form).await } };
        tokio::time::timeout(patience, sent).await.ok().map(|answer| answer.status)
    }

    /// Returns the stored state that the action changes.
    async fn state(&self, what: Action) -> String {
        let store = &self.database.inner;
        let user = store.get_user(&self.user_id).await.unwrap().unwrap();
        let records = store.list_user_records(&self.user_id).await.unwrap();
        let record = |kind: &str| records.iter().find(|record| record.kind == kind).map(|found| &found.value);
        match what {
            Action::Rename => format!("{:?}", user.name),
            Action::SetPassword | Action::RemovePassword | Action::ResetPassword => {
                format!("{:?}", record("password"))
            }
            Action::ConfirmEmail => format!("{:?}", user.email),
            Action::AddPasskey | Action::RemovePasskey => {
                store.list_authenticators(&self.user_id).await.unwrap().len().to_string()
            }
            Action::LinkAccount | Action::UnlinkAccount => {
                store.get_accounts(&self.user_id).await.unwrap().len().to_string()
            }
            // The code that the form also needs is used up on its own, and changes what is encrypted but not its length.
            // New recovery codes make it longer, because one of the old ones is used up.
            Action::TurnOnTwoFactor | Action::NewRecoveryCodes | Action::TurnOffTwoFactor => {
                format!("{:?}", record("second-step").map(String::len))
            }
            Action::AskDeletion => format!("{:?}", record("deletion")),
            Action::Undo => format!("{:?}", record("lock")),
        }
    }

    /// Does what comes before the action. Returns the path and the form of the action.
    async fn prepare(&mut self, what: Action) -> (String, Form) {
        let account = |name: &str| format!("/api/auth/account/{name}");
        let (server, address, browser) = (&self.server, self.address.as_str(), &mut self.browser);
        match what {
            Action::Rename => (account("profile"), vec![("name", "Augusta".to_owned())]),
            Action::SetPassword => (account("password"), vec![("password", PASSWORD.to_owned())]),
            Action::RemovePassword => {
                browser.submit(&account("password"), &[("password", PASSWORD)]).await;
                (account("remove-password"), vec![("currentPassword", PASSWORD.to_owned())])
            }
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
                let data = new_passkey(server, browser).await.to_string();
                (NEW_PASSKEY.to_owned(), vec![("action", "register".to_owned()), ("data", data)])
            }
            Action::RemovePasskey => {
                let passkey = new_passkey(server, browser).await;
                let data = passkey.to_string();
                browser.submit(NEW_PASSKEY, &[("action", "register"), ("data", &data)]).await;
                (account("remove-passkey"), vec![("id", passkey["id"].as_str().unwrap().to_owned())])
            }
            Action::LinkAccount => {
                // Scenes in one database each have their own person at the provider.
                let (sub, userinfo) = (address.to_owned(), json!({ "sub": address }));
                let claims = Box::new(move |claims: &mut Value| claims["sub"] = json!(sub));
                self.provider.set(Behavior { claims, userinfo, ..Behavior::default() });
                let form = [("link", "true"), ("callbackUrl", "/account/methods")];
                let begun = browser.submit("/api/auth/signin/eop", &form).await;
                let state = query(begun.location(), "state").expect("the way to the provider");
                let code = self.provider.code_for(begun.location());
                (format!("/api/auth/callback/eop?code={code}&state={state}"), Form::new())
            }
            Action::UnlinkAccount => {
                let linked = Account {
                    r#type: "oidc".to_owned(),
                    provider: "eop".to_owned(),
                    provider_account_id: address.to_owned(),
                };
                let link = Change::LinkAccount { account: &linked, now: SystemClock.now() };
                assert!(self.database.inner.change_user(&self.user_id, &[link]).await.unwrap());
                let form = vec![("provider", linked.provider), ("account", linked.provider_account_id)];
                (account("unlink"), form)
            }
            Action::TurnOnTwoFactor => {
                let mut phone = Authenticator::scan(server, browser).await;
                (action("confirm"), vec![("code", phone.next_code(server))])
            }
            Action::NewRecoveryCodes => {
                let mut phone = Authenticator::enrol(server, browser).await;
                use_recovery_code(server, address, &phone.recovery_codes[0]).await;
                (action("new-codes"), vec![("code", phone.next_code(server))])
            }
            Action::TurnOffTwoFactor => {
                let mut phone = Authenticator::enrol(server, browser).await;
                (action("turn-off"), vec![("code", phone.next_code(server))])
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

    /// Waits until nothing is running and the outbox is empty.
    async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(150)).await;
        self.server.auth.finish().await;
        // What a cut left in the outbox is due now. A background task looks for it every five seconds.
        self.server.set_later(self.server.later() + 600);
        for _ in 0..100 {
            let records = self.database.inner.list_user_records(&self.user_id).await.unwrap();
            if records.iter().all(|record| record.kind != "outbox") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.server.auth.finish().await;
    }

    /// Asserts that all or nothing was done. Returns whether the action was done.
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

/// Returns the browser's response for a new passkey.
async fn new_passkey(server: &TestServer, browser: &mut Browser) -> Value {
    let options = browser.get("/api/auth/webauthn-options/passkey?action=register").await.json();
    Passkey::new(&server.origin).create(&options)
}

/// Signs in in another browser.
async fn use_recovery_code(server: &TestServer, address: &str, code: &str) {
    let mut browser = server.browser();
    browser.submit("/api/auth/signin/email", &[("email", address)]).await;
    let form = server.mail_to(address).await.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit("/api/auth/callback/email", &form).await;
    browser.submit("/api/auth/callback/totp", &[("recoveryCode", code)]).await.assert_signed_in();
}

/// Returns the number of milliseconds or calls between two cuts.
fn step(default: usize) -> usize {
    std::env::var("CUT_EVERY").ok().and_then(|step| step.parse().ok()).unwrap_or(default)
}

/// Cuts the connection at several moments, and asserts that all or nothing was done. Without a cut everything is done.
async fn cut_connections(what: Action, open: &dyn AsyncOpen) {
    let provider = EvilProvider::start().await;
    for moment in (0..=LONGEST).step_by(step(8)) {
        let mut scene = Scene::new(what, open.open().await, &provider).await;
        scene.send(Duration::from_millis(moment as u64)).await;
        scene.assert_whole(what, &format!("disconnected after {moment} ms")).await;
    }
    let mut scene = Scene::new(what, open.open().await, &provider).await;
    scene.send(Duration::from_secs(30)).await.expect("an answer");
    assert!(scene.assert_whole(what, "control").await, "{what:?}: without a cut it is done");
}

async fn cut_calls(what: Action, open: &dyn AsyncOpen) {
    const MOST: i64 = 200;
    let provider = EvilProvider::start().await;
    // The first calls only read the session.
    for calls in (0..MOST).step_by(step(4)) {
        let mut scene = Scene::new(what, open.open().await, &provider).await;
        scene.database.fail_after(calls);
        scene.send(Duration::from_secs(30)).await.expect("an answer");
        // Emails are sent in the background.
        scene.server.auth.finish().await;
        let was_cut = scene.database.recover();
        let is_done = scene.assert_whole(what, &format!("unavailable after {calls} calls")).await;
        if !was_cut {
            assert!(is_done, "{what:?}: {calls} calls complete the action");
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

/// Runs four actions at a time on databases of their own, because most of their time is waiting.
async fn for_all<Run: Future<Output = ()>>(run: impl Fn(Action) -> Run) {
    stream::iter(ALL).for_each_concurrent(4, run).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_a1_a_client_that_disconnects_leaves_all_or_nothing() {
    for_all(|what| cut_connections(what, &Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_a1_an_unavailable_database_leaves_all_or_nothing() {
    for_all(|what| cut_calls(what, &Sqlite)).await;
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
