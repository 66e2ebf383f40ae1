//! SQLite: a lock that is held by others, a full disk, and a file that is not what it was.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    people::{People, RECOVERY, assert_is_away},
    program::{Program, Running, SECRET},
    support::{Browser, TestServer},
};

async fn server_for(people: &People) -> TestServer {
    TestServer::with(&people.variables(&[])).await
}

/// Takes the one lock that writers need, as a backup tool or another program does.
async fn lock(server: &TestServer) -> SqliteConnection {
    let mut connection = server.database().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await.unwrap();
    connection
}

#[tokio::test]
async fn db_10_a_writer_waits_for_another_one() {
    let people = People::start().await;
    let server = server_for(&people).await;
    people.now("early");
    let mut reader = server.browser();
    people.sign_in_patiently(&mut reader).await;

    let held = lock(&server).await;
    let release = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(4)).await;
        held.close().await.unwrap();
    });
    people.now("patient");
    let started = Instant::now();
    let (answer, ()) = tokio::join!(async { people.try_sign_in(&mut server.browser()).await }, async {
        // Whoever only reads does not wait.
        for _ in 0..10 {
            let asked = Instant::now();
            assert_eq!(reader.clone().name().await.as_deref(), Some("early"));
            assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    });
    assert!(answer.signs_in(), "{answer:?}");
    assert!(started.elapsed() >= Duration::from_secs(3), "control: it had to wait");
    release.await.unwrap();
}

#[tokio::test]
async fn db_10_a_writer_that_waits_too_long_is_told_to_come_back() {
    let people = People::start().await;
    let server = server_for(&people).await;
    people.now("early");
    let mut reader = server.browser();
    people.sign_in_patiently(&mut reader).await;

    let held = lock(&server).await;
    people.now("late");
    let mut browsers: Vec<_> = (0..6).map(|_| server.browser()).collect();
    let started = Instant::now();
    let (answers, ()) = tokio::join!(
        futures_util::future::join_all(browsers.iter_mut().map(|browser| people.try_sign_in(browser))),
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let asked = Instant::now();
            assert_eq!(reader.name().await.as_deref(), Some("early"), "reads still work");
            assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        }
    );
    for answer in &answers {
        assert_is_away(answer);
    }
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    held.close().await.unwrap();
    let wait = people.sign_in_patiently(&mut server.browser()).await;
    assert!(wait < RECOVERY, "{wait:?}");
}

