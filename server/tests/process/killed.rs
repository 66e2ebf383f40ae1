//! A program that is killed (`kill -9`) while it changes its database: the next one finds the whole change or nothing.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::{
    program::Program,
    support::{evidence, scaled},
};

/// In a normal run; see `EVIDENCE_KILLS`.
const KILLS: u64 = 120;

async fn open(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.unwrap()
}

/// Everything that migrations make.
async fn schema(file: &Path) -> Vec<String> {
    let mut database = open(file).await;
    let tables = "SELECT concat_ws(' ', type, name, sql) FROM sqlite_master ORDER BY 1";
    let migrations = "SELECT concat_ws(' ', version, success, hex(checksum)) FROM auth_migrations ORDER BY 1";
    let mut schema: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut database).await.unwrap();
    schema.extend(sqlx::query_scalar::<_, String>(migrations).fetch_all(&mut database).await.unwrap());
    schema
}

/// Whether tables are there, looked up in a copy: opening the database itself would already repair it.
async fn has_tables(database: &Path) -> bool {
    let copy = database.with_file_name("copy.db");
    for suffix in ["", "-wal"] {
        let name = |file: &Path| format!("{}{suffix}", file.display());
        if Path::new(&name(database)).exists() {
            std::fs::copy(name(database), name(&copy)).unwrap();
        }
    }
    let count = "SELECT count(*) FROM sqlite_master WHERE name = 'users'";
    sqlx::query_scalar::<_, i64>(count).fetch_one(&mut open(&copy).await).await.unwrap() == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn op_05_a_first_start_that_is_killed_is_made_good_by_the_next() {
    let whole = Program::new(&[]);
    let file = whole.folder().join("data/app.db");
    let begun = Instant::now();
    let running = whole.start();
    // All of a start, and some more for a busy machine: the kills are spread over that.
    let span = begun.elapsed() * 3 / 2;
    let expected = schema(&file).await;
    assert!(expected.len() > 10, "control: {expected:?}");
    drop(running);

    let kills = u32::try_from(scaled("EVIDENCE_KILLS", KILLS)).unwrap();
    let (mut before, mut after) = (0, 0);
    for kill in 0..kills {
        let mut program = Program::new(&[]);
        let file = program.folder().join("data/app.db");
        // Closer together at first, where the tables are made.
        let fraction = f64::from(kill) / f64::from(kills);
        program.start_and_kill("data/app.db", span.mul_f64(fraction * fraction));
        if has_tables(&file).await {
            after += 1
        } else {
            before += 1
        }
        if std::fs::metadata(&file).is_ok_and(|file| file.len() == 0) {
            // It came as far as the file's name. An empty file may also be what is left of a database (DB-12), so it is
            // not taken for a new one; the next start says what to do.
            assert!(program.refused_in_place().contains("remove it to begin anew"));
            std::fs::remove_file(&file).unwrap();
        }
        let running = program.start();
        assert_eq!(schema(&file).await, expected, "killed at {fraction} of {span:?}");
        running.signal("KILL");
    }
    assert!(before > kills / 10 && after > kills / 10, "killed {before} times before, {after} after");
    evidence(
        "the first start killed (kill -9) while it makes the tables, SQLite",
        &format!(
            "{kills} kills, {before} before the tables were there and {after} after; each next start completed them"
        ),
    );
}
