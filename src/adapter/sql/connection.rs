//! How the adapter gets to its database, and what it does when that is slow, away or contended.
//!
//! - Nobody waits long: [`ACQUIRE`] for a connection and [`HOLD`] for its answer, and at most [`WAITING`] calls at a
//!   time; then the request is answered by 503 (DB-04, DB-09). A connection that kept a call waiting is closed.
//! - The loser of a deadlock or of a serialization conflict tries again, a few times and not in step (DB-13).
//! - A connection that was idle is asked first whether it still lives: a database that was restarted overnight fails
//!   nobody in the morning (DB-05). A read whose connection dies all the same is made again.
//! - A connection whose transaction did not end well is never used again: nobody knows what state it is in. (After a
//!   full disk SQLite has undone the transaction by itself, and the driver believes for ever that it runs: DB-11.)
//! - Where there is one writer at a time, writers wait for each other without a connection, so that those who only read
//!   always find one (DB-10).

use std::{
    borrow::Cow,
    future::Future,
    ops::{Deref, DerefMut},
    time::{Duration, Instant},
};

use sqlx::{
    Connection, Database, Pool, SqlSafeStr, Transaction,
    pool::{PoolConnection, PoolOptions},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::failed;
use crate::{adapter::AdapterError, random};

const ACQUIRE: Duration = Duration::from_secs(5);
const HOLD: Duration = Duration::from_secs(5);
/// A pool of ten serves so many within a second, unless the database is in trouble.
const WAITING: usize = 2000;
const RETRIES: u32 = 3;
/// A connection that was used a moment ago is not asked whether it lives.
const FRESH: Duration = Duration::from_secs(1);

pub(super) struct Connections<Db: Database> {
    pool: Pool<Db>,
    waiting: Semaphore,
    writing: Semaphore,
}

/// How every pool is set up; its size is the dialect's.
pub(super) fn pool_options<Db: Database>() -> PoolOptions<Db> {
    PoolOptions::new().min_connections(1).acquire_timeout(ACQUIRE).test_before_acquire(false).before_acquire(
        |connection: &mut Db::Connection, meta| {
            Box::pin(async move {
                let is_alive = meta.idle_for < FRESH
                    || matches!(tokio::time::timeout(FRESH, connection.ping()).await, Ok(Ok(())));
                Ok(is_alive)
            })
        },
    )
}

/// Opens the connection of a start, outside the pool. A machine that swallows packets must not hold the start up for
/// minutes: whoever runs the program hears of it and tries again (DB-01).
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) async fn open<C: Connection>(options: &C::Options) -> Result<C, AdapterError> {
    match tokio::time::timeout(HOLD, C::connect_with(options)).await {
        Ok(connection) => Ok(connection?),
        Err(_) => Err(failed("the database does not answer")),
    }
}

impl<Db: Database> Connections<Db> {
    pub(super) fn new(pool: Pool<Db>) -> Self {
        Self { pool, waiting: Semaphore::new(WAITING), writing: Semaphore::new(WAITING) }
    }

    /// For a database that lets one write at a time.
    #[cfg(feature = "sqlite")]
    pub(super) fn with_one_writer(self) -> Self {
        Self { writing: Semaphore::new(1), ..self }
    }

    /// A connection, for one call that reads.
    pub(super) async fn get(&self) -> Result<Held<'_, Db>, AdapterError> {
        let turn = self.turn()?;
        self.hold(turn, None).await
    }

    /// A connection, for one call that writes.
    pub(super) async fn get_to_write(&self) -> Result<Held<'_, Db>, AdapterError> {
        let turn = self.turn()?;
        let writing = tokio::time::timeout(HOLD, self.writing.acquire()).await;
        let writing = writing.map_err(|_| failed("too many calls wait to write"))?.map_err(failed)?;
        self.hold(turn, Some(writing)).await
    }

    fn turn(&self) -> Result<SemaphorePermit<'_>, AdapterError> {
        self.waiting.try_acquire().map_err(|_| failed("too many calls wait for the database"))
    }

    async fn hold<'a>(
        &'a self,
        turn: SemaphorePermit<'a>,
        writing: Option<SemaphorePermit<'a>>,
    ) -> Result<Held<'a, Db>, AdapterError> {
        let connection = self.pool.acquire().await?;
        Ok(Held { connection, since: Instant::now(), is_in_doubt: false, _writing: writing, _turn: turn })
    }
}

