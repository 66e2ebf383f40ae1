//! SQLite, bundled: a file beside the application, in WAL mode, with foreign keys on.
//!
//! Every commit is synced to disk (`synchronous = FULL`): what a user was told has happened survives a crash.
//! A writer waits up to five seconds for another one; then the call fails and the user is asked to try again.

use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    Row, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use super::{
    Account, AccountRecord, Adapter, AdapterError, Attempts, Revocation, Revoked, SessionRecord, User,
    VerificationToken,
};
use crate::clock::Timestamp;

/// More connections do not help: readers are fast and there is one writer at a time.
const CONNECTIONS: u32 = 4;
const WAIT: Duration = Duration::from_secs(5);

/// The adapter for `DATABASE_URL=sqlite://path/to/file.db`.
#[derive(Clone)]
pub struct SqliteAdapter {
    pool: SqlitePool,
}

impl SqliteAdapter {
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
            .busy_timeout(WAIT);
        create_private_file(options.get_filename()).map_err(failed)?;
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .min_connections(1)
            .acquire_timeout(WAIT)
            // A closed file is noticed by the query itself: no extra round trip for each request.
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(failed)?;
        let mut migrations = sqlx::migrate!("migrations/sqlite");
        migrations.dangerous_set_table_name("auth_migrations");
        // One transaction around all: of many processes that start at once one migrates, the others wait and find
        // nothing to do, and a start that was killed in the middle leaves nothing behind.
        let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
        migrations.run_direct(None, &mut *transaction, false).await.map_err(failed)?;
        transaction.commit().await?;
        Ok(Self { pool })
    }
}

