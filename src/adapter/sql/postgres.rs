//! The dialect of PostgreSQL. `NOTIFY` sends revocations to other instances; databases that only speak PostgreSQL's protocol
//! may lack it, so every instance also asks twice a second.

use std::{
    str::FromStr,
    time::{Duration, Instant},
};

use sqlx::{
    Connection, PgConnection, Postgres, SqlSafeStr, SqlStr,
    postgres::{PgConnectOptions, PgListener, PgPool, PgQueryResult},
};
use tokio::{
    sync::{Mutex, watch},
    time::timeout,
};

use super::{
    Dialect, SqlAdapter,
    connection::{self, Connections, Cutoff, LIMIT},
    failed,
};
use crate::adapter::AdapterError;

/// For each instance. PostgreSQL allows 100 in all, unless it is told otherwise.
const CONNECTIONS: u32 = 10;
const CHANNEL: &str = "leptos_auth_revoked";

/// The adapter for `DATABASE_URL=postgres://user:password@host/database`.
pub type PostgresAdapter = SqlAdapter<PostgresDialect>;

/// See [`PostgresAdapter`].
pub struct PostgresDialect {
    pool: PgPool,
    cutoff: Cutoff,
    /// Connected by the first caller that waits.
    listener: Mutex<Option<Listener>>,
}

struct Listener {
    listener: PgListener,
    /// Changes when connections as old as this one are discarded.
    discarded: watch::Receiver<Option<Instant>>,
}

impl SqlAdapter<PostgresDialect> {
    /// Connects and brings the tables up to date.
    ///
    /// # Errors
    /// When the URL is not one of PostgreSQL's, the database cannot be reached or refuses, or its schema is newer than
    /// this program.
    pub async fn connect(url: &str) -> Result<Self, AdapterError> {
        let options =
            PgConnectOptions::from_str(url).map_err(failed)?.application_name(env!("CARGO_PKG_NAME"));
        Self::open(options).await
    }

    /// The same by options, which may say more: such as which schema the tables are in.
    pub(super) async fn open(options: PgConnectOptions) -> Result<Self, AdapterError> {
        let mut migrations = sqlx::migrate!("migrations/postgres");
        migrations.dangerous_set_table_name("auth_migrations");
        // The lock of many starts at once is this connection's: it ends with it, however the start ends.
        let mut connection: PgConnection = connection::open(&options).await?;
        migrations.run_direct(None, &mut connection, false).await.map_err(failed)?;
        connection.close().await?;
        let cutoff = Cutoff::new();
        let pool = connection::pool_options::<Postgres>(&cutoff).max_connections(CONNECTIONS);
        let pool = pool.connect_with(options).await?;
        let dialect =
            PostgresDialect { pool: pool.clone(), cutoff: cutoff.clone(), listener: Mutex::default() };
        Ok(Self { dialect, connections: Connections::new(pool, cutoff) })
    }
}

#[async_trait::async_trait]
impl Dialect for PostgresDialect {
    type Db = Postgres;

    const CREATE_USER_WITH_ACCOUNT: Option<&'static str> = Some(
        "WITH new AS (
             INSERT INTO users (id, name, email, email_key, email_verified, image, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id, created
         )
         INSERT INTO accounts (provider, provider_account_id, type, tokens, user_id, created)
         SELECT $8, $9, $10, $11, id, created FROM new",
    );
    const NOTIFY: Option<&'static str> = Some("NOTIFY leptos_auth_revoked");

    fn sql(statement: &'static str) -> SqlStr {
        statement.into_sql_str()
    }

    fn rows_affected(result: &PgQueryResult) -> u64 {
        result.rows_affected()
    }

    async fn revoked(&self) {
        const PAUSE: Duration = Duration::from_secs(5);
        let mut listener = self.listener.lock().await;
        loop {
            if listener.is_none() {
                *listener = self.listen().await.ok();
            }
            match &mut *listener {
                Some(connected) => tokio::select! {
                    heard = connected.listener.recv() => match heard {
                        Ok(_) => return,
                        Err(_) => *listener = None,
                    },
                    // A server that is no longer the primary does not report revocations made on the new primary.
                    _ = connected.discarded.changed() => *listener = None,
                },
                None => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

impl PostgresDialect {
    async fn listen(&self) -> Result<Listener, AdapterError> {
        let discarded = self.cutoff.subscribe();
        let mut listener = PgListener::connect_with(&self.pool).await?;
        timeout(LIMIT, listener.listen(CHANNEL)).await.map_err(failed)??;
        Ok(Listener { listener, discarded })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::adapter::{contract, test_url};

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    #[ignore = "needs PostgreSQL: cargo xtask services"]
    async fn keeps_the_contract() {
        let url = test_url("TEST_POSTGRES_URL");
        contract::run(Arc::new(PostgresAdapter::connect(&url).await.unwrap())).await;
    }
}
