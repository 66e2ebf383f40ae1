//! Copies of a database that is in use, and what they are good for (OP-10, KX-04).

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use leptos_auth::clock::{Clock, SystemClock};
use serde_json::json;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::task::JoinHandle;

use crate::{
    program::{Program, Running, SECRET},
    support::{
        Browser, TestServer,
        evil_op::{Behavior, CLIENT_ID, CLIENT_SECRET, EvilProvider},
        query, sign_in_demo, sign_in_email,
    },
};

const WRITERS: usize = 3;
const COPIES: usize = 200;
const BACKUPS: usize = 20;

/// The program while people sign in for the first time, one after another at each of its providers.
struct Busy {
    running: Running,
    /// For each provider the number of the last person who was told that they are signed in.
    told: Vec<Arc<AtomicI64>>,
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<()>>,
}

impl Busy {
    async fn start() -> Self {
        leptos_auth_server::tls::install();
        let providers = [numbered().await, numbered().await, numbered().await];
        let mut variables = vec![("AUTH_SECRET".to_owned(), SECRET.to_owned())];
        for (number, provider) in providers.iter().enumerate() {
            let settings =
                [("ISSUER", provider.issuer.as_str()), ("ID", CLIENT_ID), ("SECRET", CLIENT_SECRET)];
            variables
                .extend(settings.map(|(name, value)| (format!("AUTH_W{number}_{name}"), value.to_owned())));
        }
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let running = Program::new(&variables).start();
        let port = running.address.rsplit_once(':').unwrap().1;
        let browser = Browser::new(running.address.parse().unwrap(), &format!("http://localhost:{port}"));
        let stop = Arc::new(AtomicBool::new(false));
        let told: Vec<_> = (0..WRITERS).map(|_| Arc::new(AtomicI64::new(0))).collect();
        let writers = providers.into_iter().enumerate().map(|(number, provider)| {
            let (browser, told, stop) = (browser.clone(), told[number].clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    sign_in(browser.clone(), &format!("w{number}"), &provider).await;
                    told.fetch_add(1, Ordering::SeqCst);
                }
            })
        });
        let writers = writers.collect();
        Self { running, told, stop, writers }
    }

    fn database(&self) -> PathBuf {
        self.running.folder().join("data/app.db")
    }

    /// How many people at each provider have been told so far that they are signed in.
    fn told(&self) -> Vec<i64> {
        self.told.iter().map(|told| told.load(Ordering::SeqCst)).collect()
    }

    async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        for writer in self.writers {
            writer.await.unwrap();
        }
    }
}

/// A provider at which everybody is a new person, numbered from 1.
async fn numbered() -> EvilProvider {
    let (provider, people) = (EvilProvider::start().await, AtomicI64::new(0));
    let claims = move |claims: &mut serde_json::Value| {
        claims["sub"] = json!(format!("{:06}", people.fetch_add(1, Ordering::SeqCst) + 1));
    };
    provider.set(Behavior { claims: Box::new(claims), ..Behavior::default() });
    provider
}

async fn sign_in(mut browser: Browser, id: &str, provider: &EvilProvider) {
    let started = browser.submit(&format!("/api/auth/signin/{id}"), &[]).await;
    let (code, state) = (provider.code_for(started.location()), query(started.location(), "state").unwrap());
    browser.get(&format!("/api/auth/callback/{id}?code={code}&state={state}")).await.assert_signed_in();
}

