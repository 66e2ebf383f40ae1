//! Every statement of the adapter finds its rows by an index, with many rows in each table: shown by the plans of the database
//! itself. Which statements there are is learned by running the whole contract.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    any::type_name,
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::{AssertSqlSafe, Connection, Row};

use super::{Dialect, SqlAdapter};
use crate::adapter::{Adapter, contract};

/// What was sent in which dialect.
static SENT: Mutex<BTreeSet<(&'static str, &'static str)>> = Mutex::new(BTreeSet::new());

/// Called for each statement that is sent.
pub(super) fn note<D: Dialect>(statement: &'static str) {
    SENT.lock().unwrap_or_else(PoisonError::into_inner).insert((type_name::<D>(), statement));
}

/// Everything that the contract makes an adapter send, but for what has no rows to find.
async fn statements<D: Dialect>(adapter: SqlAdapter<D>) -> Vec<&'static str>
where
    SqlAdapter<D>: Adapter,
{
    contract::run(Arc::new(adapter)).await;
    let sent = SENT.lock().unwrap_or_else(PoisonError::into_inner);
    let looks_for_rows =
        |statement: &str| !["SELECT 1", "NOTIFY", "VALUES"].iter().any(|word| statement.contains(word));
    let of_dialect =
        sent.iter().filter(|(dialect, _)| *dialect == type_name::<D>()).map(|(_, statement)| *statement);
    let statements: Vec<_> = of_dialect.filter(|statement| looks_for_rows(statement)).collect();
    assert!(statements.len() > 20, "{statements:?}");
    statements
}

/// Rows of each table, made by the database from a table of numbers.
const MANY: [&str; 9] = [
    "INSERT INTO users SELECT 'u' || n, 'Name ' || n, n || '@example.com', n || '@example.com', n, NULL, n FROM numbers",
    "INSERT INTO accounts (provider, provider_account_id, type, user_id, created)
         SELECT 'github', 'p' || n, 'oauth', 'u' || n, n FROM numbers",
    "INSERT INTO sessions SELECT 't' || n, 's' || n, 'u' || n, n, n, n, n, TRUE, 'github', NULL, NULL FROM numbers",
    "INSERT INTO verification_tokens SELECT n || '@example.com', 't' || n, n FROM numbers",
    "INSERT INTO attempts SELECT 'a' || n, 1, n FROM numbers",
    "INSERT INTO authenticators SELECT 'c' || n, 'u' || n, 'p', 'k', 1, 'singleDevice', FALSE, NULL, NULL, n, NULL
         FROM numbers",
    "INSERT INTO revocations (kind, subject, until, expires)
         SELECT 'session', 's' || n, n, n FROM numbers",
    "INSERT INTO user_records SELECT 'u' || n, 'password', '', 'v', n, n FROM numbers",
    "INSERT INTO audit SELECT 'a' || n, 'u' || n, n, n, '{}', FALSE FROM numbers",
];

/// Returns how many rows each table gets: 50,000, or `EVIDENCE_ROWS`.
fn rows() -> u64 {
    std::env::var("EVIDENCE_ROWS").map_or(50_000, |rows| rows.parse().unwrap())
}

/// Prints a figure for docs/evidence.md.
fn evidence(database: &str, statements: usize) {
    println!(
        "evidence: statements on {database} with {} rows in each table | {statements}, each by an index",
        rows()
    );
}

/// Has no index: shows that a plan without one is noticed.
const CONTROL: &str = "SELECT id FROM users WHERE name = $1";

mod sqlite {
    use sqlx::SqliteConnection;

    use super::*;
    use crate::adapter::SqliteAdapter;

    #[tokio::test(flavor = "multi_thread")]
    async fn rows_are_found_by_indexes() {
        let folder = std::env::temp_dir().join(format!("leptos-auth-plans-{}", crate::random::uuid()));
        let url = format!("sqlite://{}", folder.join("app.db").display());
        let statements = statements(SqliteAdapter::connect(&url).await.unwrap()).await;
        let mut database = SqliteConnection::connect(&url).await.unwrap();
        let numbers = format!(
            "CREATE TEMP TABLE numbers AS WITH RECURSIVE counting (n) AS
             (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < {}) SELECT n FROM counting",
            rows()
        );
        for statement in ["PRAGMA synchronous = OFF", &numbers].into_iter().chain(MANY).chain(["ANALYZE"]) {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut database).await.unwrap();
        }
        assert!(has_scan(&mut database, CONTROL).await, "control");
        for statement in &statements {
            assert!(!has_scan(&mut database, statement).await, "{statement}");
        }
        evidence("SQLite", statements.len());
        std::fs::remove_dir_all(folder).unwrap();
    }

    async fn has_scan(database: &mut SqliteConnection, statement: &str) -> bool {
        let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")));
        let steps = plan.fetch_all(database).await.unwrap();
        // `expired` is the batch of a purge, which is small.
        let is_scan = |step: &str| step.starts_with("SCAN") && step != "SCAN expired";
        steps.iter().any(|step| is_scan(step.get("detail")))
    }
}

mod postgres {
    use sqlx::{PgConnection, raw_sql};

    use super::*;
    use crate::adapter::{PostgresAdapter, test_url};

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs PostgreSQL: cargo xtask services"]
    async fn rows_are_found_by_indexes() {
        let server = test_url("TEST_POSTGRES_URL");
        let name = format!("plans_{}", crate::random::uuid().replace('-', ""));
        let mut admin = PgConnection::connect(&server).await.unwrap();
        raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        let statements = statements(PostgresAdapter::connect(url.as_str()).await.unwrap()).await;
        let mut database = PgConnection::connect(url.as_str()).await.unwrap();
        let numbers =
            format!("CREATE TEMP TABLE numbers AS SELECT n FROM generate_series(1, {}) AS n", rows());
        let settings = "SET synchronous_commit = off; SET plan_cache_mode = force_custom_plan";
        for statement in [settings, &numbers].into_iter().chain(MANY).chain(["ANALYZE"]) {
            raw_sql(AssertSqlSafe(statement)).execute(&mut database).await.unwrap();
        }
        assert!(has_scan(&mut database, CONTROL).await, "control");
        for statement in &statements {
            assert!(!has_scan(&mut database, statement).await, "{statement}");
        }
        evidence("PostgreSQL", statements.len());
        drop(database);
        raw_sql(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
            .execute(&mut admin)
            .await
            .unwrap();
    }

    async fn has_scan(database: &mut PgConnection, statement: &str) -> bool {
        raw_sql(AssertSqlSafe(format!("PREPARE probe AS {statement}")))
            .execute(&mut *database)
            .await
            .unwrap();
        let types = "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'probe'";
        let types: Vec<String> = sqlx::query_scalar(types).fetch_one(&mut *database).await.unwrap();
        let value = |of: &String| if of == "boolean" { "'true'" } else { "'5'" };
        let values = types.iter().map(value).collect::<Vec<_>>().join(", ");
        let values = if types.is_empty() { values } else { format!("({values})") };
        let plan = raw_sql(AssertSqlSafe(format!("EXPLAIN EXECUTE probe{values}")));
        let steps = plan.fetch_all(&mut *database).await.unwrap();
        raw_sql("DEALLOCATE probe").execute(database).await.unwrap();
        steps.iter().any(|step| step.get::<&str, _>(0).contains("Seq Scan"))
    }
}
