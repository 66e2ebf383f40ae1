//! The contract in SQL, implemented once for all SQL databases. What differs between them is a [`Dialect`]; each database
//! has its own file, which also opens it.
//!
//! Statements are constants with numbered parameters, each used once and in order, so that every dialect can use them.
//! They avoid features that scalable databases with PostgreSQL's or MySQL's protocol may lack: no stored procedures, no
//! advisory locks while serving, no database clock.

#[cfg(feature = "postgres")]
mod authjs;
mod change;
mod connection;
mod fault;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(test)]
#[cfg(all(feature = "sqlite", feature = "postgres"))]
mod plans;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::time::Duration;

use sqlx::{ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, SqlStr, Type, query::Query};

use super::{
    Account, AccountRecord, Adapter, AdapterError, Attempts, AuditRecord, Authenticator, Change, Owner,
    Revocation, Revoked, SessionRecord, User, UserRecord, VerificationToken,
};
use crate::clock::Timestamp;
use connection::Connections;
use row::Reader;

#[cfg(feature = "postgres")]
pub use authjs::AuthJsAdapter;
#[cfg(feature = "mysql")]
pub use mysql::MySqlAdapter;
#[cfg(feature = "postgres")]
pub use postgres::PostgresAdapter;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteAdapter;

/// Greater than each UUID, by any collation.
const AFTER_ALL_IDS: &str = "g";

/// What differs between databases.
#[async_trait::async_trait]
pub trait Dialect: Sized + Send + Sync + 'static {
    /// The driver.
    type Db: Database;

    /// How a transaction begins that will write.
    const BEGIN: &'static str = "BEGIN";
    /// Whether a statement that writes can return what it wrote.
    const RETURNING: bool = true;
    /// Counts an attempt. Values: key, end of a new window, twice now and the latest end of a window, end of a new window.
    const COUNT_ATTEMPT: &'static str = "INSERT INTO attempts (subject, count, resets) VALUES ($1, 1, $2)
         ON CONFLICT (subject) DO UPDATE SET
             count = CASE WHEN attempts.resets <= $3 OR attempts.resets > $4 THEN 1 ELSE attempts.count + 1 END,
             resets = CASE WHEN attempts.resets <= $5 OR attempts.resets > $6 THEN $7 ELSE attempts.resets END
         RETURNING count, resets";

    /// Stores a user and an account by one statement, where there is such a thing. Values: those of a user, then
    /// provider, its id, type, tokens.
    const CREATE_USER_WITH_ACCOUNT: Option<&'static str> = None;
    /// Reads the mailed tokens of an address, and keeps others from them until the transaction ends.
    const LOCK_VERIFICATION_TOKENS: &'static str = "SELECT token_hash, expires FROM verification_tokens WHERE identifier = $1 ORDER BY token_hash FOR UPDATE";
    /// Locks a user's row, so that no other transaction changes it until this one ends.
    const LOCK_USER: &'static str = "SELECT id FROM users WHERE id = $1 FOR UPDATE";

    /// A statement in this dialect.
    fn sql(statement: &'static str) -> SqlStr;

    /// How many rows a statement has changed.
    fn rows_affected(result: &<Self::Db as Database>::QueryResult) -> u64;

    /// Tells who waits in [`revoked`](Self::revoked) that something was revoked; `None` where nobody can be told.
    const NOTIFY: Option<&'static str> = None;

    /// See [`Adapter::revoked`].
    async fn revoked(&self) {
        std::future::pending().await
    }
}

/// An adapter for a database that speaks SQL.
pub struct SqlAdapter<D: Dialect> {
    dialect: D,
    connections: Connections<D::Db>,
}

type Statement<'q, D> = Query<'q, <D as Dialect>::Db, <<D as Dialect>::Db as Database>::Arguments>;
type Row<D> = <<D as Dialect>::Db as Database>::Row;