#[async_trait::async_trait]
impl Adapter for SqliteAdapter {
    async fn create_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        now: Timestamp,
    ) -> Result<(), AdapterError> {
        // IMMEDIATE: a transaction that begins by reading could not wait for a writer later.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO users (id, name, email, email_key, email_verified, image, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&user.id)
        .bind(&user.name)
        .bind(&user.email)
        .bind(email_key)
        .bind(user.email_verified.map(Timestamp::as_millis))
        .bind(&user.image)
        .bind(now.as_millis())
        .execute(&mut *transaction)
        .await?;
        if let Some(account) = account {
            insert_account(&mut *transaction, &user.id, account, now).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        let row =
            sqlx::query("SELECT id, name, email, email_verified, image FROM users WHERE id = ?").bind(id);
        row.fetch_optional(&self.pool).await?.map(|row| read_user(&row)).transpose()
    }

    async fn get_user_by_email(&self, email_key: &str) -> Result<Option<User>, AdapterError> {
        let row = sqlx::query("SELECT id, name, email, email_verified, image FROM users WHERE email_key = ?");
        row.bind(email_key).fetch_optional(&self.pool).await?.map(|row| read_user(&row)).transpose()
    }

    async fn get_user_by_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<Option<User>, AdapterError> {
        let row = sqlx::query(
            "SELECT id, name, email, email_verified, image FROM accounts JOIN users ON users.id = accounts.user_id
             WHERE provider = ? AND provider_account_id = ?",
        );
        let row = row.bind(provider).bind(provider_account_id).fetch_optional(&self.pool).await?;
        row.map(|row| read_user(&row)).transpose()
    }

    async fn update_user(&self, user: &User, email_key: Option<&str>) -> Result<bool, AdapterError> {
        let update = sqlx::query(
            "UPDATE users SET name = ?, email = ?, email_key = ?, email_verified = ?, image = ? WHERE id = ?",
        )
        .bind(&user.name)
        .bind(&user.email)
        .bind(email_key)
        .bind(user.email_verified.map(Timestamp::as_millis))
        .bind(&user.image)
        .bind(&user.id);
        Ok(update.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn delete_user(&self, id: &str) -> Result<bool, AdapterError> {
        let delete = sqlx::query("DELETE FROM users WHERE id = ?").bind(id);
        Ok(delete.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn link_account(
        &self,
        user_id: &str,
        account: &Account,
        now: Timestamp,
    ) -> Result<(), AdapterError> {
        insert_account(&self.pool, user_id, account, now).await
    }

    async fn unlink_account(&self, provider: &str, provider_account_id: &str) -> Result<bool, AdapterError> {
        let delete = sqlx::query("DELETE FROM accounts WHERE provider = ? AND provider_account_id = ?");
        let done = delete.bind(provider).bind(provider_account_id).execute(&self.pool).await?;
        Ok(done.rows_affected() == 1)
    }

    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>, AdapterError> {
        let rows = sqlx::query(
            "SELECT type, provider, provider_account_id, tokens FROM accounts WHERE user_id = ?
             ORDER BY created DESC, provider, provider_account_id",
        );
        let rows = rows.bind(user_id).fetch_all(&self.pool).await?;
        rows.iter().map(read_account).collect()
    }

    async fn update_account_tokens(
        &self,
        account: &Account,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, AdapterError> {
        let update = sqlx::query(
            "UPDATE accounts SET tokens = ?, tokens_leased_until = NULL
             WHERE provider = ? AND provider_account_id = ? AND tokens IS ?",
        )
        .bind(to)
        .bind(&account.provider)
        .bind(&account.provider_account_id)
        .bind(from);
        Ok(update.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn lease_account_tokens(
        &self,
        account: &Account,
        tokens: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let update = sqlx::query(
            "UPDATE accounts SET tokens_leased_until = ?
             WHERE provider = ? AND provider_account_id = ? AND tokens = ?
                 AND (tokens_leased_until IS NULL OR tokens_leased_until <= ?)",
        )
        .bind(until.as_millis())
        .bind(&account.provider)
        .bind(&account.provider_account_id)
        .bind(tokens)
        .bind(now.as_millis());
        Ok(update.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn create_session(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        sqlx::query(
            "INSERT INTO sessions (token_hash, id, user_id, created, renewed, expires, max_age, remembered, provider, user_agent, address)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&session.token_hash)
        .bind(&session.id)
        .bind(&session.user_id)
        .bind(session.created.as_millis())
        .bind(session.renewed.as_millis())
        .bind(session.expires.as_millis())
        .bind(millis(session.max_age))
        .bind(session.remembered)
        .bind(&session.provider)
        .bind(&session.user_agent)
        .bind(&session.address)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn get_session_and_user(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>, AdapterError> {
        let row = sqlx::query(
            "SELECT users.id, name, email, email_verified, image, token_hash, sessions.id, user_id, sessions.created,
                 renewed, expires, max_age, remembered, provider, user_agent, address
             FROM sessions JOIN users ON users.id = sessions.user_id WHERE token_hash = ? AND expires > ?",
        )
        .bind(token_hash)
        .bind(now.as_millis())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| Ok((read_session(&row, 5)?, read_user(&row)?))).transpose()
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>, AdapterError> {
        let rows = sqlx::query(
            "SELECT token_hash, id, user_id, created, renewed, expires, max_age, remembered, provider, user_agent, address
             FROM sessions WHERE user_id = ? AND expires > ? ORDER BY renewed DESC, id",
        )
        .bind(user_id)
        .bind(now.as_millis())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| read_session(row, 0)).collect()
    }

    async fn update_session(
        &self,
        token_hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let update =
            sqlx::query("UPDATE sessions SET expires = ?, renewed = ? WHERE token_hash = ? AND expires = ?")
                .bind(to.as_millis())
                .bind(now.as_millis())
                .bind(token_hash)
                .bind(from.as_millis());
        Ok(update.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn delete_session(&self, token_hash: &str) -> Result<bool, AdapterError> {
        let delete = sqlx::query("DELETE FROM sessions WHERE token_hash = ?").bind(token_hash);
        Ok(delete.execute(&self.pool).await?.rows_affected() == 1)
    }

    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for Revocation { revoked, expires } in revocations {
            let (kind, subject, before, except) = match revoked {
                Revoked::Session { id } => ("session", id, 0, None),
                Revoked::User { id, before, except } => ("user", id, before.as_millis(), except.as_ref()),
                Revoked::Change { id, before } => ("change", id, before.as_millis(), None),
            };
            sqlx::query(
                "INSERT INTO revocations (kind, subject, before, except_id, expires) VALUES (?, ?, ?, ?, ?)",
            )
            .bind(kind)
            .bind(subject)
            .bind(before)
            .bind(except)
            .bind(expires.as_millis())
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn revocations_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Revocation)>, AdapterError> {
        let rows = sqlx::query(
            "SELECT sequence, kind, subject, before, except_id, expires FROM revocations WHERE sequence > ?
             ORDER BY sequence LIMIT ?",
        )
        .bind(number)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, read_revocation(row)?))).collect()
    }

    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        sqlx::query("INSERT INTO verification_tokens (identifier, token_hash, expires) VALUES (?, ?, ?)")
            .bind(&token.identifier)
            .bind(&token.token_hash)
            .bind(token.expires.as_millis())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn use_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let used = sqlx::query(
            "DELETE FROM verification_tokens WHERE identifier = ? AND token_hash = ? AND expires > ?",
        )
        .bind(identifier)
        .bind(token_hash)
        .bind(now.as_millis())
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            == 1;
        if used {
            let others = sqlx::query("DELETE FROM verification_tokens WHERE identifier = ?").bind(identifier);
            others.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(used)
    }

    async fn delete_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
    ) -> Result<(), AdapterError> {
        let delete = sqlx::query("DELETE FROM verification_tokens WHERE identifier = ? AND token_hash = ?");
        delete.bind(identifier).bind(token_hash).execute(&self.pool).await?;
        Ok(())
    }

    async fn count_attempt(
        &self,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError> {
        let row = sqlx::query(
            "INSERT INTO attempts (key, count, resets) VALUES (?1, 1, ?2)
             ON CONFLICT (key) DO UPDATE SET
                 count = CASE WHEN resets <= ?3 THEN 1 ELSE count + 1 END,
                 resets = CASE WHEN resets <= ?3 THEN ?2 ELSE resets END
             RETURNING count, resets",
        )
        .bind(key)
        .bind(now.plus(window).as_millis())
        .bind(now.as_millis())
        .fetch_one(&self.pool)
        .await?;
        let count = u32::try_from(row.try_get::<i64, _>(0)?).unwrap_or(u32::MAX);
        Ok(Attempts { count, resets: Timestamp::from_millis(row.try_get(1)?) })
    }

    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let mut removed = 0;
        for statement in [
            "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE expires <= ? LIMIT ?)",
            "DELETE FROM verification_tokens WHERE (identifier, token_hash) IN
                 (SELECT identifier, token_hash FROM verification_tokens WHERE expires <= ? LIMIT ?)",
            "DELETE FROM attempts WHERE key IN (SELECT key FROM attempts WHERE resets <= ? LIMIT ?)",
            "DELETE FROM revocations WHERE sequence IN (SELECT sequence FROM revocations WHERE expires <= ? LIMIT ?)",
        ] {
            let delete = sqlx::query(statement).bind(now.as_millis()).bind(limit);
            removed += delete.execute(&self.pool).await?.rows_affected();
        }
        Ok(removed)
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }
}

async fn insert_account(
    database: impl sqlx::SqliteExecutor<'_>,
    user_id: &str,
    account: &Account,
    now: Timestamp,
) -> Result<(), AdapterError> {
    sqlx::query(
        "INSERT INTO accounts (provider, provider_account_id, type, user_id, created) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(&account.provider)
    .bind(&account.provider_account_id)
    .bind(&account.r#type)
    .bind(user_id)
    .bind(now.as_millis())
    .execute(database)
    .await?;
    Ok(())
}

/// The first five columns of a row: id, name, email, email_verified, image.
fn read_user(row: &SqliteRow) -> Result<User, AdapterError> {
    Ok(User {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        email: row.try_get(2)?,
        email_verified: row.try_get::<Option<i64>, _>(3)?.map(Timestamp::from_millis),
        image: row.try_get(4)?,
    })
}

/// Eleven columns in the order of [`SessionRecord`], from the one with that index.
fn read_session(row: &SqliteRow, first: usize) -> Result<SessionRecord, AdapterError> {
    let instant = |index| row.try_get(first + index).map(Timestamp::from_millis);
    Ok(SessionRecord {
        token_hash: row.try_get(first)?,
        id: row.try_get(first + 1)?,
        user_id: row.try_get(first + 2)?,
        created: instant(3)?,
        renewed: instant(4)?,
        expires: instant(5)?,
        max_age: Duration::from_millis(u64::try_from(row.try_get::<i64, _>(first + 6)?).unwrap_or(0)),
        remembered: row.try_get(first + 7)?,
        provider: row.try_get(first + 8)?,
        user_agent: row.try_get(first + 9)?,
        address: row.try_get(first + 10)?,
    })
}

fn read_revocation(row: &SqliteRow) -> Result<Revocation, AdapterError> {
    let (kind, id): (String, String) = (row.try_get(1)?, row.try_get(2)?);
    let before = Timestamp::from_millis(row.try_get(3)?);
    let revoked = match kind.as_str() {
        "session" => Revoked::Session { id },
        "user" => Revoked::User { id, before, except: row.try_get(4)? },
        "change" => Revoked::Change { id, before },
        _ => return Err(failed("a revocation is of no known kind")),
    };
    Ok(Revocation { revoked, expires: Timestamp::from_millis(row.try_get(5)?) })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Columns: type, provider, provider_account_id, tokens.
fn read_account(row: &SqliteRow) -> Result<AccountRecord, AdapterError> {
    let account =
        Account { r#type: row.try_get(0)?, provider: row.try_get(1)?, provider_account_id: row.try_get(2)? };
    Ok(AccountRecord { account, tokens: row.try_get(3)? })
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
    options.open(path).map(drop)
}

fn failed(error: impl Into<crate::error::Source>) -> AdapterError {
    AdapterError::Failed(error.into())
}

impl From<sqlx::Error> for AdapterError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() => Self::Conflict,
            _ => failed(error),
        }
    }
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