/// Sound, with everybody who had been told, nobody out of turn and nothing by halves.
async fn assert_whole(file: &Path, told: &[i64]) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut database = SqliteConnection::connect_with(&options).await.unwrap();
    let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut database).await.unwrap();
    assert_eq!(check, "ok");
    for (number, told) in told.iter().enumerate() {
        let accounts = "SELECT count(*), coalesce(max(CAST(provider_account_id AS INTEGER)), 0) FROM accounts WHERE provider = ?";
        let provider = format!("w{number}");
        let (count, last): (i64, i64) =
            sqlx::query_as(accounts).bind(&provider).fetch_one(&mut database).await.unwrap();
        assert_eq!(count, last, "somebody later is there and somebody earlier is not");
        assert!(count >= *told, "{told} were told, {count} are there");
        // Whoever was told has a session; the last one may be between the account and the session.
        let sessions = "SELECT count(*) FROM sessions WHERE provider = ?";
        let sessions: i64 =
            sqlx::query_scalar(sessions).bind(&provider).fetch_one(&mut database).await.unwrap();
        assert!((*told..=count).contains(&sessions) && count - sessions <= 1, "{sessions} of {count}");
    }
    let halves = "SELECT (SELECT count(*) FROM users) - (SELECT count(*) FROM accounts)";
    let halves: i64 = sqlx::query_scalar(halves).fetch_one(&mut database).await.unwrap();
    assert_eq!(halves, 0, "a user without an account, or the other way about");
}

/// What a power failure leaves: the files as they are at one instant.
#[tokio::test(flavor = "multi_thread")]
async fn kx_04_the_files_of_any_instant_are_a_whole_database() {
    let busy = Busy::start().await;
    let copy = busy.running.folder().join("copy.db");
    let mut with_log = 0;
    for number in 0..COPIES {
        tokio::time::sleep(Duration::from_millis(number as u64 * 7 % 40)).await;
        let told = busy.told();
        busy.running.signal("STOP");
        busy.running.wait_until_stopped();
        for suffix in ["", "-wal"] {
            let from = format!("{}{suffix}", busy.database().display());
            // Before the first commit there is no log.
            if Path::new(&from).exists() {
                fs::copy(from, format!("{}{suffix}", copy.display())).unwrap();
            }
        }
        busy.running.signal("CONT");
        with_log += usize::from(fs::metadata(copy.with_extension("db-wal")).is_ok_and(|log| log.len() > 0));
        assert_whole(&copy, &told).await;
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", copy.display()));
        }
    }
    assert!(busy.told().iter().all(|told| *told > 20), "control: they were writing: {:?}", busy.told());
    assert!(with_log > COPIES / 2, "control: commits were in the log and not in the file yet");
    busy.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn op_10_a_backup_during_sign_ins_is_whole_and_private() {
    let busy = Busy::start().await;
    let url = format!("sqlite://{}", busy.database().display());
    let folder = busy.running.folder().to_owned();
    let mut number = 0;
    // However slow the machine is, people have signed in meanwhile.
    while number < BACKUPS || busy.told().iter().any(|told| *told <= 20) {
        number += 1;
        let told = busy.told();
        let file = folder.join(format!("backup-{number}.db"));
        let (code, said) = Program::new(&[("DATABASE_URL", &url)]).run(&["backup", file.to_str().unwrap()]);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_whole(&file, &told).await;
    }
    assert!(
        !fs::read_dir(&folder)
            .unwrap()
            .any(|file| { file.unwrap().file_name().to_string_lossy().ends_with(".partial") })
    );
    busy.end().await;
}

fn backup(server: &TestServer, file: &Path) -> (Option<i32>, String) {
    let url = format!("sqlite://{}", server.database_file().display());
    Program::new(&[("DATABASE_URL", &url)]).run(&["backup", file.to_str().unwrap()])
}

