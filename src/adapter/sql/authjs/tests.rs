//! The contract on databases as Auth.js's own schemas make them, and rows that Auth.js writes meanwhile. Each test has a
//! database of its own.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Executor, PgPool};

use super::*;
use crate::adapter::{contract, test_url};

/// The schema of `@auth/pg-adapter`.
const PG_ADAPTER: &str = r#"
    CREATE TABLE verification_token (
        identifier TEXT NOT NULL, expires TIMESTAMPTZ NOT NULL, token TEXT NOT NULL, PRIMARY KEY (identifier, token)
    );
    CREATE TABLE accounts (
        id SERIAL, "userId" INTEGER NOT NULL, type VARCHAR(255) NOT NULL, provider VARCHAR(255) NOT NULL,
        "providerAccountId" VARCHAR(255) NOT NULL, refresh_token TEXT, access_token TEXT, expires_at BIGINT,
        id_token TEXT, scope TEXT, session_state TEXT, token_type TEXT, PRIMARY KEY (id)
    );
    CREATE TABLE sessions (
        id SERIAL, "userId" INTEGER NOT NULL, expires TIMESTAMPTZ NOT NULL, "sessionToken" VARCHAR(255) NOT NULL,
        PRIMARY KEY (id)
    );
    CREATE TABLE users (
        id SERIAL, name VARCHAR(255), email VARCHAR(255), "emailVerified" TIMESTAMPTZ, image TEXT, PRIMARY KEY (id)
    );"#;

/// What `prisma migrate` makes of the schema in the documentation of `@auth/prisma-adapter`: an address is required, ids
/// and times of change come from Prisma's client.
const PRISMA: &str = r#"
    CREATE TABLE "User" (
        id TEXT NOT NULL PRIMARY KEY, name TEXT, email TEXT NOT NULL, "emailVerified" TIMESTAMP(3), image TEXT,
        "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL
    );
    CREATE UNIQUE INDEX "User_email_key" ON "User" (email);
    CREATE TABLE "Account" (
        "userId" TEXT NOT NULL REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE, type TEXT NOT NULL,
        provider TEXT NOT NULL, "providerAccountId" TEXT NOT NULL, refresh_token TEXT, access_token TEXT,
        expires_at INTEGER, token_type TEXT, scope TEXT, id_token TEXT, session_state TEXT,
        "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL,
        PRIMARY KEY (provider, "providerAccountId")
    );
    CREATE TABLE "Session" (
        "sessionToken" TEXT NOT NULL, "userId" TEXT NOT NULL REFERENCES "User" (id) ON DELETE CASCADE ON UPDATE CASCADE,
        expires TIMESTAMP(3) NOT NULL,
        "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL
    );
    CREATE UNIQUE INDEX "Session_sessionToken_key" ON "Session" ("sessionToken");
    CREATE TABLE "VerificationToken" (
        identifier TEXT NOT NULL, token TEXT NOT NULL, expires TIMESTAMP(3) NOT NULL, PRIMARY KEY (identifier, token)
    );"#;

/// The same for NextAuth.js v4: every row has an id, an address is optional.
const PRISMA_V4: &str = r#"
    CREATE TABLE "User" (
        id TEXT NOT NULL PRIMARY KEY, name TEXT, email TEXT, "emailVerified" TIMESTAMP(3), image TEXT
    );
    CREATE UNIQUE INDEX "User_email_key" ON "User" (email);
    CREATE TABLE "Account" (
        id TEXT NOT NULL PRIMARY KEY, "userId" TEXT NOT NULL REFERENCES "User" (id) ON DELETE CASCADE,
        type TEXT NOT NULL, provider TEXT NOT NULL, "providerAccountId" TEXT NOT NULL, refresh_token TEXT,
        access_token TEXT, expires_at INTEGER, token_type TEXT, scope TEXT, id_token TEXT, session_state TEXT
    );
    CREATE UNIQUE INDEX "Account_key" ON "Account" (provider, "providerAccountId");
    CREATE TABLE "Session" (
        id TEXT NOT NULL PRIMARY KEY, "sessionToken" TEXT NOT NULL,
        "userId" TEXT NOT NULL REFERENCES "User" (id) ON DELETE CASCADE, expires TIMESTAMP(3) NOT NULL
    );
    CREATE UNIQUE INDEX "Session_sessionToken_key" ON "Session" ("sessionToken");
    CREATE TABLE "VerificationToken" (identifier TEXT NOT NULL, token TEXT NOT NULL, expires TIMESTAMP(3) NOT NULL);
    CREATE UNIQUE INDEX "VerificationToken_token_key" ON "VerificationToken" (token);
    CREATE UNIQUE INDEX "VerificationToken_key" ON "VerificationToken" (identifier, token);"#;

const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);
/// 2026-11-21, and an instant after it.
const NOW: Timestamp = Timestamp::from_millis(1_795_242_994_123);
const HOUR: Duration = Duration::from_secs(3600);

/// A database that Auth.js has used so far.
struct Site {
    administration: PgPool,
    name: String,
    url: String,
    database: PgPool,
    tables: AuthJsTables,
}

impl Site {
    /// `None` when there is no PostgreSQL.
    async fn new(tables: AuthJsTables, schema: &str) -> Option<Self> {
        let administration = PgPool::connect(&test_url("TEST_POSTGRES_URL")?).await.unwrap();
        let name = format!("authjs_{}", random::uuid().replace('-', ""));
        administration.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let mut url = Url::parse(&test_url("TEST_POSTGRES_URL")?).unwrap();
        url.set_path(&name);
        let database = PgPool::connect(url.as_str()).await.unwrap();
        database.execute(AssertSqlSafe(schema.to_owned())).await.unwrap();
        Some(Self { administration, name, url: url.to_string(), database, tables })
    }

    async fn open(&self) -> Result<AuthJsAdapter, AdapterError> {
        AuthJsAdapter::connect(&self.url, self.tables, MAX_AGE).await
    }

    /// What another program does on this database.
    async fn run(&self, sql: &'static str) {
        self.database.execute(sql).await.unwrap();
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.database).await.unwrap()
    }

    async fn remove(self) {
        let drop = AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name));
        self.administration.execute(drop).await.unwrap();
    }
}

async fn keeps_the_contract(tables: AuthJsTables, schema: &str) {
    let Some(site) = Site::new(tables, schema).await else { return };
    contract::run(Arc::new(site.open().await.unwrap())).await;
    site.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_tables_of_the_pg_adapter_keep_the_contract() {
    keeps_the_contract(AuthJsTables::PgAdapter, PG_ADAPTER).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_tables_of_the_pg_adapter_with_uuids_keep_the_contract() {
    let uuids = PG_ADAPTER.replace("\"userId\" INTEGER", "\"userId\" UUID");
    let uuids = uuids.replace("id SERIAL", "id UUID DEFAULT gen_random_uuid()");
    keeps_the_contract(AuthJsTables::PgAdapter, &uuids).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_tables_of_the_pg_adapter_with_texts_keep_the_contract() {
    let texts = PG_ADAPTER.replace("\"userId\" INTEGER", "\"userId\" TEXT").replace("id SERIAL", "id TEXT");
    keeps_the_contract(AuthJsTables::PgAdapter, &texts).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_tables_of_prisma_keep_the_contract() {
    keeps_the_contract(AuthJsTables::Prisma, PRISMA).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_tables_of_prisma_for_v4_keep_the_contract() {
    keeps_the_contract(AuthJsTables::Prisma, PRISMA_V4).await;
}
