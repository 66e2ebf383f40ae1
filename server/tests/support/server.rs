//! The server under test.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};

use leptos_auth::{
    Auth, AuthBuilder,
    clock::{Clock, SystemClock, Timestamp},
};
use leptos_auth_server::{auth, startup::Application, tls};
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::oneshot;

use super::{Browser, Mail, SECRET};

/// A running server. It stops, and its files go, when this is dropped.
pub struct TestServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// The origin of `AUTH_URL`, without a slash at the end.
    pub origin: String,
    /// What handlers of the application hold.
    pub auth: Auth,
    /// What all browsers are copied from: setting up a client takes longer than most requests.
    browser: Browser,
    clock: Arc<TestClock>,
    folder: PathBuf,
    _stop: oneshot::Sender<()>,
}

/// The system's clock, moved by some milliseconds.
#[derive(Default)]
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis() + self.0.load(Ordering::Relaxed))
    }
}

/// How many rows the tables have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    pub users: i64,
    pub accounts: i64,
    pub sessions: i64,
    pub tokens: i64,
}

impl TestServer {
    /// As `cargo xtask dev` starts it: development, SQLite, database sessions.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// With sessions in cookies.
    pub async fn start_jwt() -> Self {
        Self::with(&[("AUTH_SESSION", "jwt")]).await
    }

    /// With other variables; an empty value unsets one.
    pub async fn with(changes: &[(&str, &str)]) -> Self {
        Self::extended(changes, |builder| builder).await
    }

    /// With a configuration that does more than the starter's, as its owner would write it.
    pub async fn extended(changes: &[(&str, &str)], extend: impl FnOnce(AuthBuilder) -> AuthBuilder) -> Self {
        tls::install();
        let folder = new_folder();
        let database = format!("sqlite://{}", folder.join("test.db").display());
        let mut env: BTreeMap<String, String> = [
            ("PORT", "0"),
            ("AUTH_SECRET", SECRET),
            ("DATABASE_URL", &database),
            ("LEPTOS_SITE_ROOT", &site_folder(&folder)),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        env.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let clock = Arc::new(TestClock::default());
        let configure = |builder| extend(auth::configure(builder, &env).clock(clock.clone()));
        let application = Application::build_with(&env, configure).await;
        let application = application.unwrap_or_else(|problems| panic!("{problems}"));
        let origin = application.auth().base_url().origin().ascii_serialization();
        let address = application.address();
        let auth = application.auth().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(application.serve(async move { drop(stopped.await) }));
        let browser = Browser::new(address, &origin);
        Self { address, origin, auth, browser, clock, folder, _stop: stop }
    }

    /// A second server with the database and the public address of this one, as behind a load balancer.
    pub async fn twin(&self, changes: &[(&str, &str)]) -> Self {
        let database = format!("sqlite://{}", self.database_file().display());
        let same = [("DATABASE_URL", database.as_str()), ("AUTH_URL", self.origin.as_str())];
        Self::with(&[&same, changes].concat()).await
    }

    /// Moves the server's clock: it is so many seconds later than it really is.
    pub fn set_later(&self, seconds: i64) {
        self.clock.0.store(seconds * 1000, Ordering::Relaxed);
    }

    /// How many seconds later it is for the server.
    pub fn later(&self) -> i64 {
        self.clock.0.load(Ordering::Relaxed) / 1000
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser {
        self.browser.clone()
    }

    /// The mails, newest first.
    pub async fn mails(&self) -> Vec<Mail> {
        let answer = self.browser().get("/dev/inbox.json").await;
        answer.json().as_array().unwrap().iter().map(Mail::from_json).collect()
    }

    /// The newest mail to an address that somebody asked for: not those that tell its owner of something.
    pub async fn mail_to(&self, address: &str) -> Mail {
        let is_asked_for = |mail: &Mail| mail.to == address && !mail.text.contains("/account/undo?");
        self.mails().await.into_iter().find(is_asked_for).expect("a mail")
    }

    /// The newest mail to an address with these words in its subject, once it has come: mails that tell an owner of
    /// something are sent beside the answer.
    pub async fn told(&self, address: &str, subject: &str) -> Mail {
        for _ in 0..200 {
            let fits = |mail: &Mail| mail.to == address && mail.subject.contains(subject);
            if let Some(mail) = self.mails().await.into_iter().find(fits) {
                return mail;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("no mail to {address} about {subject}");
    }

    /// What is in the database, read beside the server.
    pub async fn rows(&self) -> Rows {
        let mut connection = self.database().await;
        let mut counts = [0; 4];
        for (count, table) in counts.iter_mut().zip(["users", "accounts", "sessions", "verification_tokens"])
        {
            let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
            *count = sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap();
        }
        let [users, accounts, sessions, tokens] = counts;
        Rows { users, accounts, sessions, tokens }
    }

    /// One text of the database.
    pub async fn text(&self, query: &'static str) -> String {
        sqlx::query_scalar(query).fetch_one(&mut self.database().await).await.unwrap()
    }

    /// Changes the database behind the server's back.
    pub async fn execute(&self, query: &'static str) {
        sqlx::query(query).execute(&mut self.database().await).await.unwrap();
    }

    /// A connection of our own.
    pub async fn database(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.database_file());
        SqliteConnection::connect_with(&options).await.unwrap()
    }

    /// The file of the database.
    pub fn database_file(&self) -> PathBuf {
        self.folder.join("test.db")
    }

    /// The folder of static files.
    pub fn site(&self) -> PathBuf {
        self.folder.join("site")
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A folder that no other test has.
pub fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("leptos-auth-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    // In memory where that can be: many tests at once on one disk wait for it longer than a request may.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.join(name) } else { std::env::temp_dir().join(name) };
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A site as a release has it.
pub fn site_folder(folder: &Path) -> String {
    let site = folder.join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    for (name, content) in [
        ("favicon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("pkg/hash.txt", "js: aaaa\nwasm: bbbb\ncss: cccc\n"),
        ("pkg/leptos-auth.aaaa.js", "export default 1"),
        ("pkg/leptos-auth.bbbb.wasm", "\0asm"),
        ("pkg/leptos-auth.cccc.css", "body{}"),
        ("pkg/leptos-auth.cccc.css.br", "compressed"),
        (".env", "AUTH_SECRET=canary-of-env"),
    ] {
        std::fs::write(site.join(name), content).unwrap();
    }
    site.display().to_string()
}