/// A transaction that reads before it writes would be refused at once, whatever it is willing to wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn db_10_writers_that_take_turns_never_fail() {
    let people = People::start().await;
    let first = server_for(&people).await;
    let second = first.twin(&people.variables(&[])).await;
    people.now("everybody");
    let outside = async {
        for _ in 0..20 {
            let held = lock(&first).await;
            tokio::time::sleep(Duration::from_millis(30)).await;
            held.close().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let person = |number: usize| {
        let server = if number.is_multiple_of(2) { &first } else { &second };
        let mut browser = Browser::new(server.address, &first.origin);
        let people = &people;
        async move {
            for _ in 0..4 {
                let answer = people.try_sign_in(&mut browser).await;
                assert!(answer.signs_in(), "{answer:?}");
            }
        }
    };
    tokio::join!(outside, futures_util::future::join_all((0..8).map(person)));
    let rows = first.rows().await;
    assert_eq!(
        (rows.users, rows.accounts, rows.sessions),
        (1, 1, 8),
        "signing in again replaces the session"
    );
}

/// A disk that can be filled and emptied.
enum Disk {
    /// A file system of 8 MB of its own, and a file that fills it.
    Small { folder: PathBuf },
    /// Where mounting is not permitted: no file of the server may grow. SQLite then sees another error than with a
    /// full disk, at the same places.
    Limited { folder: PathBuf },
}

impl Disk {
    fn new() -> Self {
        let folder = crate::support::new_folder();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(&folder).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Self::Small { folder };
        }
        println!(
            "no file system of its own: mounting is not permitted, so the size of files is limited instead"
        );
        Self::Limited { folder }
    }

    fn folder(&self) -> &Path {
        let (Self::Small { folder } | Self::Limited { folder }) = self;
        folder
    }

    fn fill(&self, server: &Running) {
        match self {
            Self::Small { folder } => {
                let mut filler = std::fs::File::create(folder.join("filler")).unwrap();
                let written = std::io::copy(&mut std::io::repeat(7), &mut filler);
                assert_eq!(written.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
            }
            Self::Limited { folder } => {
                let log = std::fs::metadata(folder.join("app.db-wal")).unwrap();
                limit_files(server, &log.len().to_string());
            }
        }
    }

    fn empty(&self, server: &Running) {
        match self {
            Self::Small { folder } => std::fs::remove_file(folder.join("filler")).unwrap(),
            Self::Limited { .. } => limit_files(server, "unlimited"),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Self::Small { folder } = self {
            let _ = Command::new("umount").arg("--lazy").arg(folder).status();
        }
        let _ = std::fs::remove_dir_all(self.folder());
    }
}

/// Sets the soft limit of a running process.
fn limit_files(server: &Running, bytes: &str) {
    let arguments = ["--pid", &server.id().to_string(), &format!("--fsize={bytes}:")];
    assert!(Command::new("prlimit").args(arguments).status().unwrap().success());
}

#[tokio::test]
async fn db_11_a_full_disk_stops_writers_only_until_there_is_space_again() {
    leptos_auth_server::tls::install();
    const ORIGIN: &str = "http://localhost:3000";
    let people = People::start().await;
    let disk = Disk::new();
    let file = disk.folder().join("app.db");
    let database = format!("sqlite://{}", file.display());
    let variables = [("AUTH_SECRET", SECRET), ("AUTH_URL", ORIGIN), ("DATABASE_URL", database.as_str())];
    // A process is killed at its limit unless it ignores that signal.
    let server = Program::through_shell("trap '' XFSZ; exec \"$0\"", &people.variables(&variables)).start();
    let browser = || Browser::new(server.address.parse().unwrap(), ORIGIN);
    people.now("early");
    let mut early = browser();
    assert!(people.try_sign_in(&mut early).await.signs_in(), "control");

    disk.fill(&server);
    let mut acknowledged = vec!["early".to_owned()];
    let refused = loop {
        let name = format!("person-{}", acknowledged.len());
        people.now(&name);
        let answer = people.try_sign_in(&mut browser()).await;
        if !answer.signs_in() {
            break name;
        }
        acknowledged.push(name);
        assert!(acknowledged.len() < 2000, "the disk is never full");
    };
    for _ in 0..3 {
        assert_eq!(early.name().await.as_deref(), Some("early"), "reads still work");
        assert_is_away(&people.try_sign_in(&mut browser()).await);
    }
    let cookie = early.session_cookie().cloned();
    assert_is_away(&early.submit("/api/auth/signout", &[]).await);
    assert_eq!(early.session_cookie(), cookie.as_ref(), "whoever could not be signed out is still signed in");
    assert_eq!(names_in(&file).await, acknowledged, "nothing is lost and nothing half done");

    disk.empty(&server);
    people.now(&refused);
    let wait = people.sign_in_patiently(&mut browser()).await;
    assert!(wait < RECOVERY, "{wait:?}");
    acknowledged.push(refused);
    assert_eq!(names_in(&file).await, acknowledged);
    let mut database = open(&file).await;
    let integrity: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut database).await.unwrap();
    assert_eq!(integrity, "ok");
}

async fn open(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap()
}

/// Everybody who has a user with an account, and nobody has a user without one.
async fn names_in(file: &Path) -> Vec<String> {
    let mut database = open(file).await;
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(&mut database).await.unwrap();
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT provider_account_id FROM accounts JOIN users ON users.id = user_id ORDER BY accounts.created, users.id",
    )
    .fetch_all(&mut database)
    .await
    .unwrap();
    assert_eq!(usize::try_from(users).unwrap(), names.len(), "users without an account");
    names
}

/// What an accident did to a file.
type Damage = (&'static str, fn(&Path));

const DAMAGED: [Damage; 4] = [
    ("empty", |file| std::fs::write(file, "").unwrap()),
    ("its first page is gone", |file| {
        let mut content = std::fs::read(file).unwrap();
        content[..100].fill(0);
        std::fs::write(file, content).unwrap();
    }),
    ("another file", |file| std::fs::write(file, "[package]\nname = \"app\"\n".repeat(300)).unwrap()),
    // Its log is still there: SQLite itself would throw that away and begin anew.
    ("removed", |file| {
        std::fs::remove_file(file).unwrap();
        std::fs::write(file.with_extension("db-wal"), [7; 5000]).unwrap();
    }),
];

#[tokio::test]
async fn db_12_a_file_that_is_not_what_it_was_stops_the_start_and_stays_as_it_is() {
    let people = People::start().await;
    let server = server_for(&people).await;
    people.now("somebody");
    people.sign_in_patiently(&mut server.browser()).await;
    let mut database = server.database().await;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut database).await.unwrap();

    let url = ("DATABASE_URL", "sqlite://app.db");
    for (damage, apply) in DAMAGED {
        let mut program = Program::new(&[url]);
        let file = program.folder().join("app.db");
        std::fs::copy(server.database_file(), &file).unwrap();
        apply(&file);
        let before = std::fs::read(&file).ok();
        let text = program.refused_in_place();
        assert!(text.contains("DATABASE_URL") && !text.contains("panicked"), "{damage}: {text}");
        assert_eq!(std::fs::read(&file).ok(), before, "{damage}: what can still be rescued is left alone");
        std::fs::remove_dir_all(program.folder()).unwrap();
    }
    let control = Program::new(&[url]);
    std::fs::copy(server.database_file(), control.folder().join("app.db")).unwrap();
    let control = control.start();
    control.signal("TERM");
    assert_eq!(control.end().0, Some(0));
}