/// A connection in use.
pub(super) struct Held<'a, Db: Database> {
    connection: PoolConnection<Db>,
    since: Instant,
    is_in_doubt: bool,
    _writing: Option<SemaphorePermit<'a>>,
    _turn: SemaphorePermit<'a>,
}

impl<Db: Database> Held<'_, Db> {
    /// Begins a transaction. Call [`committed`](Self::committed) after its end.
    pub(super) async fn begin(
        &mut self,
        statement: &'static str,
    ) -> Result<Transaction<'_, Db>, AdapterError> {
        self.is_in_doubt = true;
        Ok(self.connection.begin_with(statement.into_sql_str()).await?)
    }

    /// The transaction ended well.
    pub(super) fn committed(&mut self) {
        self.is_in_doubt = false;
    }
}

impl<Db: Database> Deref for Held<'_, Db> {
    type Target = Db::Connection;

    fn deref(&self) -> &Db::Connection {
        &self.connection
    }
}

impl<Db: Database> DerefMut for Held<'_, Db> {
    fn deref_mut(&mut self) -> &mut Db::Connection {
        &mut self.connection
    }
}

impl<Db: Database> Drop for Held<'_, Db> {
    fn drop(&mut self) {
        // Its answer may never come, and nobody else shall wait for that.
        if self.is_in_doubt || self.since.elapsed() >= HOLD {
            self.connection.close_on_drop();
        }
    }
}

/// Makes a call within the time limits, and again while it loses conflicts: every attempt is one transaction, so a
/// failed one has changed nothing.
pub(super) async fn retrying<T, F>(attempt: impl Fn() -> F + Send + Sync) -> Result<T, AdapterError>
where
    F: Future<Output = Result<T, AdapterError>> + Send,
{
    retrying_if(is_lost_conflict, attempt).await
}

/// The same for a call that only reads: it is also made again when its connection turns out to be dead, so that nobody
/// notices a database that was restarted a moment ago. (Of a write nobody knows then whether it has happened.)
pub(super) async fn reading<T, F>(attempt: impl Fn() -> F + Send + Sync) -> Result<T, AdapterError>
where
    F: Future<Output = Result<T, AdapterError>> + Send,
{
    retrying_if(|error| is_lost_conflict(error) || is_dead_connection(error), attempt).await
}

async fn retrying_if<T, F>(
    may_retry: impl Fn(&AdapterError) -> bool + Send + Sync,
    attempt: impl Fn() -> F + Send + Sync,
) -> Result<T, AdapterError>
where
    F: Future<Output = Result<T, AdapterError>> + Send,
{
    let mut retries = 0;
    loop {
        match tokio::time::timeout(ACQUIRE + HOLD, attempt()).await {
            Err(_) => return Err(failed("the database did not answer in time")),
            Ok(Err(error)) if retries < RETRIES && may_retry(&error) => retries += 1,
            Ok(result) => return result,
        }
        let jitter = u64::from(random::bytes::<1>()[0]) / 4;
        tokio::time::sleep(Duration::from_millis(jitter) * retries).await;
    }
}

/// SQLSTATE class 40: the database undid the transaction so that another could go on.
fn is_lost_conflict(error: &AdapterError) -> bool {
    sql_state(error).is_some_and(|state| state.len() == 5 && state.starts_with("40"))
}

/// The other end has closed the connection, or says that it is about to: SQLSTATE 57P01 to 57P03.
fn is_dead_connection(error: &AdapterError) -> bool {
    let is_closed = matches!(sqlx_error(error), Some(sqlx::Error::Io(_)));
    is_closed || sql_state(error).is_some_and(|state| state.starts_with("57P0"))
}

fn sql_state(error: &AdapterError) -> Option<Cow<'_, str>> {
    sqlx_error(error)?.as_database_error()?.code()
}

fn sqlx_error(error: &AdapterError) -> Option<&sqlx::Error> {
    let AdapterError::Failed(error) = error else { return None };
    error.downcast_ref()
}