/// A server that somebody has set up with a backup.
async fn restored(from: &TestServer, file: &Path, variables: &[(&str, &str)]) -> TestServer {
    let copy = file.with_extension("restored.db");
    fs::copy(file, &copy).unwrap();
    let url = format!("sqlite://{}", copy.display());
    let same = [("DATABASE_URL", url.as_str()), ("AUTH_URL", from.origin.as_str())];
    TestServer::with(&[&same, variables].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn op_10_after_a_restore_people_can_sign_in_and_old_links_are_dead() {
    let server = TestServer::start().await;
    let folder = tempfile();
    let (mut ada, mut gone) = (server.browser(), server.browser());
    sign_in_email(&server, &mut ada, "ada@example.com").await;
    let used = server.mail_to("ada@example.com").await;
    sign_in_demo(&mut gone).await;
    let ended = gone.clone();
    gone.submit("/api/auth/signout", &[]).await;
    server.browser().submit("/api/auth/signin/email", &[("email", "grace@example.com")]).await;
    let unused = server.mail_to("grace@example.com").await;
    let file = folder.join("backup.db");
    assert_eq!(backup(&server, &file), (Some(0), String::new()));

    let restored = restored(&server, &file, &[]).await;
    let (mut ada, mut ended) = (ada.at(&restored), ended.at(&restored));
    assert_eq!(ada.who().await["user"]["email"], "ada@example.com", "who was signed in still is");
    assert!(ended.who().await.is_null(), "who had signed out still has");
    let mut again = restored.browser();
    sign_in_email(&restored, &mut again, "ada@example.com").await;
    assert_eq!(again.who().await["user"]["id"], ada.who().await["user"]["id"], "the same user");

    let form = |mail: &crate::support::Mail| mail.form();
    let press = async |mail: &crate::support::Mail| {
        let form = form(mail);
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        restored.browser().submit("/api/auth/callback/email", &form).await
    };
    press(&used).await.assert_denied();
    restored.set_later(16 * 60);
    press(&unused).await.assert_denied();
    restored.set_later(0);
    press(&unused).await.assert_signed_in();
    fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn op_11_an_old_backup_revives_no_session_when_all_are_ended() {
    for strategy in ["database", "jwt"] {
        let kind = [("AUTH_SESSION", strategy)];
        let server = TestServer::with(&kind).await;
        let folder = tempfile();
        let (mut stays, mut leaves) = (server.browser(), server.browser());
        sign_in_demo(&mut stays).await;
        sign_in_demo(&mut leaves).await;
        let file = folder.join("backup.db");
        assert_eq!(backup(&server, &file).0, Some(0));
        let ended = leaves.clone();
        leaves.submit("/api/auth/signout", &[]).await;
        let since = SystemClock.now().to_rfc3339();

        let careless = restored(&server, &file, &kind).await;
        assert!(ended.at(&careless).who().await.is_object(), "{strategy}: control: it would come back");
        drop(careless);
        let careful = [kind[0], ("AUTH_SESSION_NOT_BEFORE", since.as_str())];
        let careful = restored(&server, &file, &careful).await;
        for browser in [&ended, &stays] {
            assert!(browser.at(&careful).who().await.is_null(), "{strategy}");
        }
        let mut again = stays.at(&careful);
        sign_in_demo(&mut again).await;
        assert!(again.who().await.is_object(), "{strategy}: signing in works");
        fs::remove_dir_all(&folder).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn op_10_a_backup_replaces_nothing_and_says_what_is_wrong() {
    let server = TestServer::start().await;
    let folder = tempfile();
    let file = folder.join("backup.db");
    fs::write(&file, "of yesterday").unwrap();
    let (code, said) = backup(&server, &file);
    assert!(code == Some(1) && said.contains("exists"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "of yesterday");
    for (variables, word) in [
        (vec![("DATABASE_URL", "sqlite://nowhere/app.db")], "cannot be read"),
        (vec![("DATABASE_URL", "postgres://localhost/app?password=canary")], "backup tool"),
        (vec![("DATABASE_URL", "")], "DATABASE_URL is not set"),
        (vec![("AUTH_ENV", "production")], "DATABASE_URL is not set"),
    ] {
        let file = folder.join("other.db");
        let (code, said) = Program::new(&variables).run(&["backup", file.to_str().unwrap()]);
        assert!(code == Some(1) && said.contains(word) && !said.contains("canary"), "{variables:?}: {said}");
        assert!(!file.exists() && !folder.join("other.db.partial").exists(), "{variables:?}");
    }
    let (code, said) = Program::new(&[]).run(&["bakup", "x.db"]);
    assert!(code == Some(1) && said.contains("backup FILE"), "{said}");
    fs::remove_dir_all(&folder).unwrap();
}

fn tempfile() -> PathBuf {
    static COUNT: AtomicI64 = AtomicI64::new(0);
    let name = format!("leptos-auth-backup-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}
