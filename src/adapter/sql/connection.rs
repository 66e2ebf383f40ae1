//! Connects the SQL adapters to their database, and handles a database that is slow, unavailable, read-only or contended.
//!
//! - A call ends within [`LIMIT`], including the wait for a connection, all attempts and their answers. At most
//!   [`WAITING`] calls wait at a time. Further requests get a 503 response (DB-04, DB-09).
//! - A call that loses a deadlock or a serialization conflict is repeated after a random pause (DB-13).
//! - An idle connection is tested before use, so no request fails because the database was restarted overnight (DB-05).
//!   A read whose connection ends is repeated.
//! - After an error that affects the connection itself ([`Fault::Refused`], [`Fault::Lost`]) all open connections are
//!   discarded: after a failover all of them lead to the server that can no longer write. A rejected write is repeated
//!   once, over a new connection. Connecting resolves the host name again.
//! - A connection whose transaction did not end with a commit is closed, because its state is unknown. (When the disk is
//!   full, SQLite rolls back the transaction by itself, but the driver still counts it as open: DB-11.)
//! - If the database allows one writer at a time, writers queue without holding a connection, so that readers always
//!   find one (DB-10).

use std::{
    future::Future,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{
    Connection, Database, Pool, SqlSafeStr, Transaction,
    pool::{PoolConnection, PoolOptions},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit, watch},
    time::timeout,
};

use super::{failed, fault::Fault};
use crate::adapter::{AdapterError, CALL_LIMIT, retry};

/// The longest time that a call takes.
pub(super) const LIMIT: Duration = CALL_LIMIT;
/// The timeout for testing a connection. A connection that was used within this time is not tested.
const PING: Duration = Duration::from_secs(1);
/// A pool of ten serves so many within a second, unless the database is in trouble.
const WAITING: usize = 2000;
const RETRIES: u32 = 3;

pub(super) struct Connections<Db: Database> {
    pool: Pool<Db>,
    cutoff: Cutoff,
    waiting: Semaphore,
    writing: Semaphore,
}

/// Connections opened before this instant are closed instead of reused.
#[derive(Clone)]
pub(super) struct Cutoff(Arc<watch::Sender<Option<Instant>>>);

impl Cutoff {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    /// Discards every connection that is open now; those in use are closed when their call ends.
    fn advance(&self) {
        self.0.send_replace(Some(Instant::now()));
    }

    fn discards(&self, age: Duration) -> bool {
        self.0.borrow().is_some_and(|instant| age >= instant.elapsed())
    }

    /// Notifies a task that keeps a connection when connections are discarded.
    #[cfg(feature = "postgres")]
    pub(super) fn subscribe(&self) -> watch::Receiver<Option<Instant>> {
        self.0.subscribe()
    }
}

/// Returns the settings of every pool; the dialect sets the size.
pub(super) fn pool_options<Db: Database>(cutoff: &Cutoff) -> PoolOptions<Db> {
    let cutoff = cutoff.clone();
    PoolOptions::new().min_connections(1).acquire_timeout(LIMIT).test_before_acquire(false).before_acquire(
        move |connection: &mut Db::Connection, meta| {
            let cutoff = cutoff.clone();
            Box::pin(async move {
                if cutoff.discards(meta.age) {
                    return Ok(false);
                }
                let is_alive =
                    meta.idle_for < PING || matches!(timeout(PING, connection.ping()).await, Ok(Ok(())));
                if !is_alive {
                    // The other idle connections would make their callers wait just as long.
                    cutoff.advance();
                }
                Ok(is_alive)
            })
        },
    )
}

/// Opens the first connection at startup, outside the pool. If a network drops packets, the start must fail quickly, so
/// that the supervisor tries again (DB-01).
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) async fn open<C: Connection>(options: &C::Options) -> Result<C, AdapterError> {
    match timeout(LIMIT, C::connect_with(options)).await {
        Ok(connection) => Ok(connection?),
        Err(_) => Err(failed("the database does not answer")),
    }
}

impl<Db: Database> Connections<Db> {
    /// Takes the cutoff that the pool was created with.
    pub(super) fn new(pool: Pool<Db>, cutoff: Cutoff) -> Self {
        Self { pool, cutoff, waiting: Semaphore::new(WAITING), writing: Semaphore::new(WAITING) }
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
        let writing = self.writing.acquire().await.map_err(failed)?;
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
        Ok(Held { connection, is_in_doubt: false, _writing: writing, _turn: turn })
    }

    /// Runs a write. Every attempt is one transaction, so a failed attempt has changed nothing.
    ///
    /// # Errors
    /// [`AdapterError::Failed`] if the call did not end within [`LIMIT`].
    pub(super) async fn retrying<T, F>(
        &self,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<T, AdapterError>
    where
        F: Future<Output = Result<T, AdapterError>> + Send,
    {
        // After a lost connection it is unknown whether the write was stored, so it is not repeated.
        self.call(0, attempt).await
    }

    /// Runs a read. It is also repeated when its connection ends, so that no read fails because the database was just
    /// restarted.
    ///
    /// # Errors
    /// See [`retrying`](Self::retrying).
    pub(super) async fn reading<T, F>(&self, attempt: impl Fn() -> F + Send + Sync) -> Result<T, AdapterError>
    where
        F: Future<Output = Result<T, AdapterError>> + Send,
    {
        self.call(RETRIES, attempt).await
    }

    async fn call<T, F>(
        &self,
        retries_after_loss: u32,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<T, AdapterError>
    where
        F: Future<Output = Result<T, AdapterError>> + Send,
    {
        let attempts = async {
            let mut retries = 0;
            loop {
                let error = match attempt().await {
                    Ok(value) => return Ok(value),
                    Err(error) => error,
                };
                let fault = Fault::of(&error);
                if matches!(fault, Some(Fault::Refused | Fault::Lost)) {
                    self.cutoff.advance();
                }
                let allowed = match fault {
                    Some(Fault::Contended) => RETRIES,
                    Some(Fault::Refused) => 1,
                    Some(Fault::Lost) => retries_after_loss,
                    None => 0,
                };
                if retries >= allowed {
                    return Err(error);
                }
                retries += 1;
                retry::pause(retries).await;
            }
        };
        match timeout(LIMIT, attempts).await {
            Ok(result) => result,
            Err(_) => Err(failed("the database did not answer in time")),
        }
    }
}

/// A connection in use.
pub(super) struct Held<'a, Db: Database> {
    connection: PoolConnection<Db>,
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
        if self.is_in_doubt {
            self.connection.close_on_drop();
            return;
        }
        // The pool first waits, without a limit, for the answer to what was sent. If the network drops packets, the
        // connection of a caller that gave up would occupy its place in the pool for as long as TCP retries.
        tokio::spawn(timeout(PING, self.connection.return_to_pool()));
    }
}
