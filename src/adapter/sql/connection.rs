//! How the SQL adapters reach their database, and what they do when it is slow, unavailable, read-only or contended.
//!
//! - A call ends within [`LIMIT`]: the wait for a connection, all attempts and their answers. At most [`WAITING`] calls
//!   wait at a time. Then the request is answered by 503 (DB-04, DB-09).
//! - A call that loses a deadlock or a serialization conflict is repeated after a random pause (DB-13).
//! - An idle connection is tested before it is used, so a database that was restarted overnight fails no request
//!   (DB-05). A read whose connection ends is repeated.
//! - After an error that condemns the connection ([`Fault::Refused`], [`Fault::Lost`]) every connection that is open is
//!   discarded: after a failover all of them lead to the server that can no longer write. A write that was refused is
//!   repeated once, over a new connection. Connecting resolves the host name again.
//! - A connection whose transaction did not end with a commit is closed: its state is unknown. (After a full disk SQLite
//!   has rolled back the transaction by itself, and the driver still counts it as open: DB-11.)
//! - Where one transaction writes at a time, writers queue without a connection, so that readers always find one
//!   (DB-10).

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
use crate::{adapter::AdapterError, random};

/// The longest that a call takes.
pub(super) const LIMIT: Duration = Duration::from_secs(5);
/// How long a connection may take to show that it is alive. One that was used more recently is not asked before use.
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

/// Connections that were opened before this instant are closed instead of used.
#[derive(Clone)]
pub(super) struct Cutoff(Arc<watch::Sender<Option<Instant>>>);

impl Cutoff {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    /// Discards every connection that is open now, those in use once their call has ended.
    fn advance(&self) {
        self.0.send_replace(Some(Instant::now()));
    }

    fn discards(&self, age: Duration) -> bool {
        self.0.borrow().is_some_and(|instant| age >= instant.elapsed())
    }

    /// Reports the next time that connections are discarded, to a task that keeps one.
    #[cfg(feature = "postgres")]
    pub(super) fn subscribe(&self) -> watch::Receiver<Option<Instant>> {
        self.0.subscribe()
    }
}

/// The settings of every pool; its size is the dialect's.
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
                    // Its neighbors would cost their callers the same wait.
                    cutoff.advance();
                }
                Ok(is_alive)
            })
        },
    )
}

/// Opens the connection of a start, outside the pool. A network that drops packets must not delay the start for
/// minutes: it fails, and the supervisor tries again (DB-01).
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) async fn open<C: Connection>(options: &C::Options) -> Result<C, AdapterError> {
    match timeout(LIMIT, C::connect_with(options)).await {
        Ok(connection) => Ok(connection?),
        Err(_) => Err(failed("the database does not answer")),
    }
}

impl<Db: Database> Connections<Db> {
    /// Takes the cutoff that the pool was made with.
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

    /// Makes a call that writes. Every attempt is one transaction, so one that failed has changed nothing.
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
        // After a lost connection nobody knows whether a write was stored: it is not repeated.
        self.call(0, attempt).await
    }

    /// Makes a call that reads. It is also repeated when its connection ends, so that a database that was just restarted
    /// fails no read.
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
                let jitter = u64::from(random::bytes::<1>()[0]) / 4;
                tokio::time::sleep(Duration::from_millis(jitter) * retries).await;
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
        // The pool first waits for the answer to whatever was sent, without a limit. A caller that gave up while the
        // network dropped packets would take the connection's place in the pool away for as long as TCP retries.
        tokio::spawn(timeout(PING, self.connection.return_to_pool()));
    }
}
