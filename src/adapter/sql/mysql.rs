//! The dialect of MariaDB and MySQL.

use std::{
    collections::HashMap,
    str::FromStr,
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use sqlx::{
    AssertSqlSafe, Connection, Executor, MySql, MySqlConnection, SqlSafeStr, SqlStr,
    migrate::Migrate,
    mysql::{MySqlConnectOptions, MySqlQueryResult},
};

use super::{
    Dialect, SqlAdapter,
    connection::{self, Connections, Cutoff},
    failed,
};
use crate::adapter::AdapterError;

/// For each instance. These databases allow 150 in all, unless they are told otherwise.
const CONNECTIONS: u32 = 10;
const MIGRATIONS: &str = "auth_migrations";
/// One start at a time; the others wait a minute at most. The name counts in the whole server, hence the database's in
/// it. (The driver's own lock waits for -1 seconds: for ever in MySQL, not at all in MariaDB, which only warns.)
const LOCK_START: &str = "SELECT GET_LOCK(CONCAT('auth_migrations.', MD5(DATABASE())), 60)";

/// The adapter for `DATABASE_URL=mysql://user:password@host/database`.
pub type MySqlAdapter = SqlAdapter<MySqlDialect>;

/// See [`MySqlAdapter`].
pub struct MySqlDialect;

impl SqlAdapter<MySqlDialect> {
    /// Connects and brings the tables up to date.
    ///
    /// # Errors
    /// When the URL is not one of MySQL's, the database cannot be reached or refuses, or its schema is newer than this
    /// program.
    pub async fn connect(url: &str) -> Result<Self, AdapterError> {
        let options = MySqlConnectOptions::from_str(url).map_err(failed)?;
        migrate(&options).await?;
        let cutoff = Cutoff::new();
        let pool = connection::pool_options::<MySql>(&cutoff)
            .max_connections(CONNECTIONS)
            .after_connect(|connection, _| {
                // What is too long is refused, never cut. Each statement sees what was committed before it, as in
                // PostgreSQL: fewer locks, fewer deadlocks. Who waits for a lock gives up before the request does.
                let settings = "SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'),
                    SESSION innodb_lock_wait_timeout = 4;
                    SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
                Box::pin(async move { connection.execute(settings).await.map(drop) })
            })
            .connect_with(options)
            .await?;
        Ok(Self { dialect: MySqlDialect, connections: Connections::new(pool, cutoff) })
    }
}

/// Brings the tables up to date; a start that was killed in the middle is finished by the next one.
async fn migrate(options: &MySqlConnectOptions) -> Result<(), AdapterError> {
    let mut migrations = sqlx::migrate!("migrations/mysql");
    migrations.dangerous_set_table_name(MIGRATIONS);
    migrations.set_locking(false);
    // The lock of many starts at once is this connection's: it ends with it, however the start ends.
    let mut connection: MySqlConnection = connection::open(options).await?;
    let is_ours: Option<i64> = sqlx::query_scalar(LOCK_START).fetch_one(&mut connection).await?;
    if is_ours != Some(1) {
        return Err(failed("another start brings the tables up to date, and does not end"));
    }
    connection.ensure_migrations_table(MIGRATIONS).await.map_err(failed)?;
    // Every migration can run again: see there.
    connection.execute("DELETE FROM auth_migrations WHERE success = FALSE").await?;
    migrations.run_direct(None, &mut connection, false).await.map_err(failed)?;
    Ok(connection.close().await?)
}

impl Dialect for MySqlDialect {
    type Db = MySql;

    const RETURNING: bool = false;
    const COUNT_ATTEMPT: &'static str = "INSERT INTO attempts (subject, count, resets) VALUES ($1, 1, $2)
         ON DUPLICATE KEY UPDATE count = IF(resets <= $3 OR resets > $4, 1, count + 1),
             resets = IF(resets <= $5 OR resets > $6, $7, resets)";

    fn sql(statement: &'static str) -> SqlStr {
        static TRANSLATED: LazyLock<RwLock<HashMap<&'static str, Arc<str>>>> = LazyLock::new(RwLock::default);
        let known = TRANSLATED.read().unwrap_or_else(PoisonError::into_inner).get(statement).cloned();
        let translated = known.unwrap_or_else(|| {
            let mut all = TRANSLATED.write().unwrap_or_else(PoisonError::into_inner);
            all.entry(statement).or_insert_with(|| translate(statement).into()).clone()
        });
        AssertSqlSafe(translated).into_sql_str()
    }

    fn rows_affected(result: &MySqlQueryResult) -> u64 {
        result.rows_affected()
    }
}

/// `$1`, `$2`… become `?`, as they stand in order.
fn translate(statement: &str) -> String {
    let mut parts = statement.split('$');
    let first = parts.next().unwrap_or_default().to_owned();
    let text =
        parts.fold(first, |text, part| text + "?" + part.trim_start_matches(|c: char| c.is_ascii_digit()));
    text.replace("IS NOT DISTINCT FROM", "<=>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::{contract, test_url};

    #[test]
    fn statements_are_translated() {
        assert_eq!(translate("a = $1 AND b IS NOT DISTINCT FROM $10"), "a = ? AND b <=> ?");
        assert_eq!(translate("SELECT 1"), "SELECT 1");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    #[ignore = "needs MariaDB: cargo xtask services"]
    async fn keeps_the_contract() {
        let url = test_url("TEST_MYSQL_URL");
        contract::run(Arc::new(MySqlAdapter::connect(&url).await.unwrap())).await;
    }
}