/// A statement whose values are still to be bound.
fn query<'q, D: Dialect>(statement: &'static str) -> Statement<'q, D> {
    #[cfg(all(test, feature = "sqlite", feature = "postgres"))]
    plans::note::<D>(statement);
    sqlx::query(D::sql(statement))
}

#[async_trait::async_trait]
impl<D: Dialect> Adapter for SqlAdapter<D>
where
    for<'c> &'c mut <D::Db as Database>::Connection: Executor<'c, Database = D::Db>,
    <D::Db as Database>::Arguments: IntoArguments<D::Db>,
    for<'a> &'a str: Encode<'a, D::Db> + Type<D::Db>,
    for<'a> Option<&'a str>: Encode<'a, D::Db>,
    for<'a> i64: Encode<'a, D::Db> + Decode<'a, D::Db> + Type<D::Db>,
    for<'a> Option<i64>: Encode<'a, D::Db>,
    for<'a> bool: Encode<'a, D::Db> + Decode<'a, D::Db> + Type<D::Db>,
    for<'a> String: Decode<'a, D::Db>,
    usize: ColumnIndex<Row<D>>,
{
    async fn create_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String, AdapterError> {
        self.connections.retrying(|| self.insert_user(user, email_key, account, tokens)).await?;
        Ok(user.id.clone())
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        let row = self.optional(|| {
            query::<D>("SELECT id, name, email, email_verified, image, created FROM users WHERE id = $1")
                .bind(id)
        });
        row.await?.map(|row| Reader::new(&row).user()).transpose()
    }

    async fn get_user_by_email(&self, email_key: &str) -> Result<Option<User>, AdapterError> {
        let row = self.optional(|| {
            query::<D>(
                "SELECT id, name, email, email_verified, image, created FROM users WHERE email_key = $1",
            )
            .bind(email_key)
        });
        row.await?.map(|row| Reader::new(&row).user()).transpose()
    }

    async fn get_user_by_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<Option<User>, AdapterError> {
        let row = self.optional(|| {
            query::<D>(
                "SELECT id, name, email, email_verified, image, users.created FROM accounts
                     JOIN users ON users.id = accounts.user_id
                 WHERE provider = $1 AND provider_account_id = $2",
            )
            .bind(provider)
            .bind(provider_account_id)
        });
        row.await?.map(|row| Reader::new(&row).user()).transpose()
    }

    async fn find_owner(
        &self,
        provider: &str,
        provider_account_id: &str,
        email_key: &str,
    ) -> Result<Owner, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT 'account', id, name, email, email_verified, image, users.created FROM accounts
                     JOIN users ON users.id = accounts.user_id
                 WHERE provider = $1 AND provider_account_id = $2
                 UNION ALL
                 SELECT 'address', id, name, email, email_verified, image, created FROM users WHERE email_key = $3",
            )
            .bind(provider)
            .bind(provider_account_id)
            .bind(email_key)
        });
        let mut owner = Owner::Nobody;
        for row in rows.await? {
            let mut columns = Reader::new(&row);
            let by: String = columns.text()?;
            if by == "account" {
                return Ok(Owner::OfAccount(columns.user()?));
            }
            owner = Owner::OfAddress;
        }
        Ok(owner)
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT id, name, email, email_verified, image, created FROM users WHERE id > $1 ORDER BY id LIMIT $2",
            )
            .bind(after)
            .bind(i64::from(limit))
        });
        rows.await?.iter().map(|row| Reader::new(row).user()).collect()
    }

    async fn change_user(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError> {
        self.connections.retrying(|| self.apply(user_id, changes)).await
    }

    async fn delete_user(&self, id: &str) -> Result<bool, AdapterError> {
        // Foreign keys take everything else along.
        self.changes(|| query::<D>("DELETE FROM users WHERE id = $1").bind(id)).await
    }

    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT type, provider, provider_account_id, tokens, created FROM accounts WHERE user_id = $1
                 ORDER BY created DESC, provider, provider_account_id",
            )
            .bind(user_id)
        });
        rows.await?.iter().map(|row| Reader::new(row).account()).collect()
    }

    async fn update_account_tokens(
        &self,
        account: &Account,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, AdapterError> {
        self.changes(|| {
            query::<D>(
                "UPDATE accounts SET tokens = $1, tokens_leased_until = NULL
                 WHERE provider = $2 AND provider_account_id = $3 AND tokens IS NOT DISTINCT FROM $4",
            )
            .bind(to)
            .bind(account.provider.as_str())
            .bind(account.provider_account_id.as_str())
            .bind(from)
        })
        .await
    }

    async fn lease_account_tokens(
        &self,
        account: &Account,
        tokens: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.changes(|| {
            query::<D>(
                "UPDATE accounts SET tokens_leased_until = $1
                 WHERE provider = $2 AND provider_account_id = $3 AND tokens = $4
                     AND (tokens_leased_until IS NULL OR tokens_leased_until <= $5)",
            )
            .bind(until.as_millis())
            .bind(account.provider.as_str())
            .bind(account.provider_account_id.as_str())
            .bind(tokens)
            .bind(now.as_millis())
        })
        .await
    }

    async fn create_session(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        self.changes(|| {
            query::<D>(
                "INSERT INTO sessions (token_hash, id, user_id, created, renewed, expires, max_age, remembered, provider,
                     user_agent, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .bind(session.token_hash.as_str())
            .bind(session.id.as_str())
            .bind(session.user_id.as_str())
            .bind(session.created.as_millis())
            .bind(session.renewed.as_millis())
            .bind(session.expires.as_millis())
            .bind(millis(session.max_age))
            .bind(session.remembered)
            .bind(session.provider.as_str())
            .bind(session.user_agent.as_deref())
            .bind(session.address.as_deref())
        })
        .await
        .map(drop)
    }

    async fn get_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, AdapterError> {
        let row = self.optional(|| {
            query::<D>(
                "SELECT token_hash, id, user_id, created, renewed, expires, max_age, remembered, provider, user_agent,
                     address
                 FROM sessions WHERE token_hash = $1 AND expires > $2",
            )
            .bind(token_hash)
            .bind(now.as_millis())
        });
        row.await?.map(|row| Reader::new(&row).session()).transpose()
    }

    async fn get_session_and_user(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>, AdapterError> {
        let row = self.optional(|| {
            query::<D>(
                "SELECT token_hash, sessions.id, user_id, sessions.created, renewed, expires, max_age, remembered, provider,
                     user_agent, address, users.id, name, email, email_verified, image, users.created
                 FROM sessions JOIN users ON users.id = sessions.user_id WHERE token_hash = $1 AND expires > $2",
            )
            .bind(token_hash)
            .bind(now.as_millis())
        });
        let read = |row| {
            let mut row = Reader::new(&row);
            Ok((row.session()?, row.user()?))
        };
        row.await?.map(read).transpose()
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT token_hash, id, user_id, created, renewed, expires, max_age, remembered, provider, user_agent,
                     address
                 FROM sessions WHERE user_id = $1 AND expires > $2 ORDER BY renewed DESC, id",
            )
            .bind(user_id)
            .bind(now.as_millis())
        });
        rows.await?.iter().map(|row| Reader::new(row).session()).collect()
    }

    async fn update_session(
        &self,
        token_hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        if from <= now {
            return Ok(false); // it has expired
        }
        self.changes(|| {
            query::<D>(
                "UPDATE sessions SET expires = $1, renewed = $2 WHERE token_hash = $3 AND expires = $4",
            )
            .bind(to.as_millis())
            .bind(now.as_millis())
            .bind(token_hash)
            .bind(from.as_millis())
        })
        .await
    }

    async fn delete_session(&self, token_hash: &str) -> Result<bool, AdapterError> {
        self.changes(|| query::<D>("DELETE FROM sessions WHERE token_hash = $1").bind(token_hash)).await
    }

    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError> {
        if revocations.is_empty() {
            return Ok(());
        }
        self.connections.retrying(|| self.insert_revocations(revocations)).await
    }

    async fn revocations_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Revocation)>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT sequence, kind, subject, until, except_id, expires FROM revocations WHERE sequence > $1
                 ORDER BY sequence LIMIT $2",
            )
            .bind(number)
            .bind(i64::from(limit))
        });
        rows.await?.iter().map(|row| Reader::new(row).revocation()).collect()
    }

    async fn revoked(&self) {
        self.dialect.revoked().await;
    }

    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        self.changes(|| {
            query::<D>(
                "INSERT INTO verification_tokens (identifier, token_hash, expires) VALUES ($1, $2, $3)",
            )
            .bind(token.identifier.as_str())
            .bind(token.token_hash.as_str())
            .bind(token.expires.as_millis())
        })
        .await
        .map(drop)
    }

    async fn use_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.connections.retrying(|| self.take_verification_token(identifier, token_hash, now)).await
    }

    async fn has_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let row = self.optional(|| {
            query::<D>(
                "SELECT 1 FROM verification_tokens WHERE identifier = $1 AND token_hash = $2 AND expires > $3",
            )
            .bind(identifier)
            .bind(token_hash)
            .bind(now.as_millis())
        });
        Ok(row.await?.is_some())
    }

    async fn delete_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
    ) -> Result<(), AdapterError> {
        self.changes(|| {
            query::<D>("DELETE FROM verification_tokens WHERE identifier = $1 AND token_hash = $2")
                .bind(identifier)
                .bind(token_hash)
        })
        .await
        .map(drop)
    }

    async fn get_authenticator(&self, credential_id: &str) -> Result<Option<Authenticator>, AdapterError> {
        let row = self.optional(|| {
            query::<D>(
                "SELECT credential_id, user_id, provider_account_id, public_key, counter, device_type, backed_up, transports,
                     name, created, used
                 FROM authenticators WHERE credential_id = $1",
            )
            .bind(credential_id)
        });
        row.await?.map(|row| Reader::new(&row).authenticator()).transpose()
    }

    async fn list_authenticators(&self, user_id: &str) -> Result<Vec<Authenticator>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT credential_id, user_id, provider_account_id, public_key, counter, device_type, backed_up, transports,
                     name, created, used
                 FROM authenticators WHERE user_id = $1 ORDER BY created DESC, credential_id",
            )
            .bind(user_id)
        });
        rows.await?.iter().map(|row| Reader::new(row).authenticator()).collect()
    }

    async fn use_authenticator(
        &self,
        credential_id: &str,
        from: u32,
        to: u32,
        backed_up: bool,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.changes(|| {
            query::<D>(
                "UPDATE authenticators SET counter = $1, backed_up = $2, used = $3
                 WHERE credential_id = $4 AND counter = $5",
            )
            .bind(i64::from(to))
            .bind(backed_up)
            .bind(now.as_millis())
            .bind(credential_id)
            .bind(i64::from(from))
        })
        .await
    }

    fn keeps_user_records(&self) -> bool {
        true
    }

    async fn list_user_records(&self, user_id: &str) -> Result<Vec<UserRecord>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT user_id, kind, id, value, created, expires FROM user_records WHERE user_id = $1 ORDER BY kind, id",
            )
            .bind(user_id)
        });
        rows.await?.iter().map(|row| Reader::new(row).user_record()).collect()
    }

    async fn expired_user_records(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserRecord>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT user_id, kind, id, value, created, expires FROM user_records WHERE expires <= $1 AND kind = $2
                 ORDER BY expires LIMIT $3",
            )
            .bind(now.as_millis())
            .bind(kind)
            .bind(i64::from(limit))
        });
        rows.await?.iter().map(|row| Reader::new(row).user_record()).collect()
    }

    async fn count_attempt(
        &self,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError> {
        let count = || {
            let resets = now.plus(window).as_millis();
            let (now, latest) = (now.as_millis(), Attempts::latest_reset(window, now).as_millis());
            let count = query::<D>(D::COUNT_ATTEMPT).bind(key).bind(resets);
            count.bind(now).bind(latest).bind(now).bind(latest).bind(resets)
        };
        if D::RETURNING {
            let row = self.written(count).await?.ok_or_else(|| failed("nothing was counted"))?;
            return Reader::new(&row).attempts();
        }
        self.connections.retrying(|| self.count_and_read(count(), key)).await
    }

    async fn return_attempts(&self, key: &str, count: u32) -> Result<(), AdapterError> {
        self.changes(|| {
            query::<D>(
                "UPDATE attempts SET count = CASE WHEN count > $1 THEN count - $2 ELSE 0 END WHERE subject = $3",
            )
            .bind(i64::from(count))
            .bind(i64::from(count))
            .bind(key)
        })
        .await
        .map(drop)
    }

    async fn add_audit(&self, record: &AuditRecord, deliver: bool) -> Result<(), AdapterError> {
        self.changes(|| {
            query::<D>(
                "INSERT INTO audit (id, user_id, created, expires, data, undelivered) VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(record.id.as_str())
            .bind(record.user_id.as_deref())
            .bind(record.created.as_millis())
            .bind(record.expires.as_millis())
            .bind(record.data.as_str())
            .bind(deliver)
        })
        .await
        .map(drop)
    }

    async fn list_audit(
        &self,
        user_id: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT id, user_id, created, expires, data FROM audit WHERE user_id = $1 AND id < $2
                 ORDER BY id DESC LIMIT $3",
            )
            .bind(user_id)
            .bind(before.unwrap_or(AFTER_ALL_IDS))
            .bind(i64::from(limit))
        });
        rows.await?.iter().map(|row| Reader::new(row).audit()).collect()
    }

    async fn audit_after(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT id, user_id, created, expires, data FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
            )
            .bind(after)
            .bind(i64::from(limit))
        });
        rows.await?.iter().map(|row| Reader::new(row).audit()).collect()
    }

    async fn undelivered_audit(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        let rows = self.all(|| {
            query::<D>(
                "SELECT id, user_id, created, expires, data FROM audit WHERE undelivered = TRUE AND id > $1
                 ORDER BY id LIMIT $2",
            )
            .bind(after)
            .bind(i64::from(limit))
        });
        rows.await?.iter().map(|row| Reader::new(row).audit()).collect()
    }

    async fn audit_delivered(&self, id: &str) -> Result<bool, AdapterError> {
        self.changes(|| {
            query::<D>("UPDATE audit SET undelivered = FALSE WHERE id = $1 AND undelivered = TRUE").bind(id)
        })
        .await
    }

    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        // Not all databases delete a limited number of rows, nor limit a subquery: the second one is for them.
        const STATEMENTS: [&str; 5] = [
            "DELETE FROM sessions WHERE expires <= $1 AND token_hash IN (SELECT token_hash FROM
                 (SELECT token_hash FROM sessions WHERE expires <= $2 LIMIT $3) AS expired)",
            "DELETE FROM verification_tokens WHERE expires <= $1 AND token_hash IN (SELECT token_hash FROM
                 (SELECT token_hash FROM verification_tokens WHERE expires <= $2 LIMIT $3) AS expired)",
            "DELETE FROM attempts WHERE resets <= $1 AND subject IN (SELECT subject FROM
                 (SELECT subject FROM attempts WHERE resets <= $2 LIMIT $3) AS expired)",
            "DELETE FROM revocations WHERE expires <= $1 AND sequence IN (SELECT sequence FROM
                 (SELECT sequence FROM revocations WHERE expires <= $2 LIMIT $3) AS expired)",
            "DELETE FROM audit WHERE expires <= $1 AND id IN (SELECT id FROM
                 (SELECT id FROM audit WHERE expires <= $2 LIMIT $3) AS expired)",
        ];
        let mut removed = 0;
        for statement in STATEMENTS {
            let delete =
                || query::<D>(statement).bind(now.as_millis()).bind(now.as_millis()).bind(i64::from(limit));
            removed += self.execute(delete).await?;
        }
        Ok(removed)
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        // No attempt has this key, so nothing changes. A read-only database rejects it like any other write.
        self.execute(|| query::<D>("DELETE FROM attempts WHERE subject = $1").bind("")).await.map(drop)
    }
}

