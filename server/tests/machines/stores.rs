//! The databases that the instances of one test share: a new database, or a separate Redis server.

use std::{path::PathBuf, sync::Arc};

use leptos_auth::adapter::{self, Adapter, Purpose};

use crate::{database::Database, service, support::new_folder};

/// The stores of one test. They go with [`end`](Self::end).
#[derive(Default)]
pub struct Stores {
    name: &'static str,
    /// `DATABASE_URL`.
    users: String,
    /// `SESSION_STORE`, where sessions are apart.
    sessions: Option<String>,
    database: Option<Database>,
    redis: Option<service::Running>,
    folder: Option<PathBuf>,
}

impl Stores {
    /// One file for all instances, which run on the same computer.
    pub async fn sqlite() -> Self {
        let folder = new_folder();
        let users = format!("sqlite://{}", folder.join("shared.db").display());
        Self { name: "SQLite", users, folder: Some(folder), ..Self::default() }
    }

    pub async fn postgres() -> Self {
        Self::sql("PostgreSQL", "TEST_POSTGRES_URL").await
    }

    pub async fn mysql() -> Self {
        Self::sql("MariaDB", "TEST_MYSQL_URL").await
    }

    async fn sql(name: &'static str, variable: &str) -> Self {
        let database = Database::new(variable).await;
        Self { name, users: database.url(), database: Some(database), ..Self::default() }
    }

    pub async fn redis() -> Self {
        let redis = start_redis().await;
        Self { name: "Redis", users: redis.url.clone(), redis: Some(redis), ..Self::default() }
    }

    pub async fn redis_beside_sqlite() -> Self {
        let (redis, folder) = (start_redis().await, new_folder());
        Self {
            name: "Redis beside SQLite",
            users: format!("sqlite://{}", folder.join("shared.db").display()),
            sessions: Some(redis.url.clone()),
            redis: Some(redis),
            folder: Some(folder),
            ..Self::default()
        }
    }

    /// Returns their name in figures.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What every machine has to know of them.
    pub fn variables(&self) -> Vec<(&str, &str)> {
        let sessions = self.sessions.as_deref().map(|sessions| ("SESSION_STORE", sessions));
        [("DATABASE_URL", self.users.as_str())].into_iter().chain(sessions).collect()
    }

    /// A look into the users beside the machines.
    pub async fn users(&self) -> Arc<dyn Adapter> {
        adapter::connect(&self.users, Purpose::Everything).await.unwrap()
    }

    /// A look into what comes and goes with sessions.
    pub async fn sessions(&self) -> Arc<dyn Adapter> {
        match &self.sessions {
            Some(sessions) => adapter::connect(sessions, Purpose::Sessions).await.unwrap(),
            None => self.users().await,
        }
    }

    /// How many users there are.
    ///
    /// # Panics
    /// When one of them has not exactly one account: a half created user, or two people in one.
    pub async fn people(&self) -> usize {
        const PAGE: u32 = 200;
        let users = self.users().await;
        let (mut count, mut after) = (0, String::new());
        loop {
            let page = users.list_users(&after, PAGE).await.unwrap();
            for user in &page {
                assert_eq!(users.get_accounts(&user.id).await.unwrap().len(), 1, "{user:?}");
            }
            count += page.len();
            match page.last() {
                Some(last) => after.clone_from(&last.id),
                None => return count,
            }
        }
    }

    /// Removes them.
    pub async fn end(self) {
        if let Some(database) = &self.database {
            database.drop().await;
        }
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// All that share a server of Redis share its keys, so each test has one of its own.
async fn start_redis() -> service::Running {
    let redis = service::KINDS.into_iter().find(|kind| kind.name == "redis").unwrap();
    let start = move || redis.start(&std::env::temp_dir().join("leptos-auth-services"));
    tokio::task::spawn_blocking(start).await.unwrap().unwrap()
}
