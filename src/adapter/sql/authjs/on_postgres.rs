//! Runs the contract on databases with Auth.js's own schemas, with rows that Auth.js writes meanwhile. Each test has its own
//! database, whose time zone is far from UTC (DB-14).

use std::sync::Arc;

use sqlx::{AssertSqlSafe, Executor, PgPool};

use super::*;
use crate::{
    adapter::{self, MemoryAdapter, contract, test_url},
    clock::Clock,
};

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
/// 2026-11-21 06:36:34.123 UTC.
const NOW: Timestamp = Timestamp::from_millis(1_795_242_994_123);
/// 2099-12-01 00:00:00 UTC, when the sessions that Auth.js creates here end. The adapter reads the real clock, which must not
/// have passed this time.
const END: Timestamp = Timestamp::from_millis(4_099_766_400_000);
const HOUR: Duration = Duration::from_secs(3600);

/// What Auth.js writes when somebody comes by Google, and then proves the address by a mail.
const GRACE: &str = r#"
    INSERT INTO users (name, email, "emailVerified") VALUES ('Grace', 'grace@navy.test', '2026-01-01T00:00:00Z');
    INSERT INTO accounts ("userId", type, provider, "providerAccountId", access_token)
        VALUES (1, 'oidc', 'google', 'g-1', 'plain');
    INSERT INTO sessions ("userId", expires, "sessionToken") VALUES (1, '2099-12-01T00:00:00Z', 'of-grace');"#;

/// It is [`NOW`] for ever.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// A database that Auth.js has used so far.
struct Site {
    administration: PgPool,
    name: String,
    url: Url,
    database: PgPool,
    tables: AuthJsTables,
}

impl Site {
    async fn new(tables: AuthJsTables, schema: &str) -> Self {
        let mut url = Url::parse(&test_url("TEST_POSTGRES_URL")).unwrap();
        let administration = PgPool::connect(url.as_str()).await.unwrap();
        let name = format!("authjs_{}", random::uuid().replace('-', ""));
        for statement in ["CREATE DATABASE {}", "ALTER DATABASE {} SET timezone TO 'Asia/Kathmandu'"] {
            administration.execute(AssertSqlSafe(statement.replace("{}", &name))).await.unwrap();
        }
        url.set_path(&name);
        let database = PgPool::connect(url.as_str()).await.unwrap();
        database.execute(AssertSqlSafe(schema.to_owned())).await.unwrap();
        Self { administration, name, url, database, tables }
    }

    async fn of_the_pg_adapter() -> Self {
        Self::new(AuthJsTables::PgAdapter, PG_ADAPTER).await
    }

    async fn open(&self) -> Result<AuthJsAdapter, AdapterError> {
        AuthJsAdapter::connect(self.url.as_str(), self.tables, MAX_AGE).await
    }

    /// Why it cannot be opened.
    async fn refused(&self) -> String {
        self.open().await.err().unwrap().to_string()
    }

    /// What another program does on this database.
    async fn run(&self, sql: &'static str) {
        self.database.execute(sql).await.unwrap();
    }

    /// What another program reads from it.
    async fn read<T>(&self, sql: &'static str) -> T
    where
        T: for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin,
    {
        sqlx::query_scalar(sql).fetch_one(&self.database).await.unwrap()
    }

    async fn remove(self) {
        self.database.close().await;
        let drop = AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name));
        self.administration.execute(drop).await.unwrap();
    }
}