/// The values of a new row of `users`.
fn bind_user<'q, Db: Database>(
    insert: Query<'q, Db, Db::Arguments>,
    user: &'q User,
    email_key: Option<&'q str>,
) -> Query<'q, Db, Db::Arguments>
where
    &'q str: Encode<'q, Db> + Type<Db>,
    Option<&'q str>: Encode<'q, Db>,
    i64: Encode<'q, Db> + Type<Db>,
    Option<i64>: Encode<'q, Db>,
{
    insert
        .bind(user.id.as_str())
        .bind(user.name.as_deref())
        .bind(user.email.as_deref())
        .bind(email_key)
        .bind(user.email_verified.map(Timestamp::as_millis))
        .bind(user.image.as_deref())
        .bind(user.created.as_millis())
}

/// A new row of `accounts`.
fn insert_account<'q, D: Dialect>(
    user_id: &'q str,
    account: &'q Account,
    tokens: Option<&'q str>,
    now: Timestamp,
) -> Statement<'q, D>
where
    &'q str: Encode<'q, D::Db> + Type<D::Db>,
    Option<&'q str>: Encode<'q, D::Db>,
    i64: Encode<'q, D::Db> + Type<D::Db>,
{
    query::<D>(
        "INSERT INTO accounts (provider, provider_account_id, type, user_id, tokens, created)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(account.provider.as_str())
    .bind(account.provider_account_id.as_str())
    .bind(account.r#type.as_str())
    .bind(user_id)
    .bind(tokens)
    .bind(now.as_millis())
}

/// One statement, and what takes more than one: all of them, or none.
impl<D: Dialect> SqlAdapter<D>
where
    for<'c> &'c mut <D::Db as Database>::Connection: Executor<'c, Database = D::Db>,
    <D::Db as Database>::Arguments: IntoArguments<D::Db>,
    for<'a> &'a str: Encode<'a, D::Db> + Type<D::Db>,
    for<'a> Option<&'a str>: Encode<'a, D::Db>,
    for<'a> i64: Encode<'a, D::Db> + Decode<'a, D::Db> + Type<D::Db>,
    for<'a> Option<i64>: Encode<'a, D::Db>,
    for<'a> bool: Decode<'a, D::Db> + Type<D::Db>,
    for<'a> String: Decode<'a, D::Db>,
    usize: ColumnIndex<Row<D>>,
{
    async fn optional<'q>(
        &self,
        statement: impl Fn() -> Statement<'q, D> + Send + Sync,
    ) -> Result<Option<Row<D>>, AdapterError> {
        self.connections
            .reading(|| async { Ok(statement().fetch_optional(&mut *self.connections.get().await?).await?) })
            .await
    }

    async fn all<'q>(
        &self,
        statement: impl Fn() -> Statement<'q, D> + Send + Sync,
    ) -> Result<Vec<Row<D>>, AdapterError> {
        self.connections
            .reading(|| async { Ok(statement().fetch_all(&mut *self.connections.get().await?).await?) })
            .await
    }

    /// The row that a statement has written and returns, if it has.
    async fn written<'q>(
        &self,
        statement: impl Fn() -> Statement<'q, D> + Send + Sync,
    ) -> Result<Option<Row<D>>, AdapterError> {
        self.connections
            .retrying(|| async {
                Ok(statement().fetch_optional(&mut *self.connections.get_to_write().await?).await?)
            })
            .await
    }

    /// The number of rows that a statement has changed.
    async fn execute<'q>(
        &self,
        statement: impl Fn() -> Statement<'q, D> + Send + Sync,
    ) -> Result<u64, AdapterError> {
        self.connections
            .retrying(|| async {
                let result = statement().execute(&mut *self.connections.get_to_write().await?).await?;
                Ok(D::rows_affected(&result))
            })
            .await
    }

    /// Whether a statement has changed a row.
    async fn changes<'q>(
        &self,
        statement: impl Fn() -> Statement<'q, D> + Send + Sync,
    ) -> Result<bool, AdapterError> {
        Ok(self.execute(statement).await? > 0)
    }

    async fn insert_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<(), AdapterError> {
        let mut connection = self.connections.get_to_write().await?;
        if let (Some(statement), Some(account)) = (D::CREATE_USER_WITH_ACCOUNT, account) {
            bind_user(query::<D>(statement), user, email_key)
                .bind(account.provider.as_str())
                .bind(account.provider_account_id.as_str())
                .bind(account.r#type.as_str())
                .bind(tokens)
                .execute(&mut *connection)
                .await?;
            return Ok(());
        }
        let mut transaction = connection.begin(D::BEGIN).await?;
        let insert = query::<D>(
            "INSERT INTO users (id, name, email, email_key, email_verified, image, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        bind_user(insert, user, email_key).execute(&mut *transaction).await?;
        if let Some(account) = account {
            insert_account::<D>(&user.id, account, tokens, user.created).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        connection.committed();
        Ok(())
    }

    async fn insert_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError> {
        let mut connection = self.connections.get_to_write().await?;
        let mut transaction = connection.begin(D::BEGIN).await?;
        for Revocation { revoked, expires } in revocations {
            let (kind, subject, until, except) = match revoked {
                Revoked::Session { id } => ("session", id, 0, None),
                Revoked::User { id, before, except } => ("user", id, before.as_millis(), except.as_deref()),
                Revoked::Change { id, before } => ("change", id, before.as_millis(), None),
            };
            query::<D>(
                "INSERT INTO revocations (kind, subject, until, except_id, expires) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(kind)
            .bind(subject.as_str())
            .bind(until)
            .bind(except)
            .bind(expires.as_millis())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        connection.committed();
        if let Some(notify) = D::NOTIFY {
            // Those who are not told ask: a database without this word is no reason to fail.
            let _ = query::<D>(notify).execute(&mut *connection).await;
        }
        Ok(())
    }

    async fn take_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let mut connection = self.connections.get_to_write().await?;
        let mut transaction = connection.begin(D::BEGIN).await?;
        // All of them first, and in one order: two callers with two tokens of one address wait for each other in a row.
        let tokens =
            query::<D>(D::LOCK_VERIFICATION_TOKENS).bind(identifier).fetch_all(&mut *transaction).await?;
        let mut is_taken = false;
        for token in &tokens {
            let (hash, expires) = Reader::new(token).verification_token()?;
            is_taken |= hash == token_hash && expires > now;
        }
        if is_taken {
            let all = query::<D>("DELETE FROM verification_tokens WHERE identifier = $1").bind(identifier);
            all.execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        connection.committed();
        Ok(is_taken)
    }

    async fn count_and_read(&self, count: Statement<'_, D>, key: &str) -> Result<Attempts, AdapterError> {
        let mut connection = self.connections.get_to_write().await?;
        let mut transaction = connection.begin(D::BEGIN).await?;
        count.execute(&mut *transaction).await?;
        let read = query::<D>("SELECT count, resets FROM attempts WHERE subject = $1").bind(key);
        let attempts = Reader::new(&read.fetch_one(&mut *transaction).await?).attempts()?;
        transaction.commit().await?;
        connection.committed();
        Ok(attempts)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
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
