//! The contract in SQL, once for all databases that speak it. What differs between them is a [`Dialect`]; each
//! database has a file of its own, with how it is opened.
//!
//! Statements are constants with numbered parameters, each used once and in order, so that every dialect can read them.
//! Nothing is used that databases which speak PostgreSQL's or MySQL's protocol and scale out might lack: no stored
//! procedure, no advisory lock, no clock of the database.

mod guard;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::time::Duration;

use sqlx::{
    ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Pool, SqlStr, Transaction, Type, query::Query,
};

use super::{
    Account, AccountRecord, Adapter, AdapterError, Attempts, Authenticator, Revocation, SessionRecord, User,
    VerificationToken,
};
use crate::clock::Timestamp;
use guard::Guard;

#[cfg(feature = "mysql")]
pub use mysql::MySqlAdapter;
#[cfg(feature = "postgres")]
pub use postgres::PostgresAdapter;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteAdapter;

/// What differs between databases.
#[async_trait::async_trait]
pub trait Dialect: Sized + Send + Sync + 'static {
    /// The driver.
    type Db: Database;

    /// How a transaction begins that will write.
    const BEGIN: &'static str = "BEGIN";

    /// A statement in this dialect.
    fn sql(statement: &'static str) -> SqlStr;

    /// How many rows a statement has changed.
    fn rows_affected(result: &<Self::Db as Database>::QueryResult) -> u64;

    /// See [`Adapter::count_attempt`]. Not all databases can write and read in one statement.
    async fn count_attempt(
        adapter: &SqlAdapter<Self>,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError>;

    /// See [`Adapter::revoked`].
    async fn revoked(_adapter: &SqlAdapter<Self>) {
        std::future::pending().await
    }
}

/// An adapter for a database that speaks SQL.
pub struct SqlAdapter<D: Dialect> {
    pool: Pool<D::Db>,
    guard: Guard,
}

/// A statement with the values bound so far.
type Statement<'q, D> = Query<'q, <D as Dialect>::Db, <<D as Dialect>::Db as Database>::Arguments>;

fn query<'q, D: Dialect>(statement: &'static str) -> Statement<'q, D> {
    sqlx::query(D::sql(statement))
}

const USER: &str = "SELECT id, name, email, email_verified, image, created FROM users WHERE id = $1";

#[async_trait::async_trait]
impl<D: Dialect> Adapter for SqlAdapter<D>
where
    for<'c> &'c mut <D::Db as Database>::Connection: Executor<'c, Database = D::Db>,
    <D::Db as Database>::Arguments: IntoArguments<D::Db>,
    for<'q> &'q str: Encode<'q, D::Db> + Type<D::Db>,
    for<'q> Option<&'q str>: Encode<'q, D::Db>,
    for<'q> Option<i64>: Encode<'q, D::Db>,
    for<'a> i64: Encode<'a, D::Db> + Decode<'a, D::Db> + Type<D::Db>,
    for<'a> bool: Encode<'a, D::Db> + Decode<'a, D::Db> + Type<D::Db>,
    for<'r> String: Decode<'r, D::Db> + Type<D::Db>,
    usize: ColumnIndex<<D::Db as Database>::Row>,
{
    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        let row = self.guard.run(|| query::<D>(USER).bind(id).fetch_optional(&self.pool)).await?;
        row.map(|row| row::user(&row, 0)).transpose()
    }
}