fn account(provider_account_id: &str) -> Account {
    let (r#type, provider) = ("oidc".to_owned(), "google".to_owned());
    Account { r#type, provider, provider_account_id: provider_account_id.to_owned() }
}

fn user(email: &str, email_verified: Option<Timestamp>) -> User {
    let (name, email) = (Some("Ada".to_owned()), Some(email.to_owned()));
    User { id: random::uuid(), name, email, email_verified, image: None, created: NOW }
}

fn new_session(user_id: &str, token_hash: &str) -> SessionRecord {
    SessionRecord {
        token_hash: token_hash.to_owned(),
        id: random::uuid(),
        user_id: user_id.to_owned(),
        created: NOW,
        renewed: NOW,
        expires: NOW.plus(HOUR),
        max_age: HOUR,
        remembered: true,
        provider: "google".to_owned(),
        user_agent: None,
        address: None,
    }
}

/// The cases that fail: none, but for `allowed`.
async fn keeps_the_contract(tables: AuthJsTables, schema: &str, allowed: &[&str]) {
    let site = Site::new(tables, schema).await;
    let failures =
        contract::failures(Arc::new(site.open().await.unwrap()), contract::Scope::Everything).await;
    let failed: Vec<_> = failures.iter().map(|failure| failure.case).collect();
    assert_eq!(failed, allowed, "{failures:?}");
    site.remove().await;
}

/// In a time zone far from UTC (DB-14).
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn db_16_the_tables_of_the_pg_adapter_keep_the_contract() {
    // A name has 255 letters there: a longer one is cut.
    keeps_the_contract(AuthJsTables::PgAdapter, PG_ADAPTER, &["long_text_of_users_comes_back"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn db_16_the_tables_of_the_pg_adapter_with_uuids_keep_the_contract() {
    let uuids = PG_ADAPTER.replace("\"userId\" INTEGER", "\"userId\" UUID").replace("VARCHAR(255)", "TEXT");
    let uuids = uuids.replace("id SERIAL", "id UUID DEFAULT gen_random_uuid()");
    keeps_the_contract(AuthJsTables::PgAdapter, &uuids, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn db_16_the_tables_of_the_pg_adapter_with_texts_keep_the_contract() {
    let texts = PG_ADAPTER.replace("\"userId\" INTEGER", "\"userId\" TEXT").replace("VARCHAR(255)", "TEXT");
    keeps_the_contract(AuthJsTables::PgAdapter, &texts.replace("id SERIAL", "id TEXT"), &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn db_16_the_tables_of_prisma_keep_the_contract() {
    keeps_the_contract(AuthJsTables::Prisma, PRISMA, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn db_16_the_tables_of_prisma_for_v4_keep_the_contract() {
    keeps_the_contract(AuthJsTables::Prisma, PRISMA_V4, &[]).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn what_auth_js_has_stored_is_there() {
    let site = Site::of_the_pg_adapter().await;
    site.run(GRACE).await;
    let adapter = site.open().await.unwrap();
    // The same for who comes while we run.
    site.run(r#"INSERT INTO users (email, "emailVerified") VALUES ('late@navy.test', now())"#).await;

    let (session, grace) = adapter.get_session_and_user("of-grace", NOW).await.unwrap().unwrap();
    assert_eq!((grace.id.as_str(), grace.email.as_deref()), ("1", Some("grace@navy.test")));
    assert_eq!(grace.email_verified, Some(Timestamp::from_millis(1_767_225_600_000)));
    assert_eq!((session.expires, session.max_age), (END, MAX_AGE));
    assert_eq!(END.since(session.renewed), MAX_AGE, "when its end says so");
    assert!(session.created <= session.renewed, "not fresh");
    assert!(!session.id.contains("grace"), "its name does not lead to its token");
    let listed = adapter.list_sessions("1", NOW).await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&session), "the same name each time");
    assert_eq!(adapter.get_user_by_account("google", "g-1").await.unwrap().as_ref(), Some(&grace));
    assert_eq!(adapter.get_user_by_email("grace@navy.test").await.unwrap(), Some(grace));
    let late = adapter.get_user_by_email("late@navy.test").await.unwrap().unwrap();
    assert_eq!(late.id, "2");

    assert!(adapter.update_session("of-grace", END, END.plus(HOUR), NOW).await.unwrap());
    let end: i64 = site.read("SELECT EXTRACT(EPOCH FROM expires)::bigint FROM sessions").await;
    assert_eq!(end, END.as_seconds() + 3600, "Auth.js sees the new end");
    let renewed = adapter.get_session("of-grace", NOW).await.unwrap().unwrap();
    assert_eq!((&renewed.id, renewed.created), (&session.id, session.created));
    assert!(adapter.delete_session("of-grace").await.unwrap());
    assert_eq!(site.read::<i64>("SELECT count(*) FROM sessions").await, 0);
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn what_auth_js_moves_or_deletes_is_moved_or_gone() {
    let site = Site::of_the_pg_adapter().await;
    let adapter = site.open().await.unwrap();
    let ada = user("ada@math.test", Some(NOW));
    let id = adapter.create_user(&ada, Some("ada@math.test"), Some(&account("a")), None).await.unwrap();
    let ours = new_session(&id, "of-ada");
    adapter.create_session(&ours).await.unwrap();
    adapter.create_session(&new_session(&id, "jwt:of-ada")).await.unwrap();
    assert!(adapter.update_account_tokens(&account("a"), None, Some("sealed")).await.unwrap());

    site.run("UPDATE sessions SET expires = '2099-12-01T00:00:00Z'").await;
    let moved = adapter.get_session("of-ada", NOW).await.unwrap().unwrap();
    assert_eq!((&moved.id, moved.expires, END.since(moved.renewed)), (&ours.id, END, HOUR));

    site.run("DELETE FROM users; DELETE FROM sessions; DELETE FROM accounts").await;
    assert_eq!(adapter.get_user(&id).await.unwrap(), None);
    assert_eq!(adapter.get_user_by_email("ada@math.test").await.unwrap(), None);
    assert_eq!(adapter.get_user_by_account("google", "a").await.unwrap(), None);
    for token in ["of-ada", "jwt:of-ada"] {
        assert_eq!(adapter.get_session_and_user(token, NOW).await.unwrap(), None, "{token}");
    }
    // Nothing of the former user is in the way of another one, or comes to them.
    let heir = adapter.create_user(&ada, Some("ada@math.test"), Some(&account("a")), None).await.unwrap();
    assert_ne!(heir, id);
    assert_eq!(adapter.get_accounts(&heir).await.unwrap()[0].tokens, None);
    assert_eq!(adapter.list_sessions(&heir, NOW).await.unwrap(), []);
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn lk_an_address_that_auth_js_has_not_proven_keeps_nobody_out() {
    let site = Site::of_the_pg_adapter().await;
    site.run("INSERT INTO users (name, email) VALUES ('Mallory', 'ada@math.test')").await;
    let adapter = site.open().await.unwrap();
    assert_eq!(adapter.get_user_by_email("ada@math.test").await.unwrap(), None, "it leads to nobody");
    let ada = User { email: Some("Ada@math.test".to_owned()), ..user("", Some(NOW)) };
    let id = adapter.create_user(&ada, Some("ada@math.test"), None, None).await.unwrap();
    let found = adapter.get_user_by_email("ada@math.test").await.unwrap().unwrap();
    assert_eq!((&found.id, found.email.as_deref()), (&id, Some("Ada@math.test")), "shown as it was typed");
    // Auth.js finds her as well, and nobody else.
    let owners: Vec<String> = sqlx::query_scalar("SELECT id::text FROM users WHERE email = 'ada@math.test'")
        .fetch_all(&site.database)
        .await
        .unwrap();
    assert_eq!(owners, [id]);
    let mallory = adapter.get_user("1").await.unwrap().unwrap();
    assert_eq!((mallory.email.as_deref(), mallory.email_verified), (Some("ada@math.test"), None), "a claim");
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn lk_an_address_that_is_only_claimed_is_not_given_to_auth_js() {
    for (tables, schema) in [(AuthJsTables::PgAdapter, PG_ADAPTER), (AuthJsTables::Prisma, PRISMA)] {
        let site = Site::new(tables, schema).await;
        let adapter = site.open().await.unwrap();
        let id = adapter.create_user(&user("ada@math.test", None), None, None, None).await.unwrap();
        let claimed = adapter.get_user(&id).await.unwrap().unwrap();
        assert_eq!(claimed.email.as_deref(), Some("ada@math.test"), "it is shown");
        let seen: Option<String> = match tables {
            AuthJsTables::PgAdapter => site.read("SELECT email FROM users").await,
            AuthJsTables::Prisma => site.read(r#"SELECT email FROM "User""#).await,
        };
        assert!(seen.is_none_or(|email| email.ends_with("@unproven.invalid")), "Auth.js has no such address");
        site.remove().await;
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn em_10_addresses_that_older_releases_wrote_are_found() {
    let site = Site::of_the_pg_adapter().await;
    site.run(
        r#"INSERT INTO users (email, "emailVerified") VALUES ('Grace@Navy.test', now()), ('v@bücher.example', now())"#,
    )
    .await;
    let adapter = site.open().await.unwrap();
    let find = async |key| adapter.get_user_by_email(key).await.unwrap().map(|user| user.id);
    assert_eq!(find("grace@navy.test").await.as_deref(), Some("1"));
    assert_eq!(find("v@xn--bcher-kva.example").await.as_deref(), Some("2"));
    assert_eq!(find("race@navy.test").await, None, "control");
    let second =
        adapter.create_user(&user("grace@navy.test", Some(NOW)), Some("grace@navy.test"), None, None).await;
    assert!(matches!(second, Err(AdapterError::Conflict)), "it has an owner");
    let email = Some("grace@navy.test");
    let changes = [Change::Name(Some("Grace")), Change::Email { email, key: email, verified: Some(NOW) }];
    assert!(adapter.change_user("1", &changes).await.unwrap(), "the user may keep the address");
    assert_eq!(find("grace@navy.test").await.as_deref(), Some("1"));
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn se_04_names_of_stateless_sessions_open_nothing() {
    let site = Site::of_the_pg_adapter().await;
    let adapter = site.open().await.unwrap();
    let id = adapter.create_user(&user("ada@math.test", None), None, None, None).await.unwrap();
    adapter.create_session(&new_session(&id, "jwt:public")).await.unwrap();
    assert!(adapter.get_session("jwt:public", NOW).await.unwrap().is_some());
    assert_eq!(site.read::<i64>("SELECT count(*) FROM sessions").await, 0, "Auth.js does not know it");
    for cookie in ["jwt:public", "a\0b", "ä"] {
        let stored = adapter.stored_session_token(cookie);
        assert_eq!(adapter.get_session(&stored, NOW).await.unwrap(), None, "as a cookie: {cookie:?}");
    }
    adapter.create_session(&new_session(&id, "a-token")).await.unwrap();
    let stored = adapter.stored_session_token("a-token");
    assert!(adapter.get_session(&stored, NOW).await.unwrap().is_some(), "control");
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn ip_provider_tokens_are_never_written_in_clear_text() {
    let site = Site::of_the_pg_adapter().await;
    site.run(GRACE).await;
    let adapter = site.open().await.unwrap();
    assert_eq!(
        adapter.get_accounts("1").await.unwrap()[0].tokens,
        None,
        "those of Auth.js are not taken over"
    );
    assert!(!adapter.update_account_tokens(&account("g-1"), Some("other"), Some("sealed")).await.unwrap());
    assert!(adapter.update_account_tokens(&account("g-1"), None, Some("sealed")).await.unwrap());
    assert_eq!(adapter.get_accounts("1").await.unwrap()[0].tokens.as_deref(), Some("sealed"));
    let row: String = site.read("SELECT accounts::text FROM accounts").await;
    assert!(row.contains("plain") && !row.contains("sealed"), "{row}");
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn rows_that_stand_twice_stop_the_start() {
    let site = Site::of_the_pg_adapter().await;
    site.run(GRACE).await;
    site.run(r#"INSERT INTO accounts ("userId", type, provider, "providerAccountId") VALUES (2, 'oidc', 'google', 'g-1')"#)
        .await;
    assert!(site.refused().await.contains("rows of accounts have the same provider and providerAccountId"));
    site.run(
        r#"DELETE FROM accounts WHERE "userId" = 2; INSERT INTO users (email) VALUES ('grace@navy.test')"#,
    )
    .await;
    let reason = site.refused().await;
    assert!(reason.contains("rows of users have the same email") && !reason.contains("navy"), "{reason}");
    site.run("UPDATE users SET email = NULL WHERE id = 2").await;
    site.open().await.unwrap();
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn tables_that_are_missing_or_others_stop_the_start() {
    let site = Site::new(AuthJsTables::PgAdapter, PRISMA).await;
    assert!(site.refused().await.contains("there is no table users"));
    site.run("CREATE TABLE users (id MONEY); CREATE TABLE accounts (id INT)").await;
    site.run("CREATE TABLE sessions (id INT); CREATE TABLE verification_token (token TEXT)").await;
    assert!(site.refused().await.contains("is of type money"));
    site.run("ALTER TABLE users DROP id, ADD id INT").await;
    assert!(site.refused().await.contains("has no column userId"));
    let site = Site { tables: AuthJsTables::Prisma, ..site };
    site.open().await.unwrap();
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn prisma_names_its_schema_in_the_url() {
    let schema = format!("CREATE SCHEMA \"My App\"; SET search_path TO \"My App\"; {PRISMA}");
    let mut site = Site::new(AuthJsTables::Prisma, &schema).await;
    assert!(site.refused().await.contains("there is no table"));
    site.url.set_query(Some("schema=My%20App"));
    let adapter = site.open().await.unwrap();
    let id = adapter.create_user(&user("ada@math.test", None), None, None, None).await.unwrap();
    assert_eq!(site.read::<String>(r#"SELECT id FROM "My App"."User""#).await, id);
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn se_04_a_copy_has_hashes_and_its_sessions_go_on() {
    let site = Site::of_the_pg_adapter().await;
    site.run(GRACE).await;
    let adapter = site.open().await.unwrap();
    let (copy, clock) = (MemoryAdapter::default(), Stopped);
    let counts = adapter::copy(&adapter, &copy, &clock, |_, _| {}).await.unwrap();
    assert_eq!((counts.users, counts.accounts, counts.sessions), (1, 1, 1));
    let stored = copy.stored_session_token("of-grace");
    assert_eq!(copy.get_session("of-grace", NOW).await.unwrap(), None, "not in clear text");
    let (_, grace) = copy.get_session_and_user(&stored, NOW).await.unwrap().unwrap();
    assert_eq!((grace.id.as_str(), grace.email.as_deref()), ("1", Some("grace@navy.test")));
    assert_eq!(copy.get_user_by_account("google", "g-1").await.unwrap(), Some(grace));
    site.remove().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn triggers_of_the_application_go_on_to_work() {
    let site = Site::of_the_pg_adapter().await;
    site.run(
        "CREATE TABLE profiles (user_id INTEGER);
         CREATE FUNCTION make_profile() RETURNS TRIGGER LANGUAGE plpgsql AS
             'BEGIN INSERT INTO profiles VALUES (NEW.id); RETURN NEW; END';
         CREATE TRIGGER profile AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION make_profile()",
    )
    .await;
    let adapter = site.open().await.unwrap();
    let id = adapter.create_user(&user("ada@math.test", None), None, None, None).await.unwrap();
    assert_eq!(site.read::<String>("SELECT user_id::text FROM profiles").await, id);
    site.remove().await;
}

/// What PostgreSQL would do for a statement with these texts.
async fn plan(adapter: &AuthJsAdapter, sql: &Sql, values: &[&str]) -> String {
    // Written into the statement, so that the plan is made for them.
    let mut sql = format!("EXPLAIN {sql}");
    for (index, value) in values.iter().enumerate().rev() {
        sql = sql.replace(&format!("${}", index + 1), value);
    }
    let mut connection = adapter.own.connections.get().await.unwrap();
    let lines: Vec<String> =
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *connection).await.unwrap();
    lines.join("\n")
}

#[tokio::test]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn no_request_reads_a_whole_table() {
    let mut schemas =
        vec![(AuthJsTables::PgAdapter, PG_ADAPTER, r#"users accounts sessions verification_token"#)];
    schemas.push((AuthJsTables::Prisma, PRISMA_V4, r#""User" "Account" "Session" "VerificationToken""#));
    for (tables, schema, names) in schemas {
        let site = Site::new(tables, schema).await;
        let [u, a, s, t] = names.split(' ').collect::<Vec<_>>()[..] else { unreachable!() };
        let fill = format!(
            r#"INSERT INTO {u} (id, email, "emailVerified") SELECT n, n || '@x.test', now() FROM generate_series(1, 20000) n;
               INSERT INTO {a} (id, "userId", type, provider, "providerAccountId")
                   SELECT n, n, 'oidc', 'google', n FROM generate_series(1, 20000) n;
               INSERT INTO {s} (id, "userId", expires, "sessionToken")
                   SELECT n, n, now() + n * INTERVAL '1 hour', n FROM generate_series(1, 20000) n;
               INSERT INTO {t} (identifier, token, expires)
                   SELECT n, n, now() + n * INTERVAL '1 hour' FROM generate_series(1, 20000) n"#
        );
        site.database.execute(AssertSqlSafe(fill)).await.unwrap();
        let adapter = site.open().await.unwrap();
        let ours = "INSERT INTO leptos_auth.users (id, created) SELECT n, 0 FROM generate_series(1, 20000) n;
            INSERT INTO leptos_auth.accounts (provider, provider_account_id, type, user_id, created)
                SELECT 'google', n, 'oidc', n, 0 FROM generate_series(1, 20000) n;
            INSERT INTO leptos_auth.sessions (token_hash, id, user_id, created, renewed, expires, max_age, remembered, provider)
                SELECT encode(sha256(convert_to(n::text, 'UTF8')), 'hex'), n, n, 0, 0, 0, 0, TRUE, '' FROM
                    generate_series(1, 20000) n";
        site.run(ours).await;
        site.run("ANALYZE").await;
        let (text, now) = ("'77'", "1795242994123");
        let statements = &adapter.statements;
        let spellings = "ARRAY['77@x.test']";
        for (sql, values) in [
            (&statements.get_session_and_user, vec![text, now]),
            (&statements.list_sessions, vec![text, now]),
            (&statements.update_session, vec![now, now, text, now]),
            (&statements.delete_session, vec![text]),
            (&statements.get_user, vec![text]),
            (&statements.get_users_by_email, vec![spellings, "'77@x.test'"]),
            (&statements.release_claims, vec![spellings, now, "'77@x.test'"]),
            (&statements.get_user_by_account, vec!["'google'", text]),
            (&statements.get_accounts, vec![text, now]),
            (&statements.update_account_tokens, vec![text, "'google'", text, text, now]),
            (&statements.use_verification_token, vec![text, text, now]),
            (&statements.has_verification_token, vec![text, text, now]),
            (&statements.purge[0], vec![now, "500"]),
            (&statements.purge[1], vec![now, "500"]),
        ] {
            let plan = plan(&adapter, sql, &values).await;
            assert!(!plan.contains("Seq Scan"), "{tables:?}: {sql}\n{plan}");
        }
        let control = plan(&adapter, &format!("SELECT FROM {u} WHERE name = $1").into(), &[text]).await;
        assert!(control.contains("Seq Scan"), "control: {control}");
        site.remove().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: cargo xtask services"]
async fn op_03_op_04_ten_starts_at_once_and_again_make_one_schema() {
    let site = Site::of_the_pg_adapter().await;
    for _ in 0..2 {
        let starts = (0..10).map(|_| {
            let (url, tables) = (site.url.to_string(), site.tables);
            tokio::spawn(async move { AuthJsAdapter::connect(&url, tables, MAX_AGE).await.map(drop) })
        });
        for start in starts.collect::<Vec<_>>() {
            start.await.unwrap().unwrap();
        }
    }
    site.remove().await;
}
