//! The dialect of SQLite (bundled): a file next to the application, in WAL mode, with foreign keys on.
//!
//! Every commit is synced to disk (`synchronous = FULL`), so an acknowledged change survives a crash. A writer waits up to
//! five seconds for another one; after that the call fails and the user is asked to try again.

use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    Connection, SqlSafeStr, SqlStr, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteQueryResult, SqliteSynchronous},
};

use super::{
    Dialect, SqlAdapter,
    connection::{self, Connections, Cutoff},
    failed,
};
use crate::adapter::AdapterError;

/// More connections do not help: readers are fast and there is one writer at a time.
const CONNECTIONS: u32 = 4;
const BUSY: Duration = Duration::from_secs(5);

/// The adapter for `DATABASE_URL=sqlite://path/to/file.db`.
pub type SqliteAdapter = SqlAdapter<SqliteDialect>;

/// See [`SqliteAdapter`].
pub struct SqliteDialect;

impl SqlAdapter<SqliteDialect> {
    /// Opens the file, creating it (mode 0600) when it is not there, and brings its tables up to date.
    ///
    /// # Errors
    /// When the URL is not one of SQLite's, the file cannot be opened or is no database, or its schema is newer
    /// than this program.
    pub async fn connect(url: &str) -> Result<Self, AdapterError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(failed)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        check_remains(options.get_filename()).await?;
        create_private_file(options.get_filename()).map_err(failed)?;
        let mut migrations = sqlx::migrate!("migrations/sqlite");
        migrations.dangerous_set_table_name("auth_migrations");
        // One transaction around all: of many processes that start at once one migrates, the others wait and find
        // nothing to do, and a start that was killed in the middle leaves nothing behind.
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let mut transaction = connection.begin_with(SqliteDialect::BEGIN).await?;
        migrations.run_direct(None, &mut *transaction, false).await.map_err(failed)?;
        transaction.commit().await?;
        let cutoff = Cutoff::new();
        let pool = connection::pool_options::<Sqlite>(&cutoff).max_connections(CONNECTIONS);
        let pool = pool.connect_with(options).await?;
        Ok(Self { dialect: SqliteDialect, connections: Connections::new(pool, cutoff).with_one_writer() })
    }
}

impl Dialect for SqliteDialect {
    type Db = Sqlite;

    // A transaction that begins by reading could not wait for a writer later.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    // Such a transaction keeps all others from writing.
    const LOCK_USER: &'static str = "SELECT id FROM users WHERE id = $1";
    const LOCK_VERIFICATION_TOKENS: &'static str =
        "SELECT token_hash, expires FROM verification_tokens WHERE identifier = $1";

    fn sql(statement: &'static str) -> SqlStr {
        statement.into_sql_str()
    }

    fn rows_affected(result: &SqliteQueryResult) -> u64 {
        result.rows_affected()
    }
}

/// An empty file, or the log of a database that is gone, is what an accident left: SQLite would begin a new database
/// over it and nobody would notice (DB-12).
async fn check_remains(path: &Path) -> Result<(), AdapterError> {
    let is_empty = || std::fs::metadata(path).is_ok_and(|file| file.len() == 0);
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if !path.exists() && std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Err(failed(
            "the file is gone and its -wal file is not: restore it, or remove both to begin anew",
        ));
    }
    // Another start may be making it at this moment.
    for _ in 0..20 {
        if !is_empty() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(failed("the file is empty: restore it, or remove it to begin anew"))
}

/// Makes the file for its owner alone: it holds names and addresses.
fn create_private_file(path: &Path) -> std::io::Result<()> {
    if path.as_os_str().is_empty() || path.starts_with(":memory:") || path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    tracing::info!(file = %path.display(), "a new database begins");
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt, sync::Arc};

    use super::*;
    use crate::{adapter::contract, random};

    fn temporary_url() -> (std::path::PathBuf, String) {
        let file = std::env::temp_dir().join(format!("leptos-auth-{}/app.db", random::uuid()));
        let url = format!("sqlite://{}", file.display());
        (file, url)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn keeps_the_contract() {
        let (file, url) = temporary_url();
        contract::run(Arc::new(SqliteAdapter::connect(&url).await.unwrap())).await;
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn op_03_op_04_ten_starts_at_once_and_again_make_one_schema() {
        let (file, url) = temporary_url();
        for _ in 0..2 {
            let starts = (0..10).map(|_| {
                let url = url.clone();
                tokio::spawn(async move { SqliteAdapter::connect(&url).await.map(drop) })
            });
            for start in starts.collect::<Vec<_>>() {
                start.await.unwrap().unwrap();
            }
        }
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[tokio::test]
    async fn lg_08_the_file_is_for_its_owner_alone() {
        let (file, url) = temporary_url();
        let adapter = SqliteAdapter::connect(&url).await.unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        drop(adapter);
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }

    #[tokio::test]
    async fn db_12_a_file_that_is_no_database_is_refused() {
        let (file, url) = temporary_url();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(
            &file,
            "this is a text, and long enough not to be taken for an empty file\n".repeat(10),
        )
        .unwrap();
        assert!(SqliteAdapter::connect(&url).await.is_err());
        std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
    }
}
