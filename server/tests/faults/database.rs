//! A PostgreSQL or MariaDB database for one test, with direct access besides the server's.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor, MySqlConnection, PgConnection, Row};
use url::Url;

/// How long a database server may take to come up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which kind, and where: `postgres://…` or `mysql://…`.
#[derive(Clone, Debug)]
pub struct Database {
    url: Url,
}

/// A connection that holds locks.
pub enum Connected {
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

impl Connected {
    pub async fn try_execute(&mut self, statement: &str) -> Result<(), sqlx::Error> {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        match self {
            Self::Postgres(connection) => connection.execute(statement).await.map(drop),
            Self::MySql(connection) => connection.execute(statement).await.map(drop),
        }
    }

    pub async fn execute(&mut self, statement: &str) {
        self.try_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// The texts of all rows.
    pub async fn rows(&mut self, query: &str) -> Vec<Vec<String>> {
        // MariaDB keeps texts in columns that it calls binary, which sqlx would not read as text unasked.
        macro_rules! rows {
            ($connection:expr) => {{
                let rows = $connection.fetch_all(sqlx::AssertSqlSafe(query.to_owned())).await.unwrap();
                let text = |row: &_, index| Row::try_get_unchecked::<String, _>(row, index).unwrap();
                rows.iter().map(|row| (0..row.len()).map(|index| text(row, index)).collect()).collect()
            }};
        }
        match self {
            Self::Postgres(connection) => rows!(connection),
            Self::MySql(connection) => rows!(connection),
        }
    }
}

impl Database {
    /// A new, empty one on the server whose address that variable has.
    pub async fn new(variable: &str) -> Self {
        Self::on(Self::server(variable).url.as_str()).await
    }

    /// The one that is there from the beginning.
    pub fn server(variable: &str) -> Self {
        let url = std::env::var(variable)
            .unwrap_or_else(|_| panic!("{variable} is not set: `cargo xtask services` starts the databases"));
        Self { url: Url::parse(&url).unwrap() }
    }

    /// A new, empty one on that server.
    pub async fn on(server: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("faults_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self::at(server, &name).await
    }

    /// Creates a new, empty database with this name.
    pub async fn at(server: &str, name: &str) -> Self {
        let server = Self { url: Url::parse(server).unwrap() };
        server.execute(&format!("CREATE DATABASE {name}")).await;
        let mut url = server.url;
        url.set_path(name);
        Self { url }
    }

    pub fn is_postgres(&self) -> bool {
        self.url.scheme() == "postgres"
    }

    pub fn name(&self) -> &str {
        self.url.path().trim_start_matches('/')
    }

    pub fn port(&self) -> u16 {
        self.url.port().unwrap()
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.url.to_string()
    }

    /// The same database through a proxy.
    pub fn url_through(&self, port: u16) -> String {
        let mut url = self.url.clone();
        url.set_port(Some(port)).unwrap();
        url.to_string()
    }

    /// The same database as another user.
    pub fn as_user(&self, name: &str, password: &str) -> Self {
        let mut url = self.url.clone();
        url.set_username(name).unwrap();
        url.set_password(Some(password)).unwrap();
        Self { url }
    }

    /// Connects beside the server; waits for one that is about to come up.
    pub async fn connect(&self) -> Connected {
        let started = Instant::now();
        loop {
            match self.try_connect().await {
                Ok(connection) => return connection,
                Err(error) => assert!(started.elapsed() < PATIENCE, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn try_connect(&self) -> Result<Connected, sqlx::Error> {
        let url = self.url.as_str();
        if self.is_postgres() {
            PgConnection::connect(url).await.map(Connected::Postgres)
        } else {
            MySqlConnection::connect(url).await.map(Connected::MySql)
        }
    }

    pub async fn execute(&self, statement: &str) {
        self.connect().await.execute(statement).await;
    }

    /// Everybody who has an account, with the id of their user.
    ///
    /// # Panics
    /// When there is a user without an account, or a session without a user.
    pub async fn people(&self) -> BTreeMap<String, String> {
        let mut connection = self.connect().await;
        let half = "SELECT users.id FROM users LEFT JOIN accounts ON accounts.user_id = users.id WHERE user_id IS NULL";
        assert_eq!(connection.rows(half).await, Vec::<Vec<String>>::new(), "a half created user");
        let orphans =
            "SELECT sessions.id FROM sessions LEFT JOIN users ON users.id = user_id WHERE users.id IS NULL";
        assert_eq!(connection.rows(orphans).await, Vec::<Vec<String>>::new(), "a session of nobody");
        let people = connection.rows("SELECT provider_account_id, user_id FROM accounts").await;
        people.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
    }

    /// Ends every connection of others to this database.
    pub async fn end_connections(&self) {
        let mut connection = self.connect().await;
        if self.is_postgres() {
            let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            return connection.execute(all).await;
        }
        for id in self.other_connections(&mut connection).await {
            // One that has gone by itself is fine.
            let _ = connection.try_execute(&format!("KILL CONNECTION {id}")).await;
        }
    }

    /// Returns the connections of other clients to this database.
    pub async fn connections(&self) -> Vec<String> {
        self.other_connections(&mut self.connect().await).await
    }

    async fn other_connections(&self, connection: &mut Connected) -> Vec<String> {
        let others = if self.is_postgres() {
            "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        } else {
            "SELECT CAST(id AS CHAR) FROM information_schema.processlist
             WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        };
        connection.rows(others).await.into_iter().map(|mut row| row.remove(0)).collect()
    }

    /// Removes it.
    pub async fn drop(&self) {
        let mut server = self.clone();
        server.url.set_path(if self.is_postgres() { "postgres" } else { "auth" });
        let force = if self.is_postgres() { " WITH (FORCE)" } else { "" };
        server.execute(&format!("DROP DATABASE {}{force}", self.name())).await;
    }
}
