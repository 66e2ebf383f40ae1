//! Uses existing Auth.js tables in PostgreSQL for users, accounts, sessions and verification tokens, so that an Auth.js site
//! and this program can work on one database, one after the other or at the same time.
//!
//! Data without a column in those tables is stored in tables of our own, in a separate schema: [`SCHEMA`]. They are the same
//! as without Auth.js, with a row for each user, account and session that this program has created or changed. The Auth.js
//! rows take precedence: one without a row of ours gets default values (see [`AuthJsAdapter::session`]), and a row of ours
//! without an Auth.js row is ignored.
//!
//! An unverified address is stored in our row only: in Auth.js every address leads to a user, verified or not.

#[cfg(test)]
mod on_postgres;
mod statements;
mod tables;

use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    AssertSqlSafe, Connection, Decode, PgConnection, Postgres, Row, Type,
    migrate::{MigrateError, Migrator},
    postgres::{PgArguments, PgConnectOptions, PgRow},
    query::Query,
};
use url::Url;

use super::{
    Dialect, PostgresAdapter, change, connection, failed, millis, postgres::PostgresDialect, row::Reader,
};
use crate::{
    adapter::{
        Account, AccountRecord, Adapter, AdapterError, Attempts, AuditRecord, AuthJsTables, Authenticator,
        Change, Revocation, STATELESS, SessionRecord, User, UserRecord, VerificationToken,
    },
    clock::Timestamp,
    email::EmailAddress,
    hash, random,
};
use statements::{NO_ADDRESS, Sql, Statements};
use tables::{Ids, Tables};

/// Where our own tables are.
const SCHEMA: &str = "leptos_auth";
/// Where the address is among what a user is read from.
const EMAIL: usize = 2;

/// The adapter for `AUTH_TABLES=authjs` and `AUTH_TABLES=prisma`.
pub struct AuthJsAdapter {
    /// Our own tables.
    own: PostgresAdapter,
    statements: Statements,
    ids: Ids,
    /// When our tables were made: what stands for a time that Auth.js does not note.
    since: Timestamp,
    /// How long sessions of Auth.js live after a renewal.
    max_age: Duration,
}

impl AuthJsAdapter {
    /// Connects, makes our own tables and the indexes that those of Auth.js lack. `?schema=` in the URL is understood as
    /// Prisma does. `max_age` is how long sessions live that Auth.js has made: it does not say so in their rows.
    ///
    /// # Errors
    /// When the URL is not one of PostgreSQL's, the database cannot be reached or refuses, tables or columns of Auth.js are
    /// missing, or rows stand twice that may not.
    pub async fn connect(url: &str, tables: AuthJsTables, max_age: Duration) -> Result<Self, AdapterError> {
        let options = options(url)?.application_name(env!("CARGO_PKG_NAME"));
        let mut indexes = migrations(tables);
        indexes.create_schema(SCHEMA);
        indexes.dangerous_set_table_name("leptos_auth.index_migrations");
        let mut connection: PgConnection = connection::open(&options).await?;
        let tables = Tables::find(tables, &mut connection).await?;
        let statements = Statements::new(&tables)?;
        indexes.run_direct(None, &mut connection, false).await.map_err(duplicates)?;
        // Triggers on their tables go on to find what they found.
        let path: String =
            sqlx::query_scalar("SELECT current_setting('search_path')").fetch_one(&mut connection).await?;
        connection.close().await?;
        let options = options.options([("search_path", format!("{SCHEMA}, {path}"))]);
        let own = PostgresAdapter::open(options).await?;
        let since: i64 = sqlx::query_scalar(
            "SELECT (EXTRACT(EPOCH FROM min(installed_on)) * 1000)::bigint FROM index_migrations",
        )
        .fetch_one(&mut *own.connections.get().await?)
        .await?;
        Ok(Self { own, statements, ids: tables.ids, since: Timestamp::from_millis(since), max_age })
    }
}

/// Prisma's URLs name the schema of the tables; `public` unless they do.
fn options(url: &str) -> Result<PgConnectOptions, AdapterError> {
    let mut url = Url::parse(url).map_err(failed)?;
    let (schemas, others): (Vec<_>, Vec<_>) =
        url.query_pairs().into_owned().partition(|(name, _)| name == "schema");
    if schemas.is_empty() {
        return Ok(PgConnectOptions::from_str(url.as_str())?);
    }
    url.query_pairs_mut().clear().extend_pairs(others);
    let options = PgConnectOptions::from_str(url.as_str())?;
    let quoted = schemas.iter().map(|(_, schema)| format!("\"{}\"", schema.replace('"', "\"\"")));
    Ok(options.options(quoted.map(|schema| ("search_path", schema))))
}

fn migrations(tables: AuthJsTables) -> Migrator {
    match tables {
        AuthJsTables::PgAdapter => sqlx::migrate!("migrations/authjs"),
        AuthJsTables::Prisma => sqlx::migrate!("migrations/prisma"),
    }
}

/// Says which rows are in the way of a unique index; not what is in them.
fn duplicates(error: MigrateError) -> AdapterError {
    let (MigrateError::ExecuteMigration(cause, _) | MigrateError::Execute(cause)) = &error else {
        return failed(error);
    };
    let index = cause.as_database_error().filter(|cause| cause.is_unique_violation());
    failed(match index.and_then(|cause| cause.constraint()) {
        Some("leptos_auth_accounts_by_person") => {
            "rows of accounts have the same provider and providerAccountId: keep one of each"
        }
        Some("leptos_auth_sessions_by_token") => {
            "rows of sessions have the same sessionToken: keep none of them"
        }
        Some("leptos_auth_users_by_email") => "rows of users have the same email: keep it in one of them",
        _ => return failed(error),
    })
}

fn query<'q>(sql: &Sql) -> Query<'q, Postgres, PgArguments> {
    sqlx::query(AssertSqlSafe(Arc::clone(sql)))
}

/// How an address may stand in a row of Auth.js, in small letters: its domain also as people write it.
fn spellings(email_key: &str) -> Vec<String> {
    let mut spellings = vec![email_key.to_owned()];
    if let Some((local, domain)) = email_key.split_once('@').filter(|(_, domain)| domain.contains("xn--")) {
        spellings.push(format!("{local}@{}", idna::domain_to_unicode(domain).0));
    }
    spellings
}

/// Whether an address in a row is that one: the database's `lower` has its own idea of letters.
fn is_address(email: &str, email_key: &str) -> bool {
    email == email_key || EmailAddress::parse(email).is_ok_and(|email| email.key() == email_key)
}

/// A row, read from left to right.
struct Columns<'r> {
    row: &'r PgRow,
    next: usize,
}

impl<'r> Columns<'r> {
    fn of(row: &'r PgRow) -> Self {
        Self { row, next: 0 }
    }

    fn value<T: Decode<'r, Postgres> + Type<Postgres>>(&mut self) -> Result<T, AdapterError> {
        self.next += 1;
        Ok(self.row.try_get(self.next - 1)?)
    }

    fn instant(&mut self) -> Result<Option<Timestamp>, AdapterError> {
        Ok(self.value::<Option<i64>>()?.map(Timestamp::from_millis))
    }
}

/// How rows are read.
impl AuthJsAdapter {
    fn user(&self, columns: &mut Columns<'_>) -> Result<User, AdapterError> {
        let (id, name, theirs): (_, _, Option<String>) =
            (columns.value()?, columns.value()?, columns.value()?);
        let (email_verified, image) = (columns.instant()?, columns.value()?);
        let (typed, key): (Option<String>, Option<String>) = (columns.value()?, columns.value()?);
        let created = columns.instant()?;
        let email = match theirs.filter(|email| !email.ends_with(NO_ADDRESS)) {
            // What was typed is shown as long as it is that address.
            Some(theirs) if key.as_ref() != Some(&theirs) => Some(theirs),
            theirs => typed.or(theirs),
        };
        Ok(User { id, name, email, email_verified, image, created: created.unwrap_or(self.since) })
    }

    /// A session that Auth.js has made has a name that follows from its token, was renewed when its end says so, and began
    /// nobody knows when: as long ago as it could run unused when our tables were made, so it is not fresh.
    fn session(&self, columns: &mut Columns<'_>) -> Result<SessionRecord, AdapterError> {
        let (token, user_id): (String, String) = (columns.value()?, columns.value()?);
        let expires = Timestamp::from_millis(columns.value()?);
        let (id, created): (Option<String>, _) = (columns.value()?, columns.instant()?);
        let (renewed, known_end): (_, _) = (columns.instant()?, columns.instant()?);
        let max_age = columns.value::<Option<i64>>()?.map(u64::try_from).transpose().map_err(failed)?;
        let max_age = max_age.map_or(self.max_age, Duration::from_millis);
        // Moved by Auth.js, it tells of it by nothing else.
        let renewed =
            renewed.filter(|_| known_end == Some(expires)).unwrap_or_else(|| before(expires, max_age));
        Ok(SessionRecord {
            id: id.unwrap_or_else(|| session_id(&token)),
            token_hash: token,
            user_id,
            created: created.unwrap_or_else(|| before(self.since, self.max_age)),
            renewed,
            expires,
            max_age,
            remembered: columns.value::<Option<bool>>()?.unwrap_or(true),
            provider: columns.value::<Option<String>>()?.unwrap_or_else(|| "authjs".to_owned()),
            user_agent: columns.value()?,
            address: columns.value()?,
        })
    }
}

fn before(instant: Timestamp, duration: Duration) -> Timestamp {
    Timestamp::from_millis(instant.as_millis().saturating_sub(millis(duration)))
}

/// The name of a session that has none: it follows from the token and does not lead back.
fn session_id(token: &str) -> String {
    hash::uuid(&["session id\n", token])
}

fn is_stateless(token_hash: &str) -> bool {
    token_hash.starts_with(STATELESS)
}

/// What takes more than one statement: all of them, or none.
impl AuthJsAdapter {
    async fn insert_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String, AdapterError> {
        let mut connection = self.own.connections.get_to_write().await?;
        let mut transaction = connection.begin(PostgresDialect::BEGIN).await?;
        self.release_claims(&user.id, email_key, &mut transaction).await?;
        let row = query(&self.statements.create_user)
            .bind(user.name.as_deref())
            .bind(email_key)
            .bind(user.email_verified.map(Timestamp::as_millis))
            .bind(user.image.as_deref())
            .bind(user.id.as_str())
            .bind(user.created.as_millis())
            .bind(user.email.as_deref())
            .fetch_one(&mut *transaction)
            .await?;
        let id: String = row.try_get(0)?;
        if let Some(account) = account {
            self.link(&id, account, user.created, tokens).fetch_one(&mut *transaction).await?;
        }
        transaction.commit().await?;
        connection.committed();
        Ok(id)
    }

    /// Applies all changes, or none.
    async fn apply(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError> {
        let mut connection = self.own.connections.get_to_write().await?;
        let mut transaction = connection.begin(PostgresDialect::BEGIN).await?;
        let result = self.apply_in(&mut transaction, user_id, changes).await;
        if matches!(result, Ok(true)) {
            transaction.commit().await?;
        } else if !change::rolled_back(transaction).await {
            return result;
        }
        connection.committed();
        result
    }

    /// Locks the row of Auth.js first, so that no other request changes it between the read and the write here.
    async fn apply_in(
        &self,
        transaction: &mut PgConnection,
        user_id: &str,
        changes: &[Change<'_>],
    ) -> Result<bool, AdapterError> {
        let row = query(&self.statements.lock_user).bind(user_id).fetch_optional(&mut *transaction).await?;
        if row.is_none() {
            return Ok(false);
        }
        query(&self.statements.keep_user)
            .bind(user_id)
            .bind(self.since.as_millis())
            .execute(&mut *transaction)
            .await?;
        for change in changes {
            let is_done = match *change {
                Change::Name(name) => {
                    let update = query(&self.statements.update_name).bind(name).bind(user_id);
                    update.execute(&mut *transaction).await?.rows_affected() == 1
                }
                Change::Image(image) => {
                    let update = query(&self.statements.update_image).bind(image).bind(user_id);
                    update.execute(&mut *transaction).await?.rows_affected() == 1
                }
                Change::Email { email, key, verified } => {
                    self.change_email(&mut *transaction, user_id, (email, key), verified).await?;
                    true
                }
                Change::LinkAccount { account, now } => {
                    self.link(user_id, account, now, None).fetch_optional(&mut *transaction).await?.is_some()
                }
                Change::UnlinkAccount { provider, provider_account_id } => {
                    query(&self.statements.unlink_account)
                        .bind(provider)
                        .bind(provider_account_id)
                        .bind(user_id)
                        .fetch_optional(&mut *transaction)
                        .await?
                        .is_some()
                }
                _ => {
                    let statement = change::statement::<PostgresDialect>(user_id, change);
                    change::outcome::<PostgresDialect>(change, statement.execute(&mut *transaction).await)?
                }
            };
            if !is_done {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sets the address, which is stored in both rows of a user.
    async fn change_email(
        &self,
        transaction: &mut PgConnection,
        user_id: &str,
        (email, key): (Option<&str>, Option<&str>),
        verified: Option<Timestamp>,
    ) -> Result<(), AdapterError> {
        self.release_claims(user_id, key, transaction).await?;
        query(&self.statements.update_email)
            .bind(user_id)
            .bind(key)
            .bind(verified.map(Timestamp::as_millis))
            .bind(self.since.as_millis())
            .bind(email)
            .execute(transaction)
            .await?;
        Ok(())
    }

    /// Takes an address that is proven now from those who only claim it: in these tables one user alone can have it.
    async fn release_claims(
        &self,
        user_id: &str,
        email_key: Option<&str>,
        transaction: &mut PgConnection,
    ) -> Result<(), AdapterError> {
        let Some(email_key) = email_key else { return Ok(()) };
        let release = query(&self.statements.release_claims).bind(spellings(email_key));
        let release = release.bind(self.since.as_millis()).bind(email_key);
        for owner in release.fetch_all(transaction).await? {
            // The unique index knows of one spelling only.
            let (email, id): (&str, &str) = (owner.try_get(0)?, owner.try_get(1)?);
            if id != user_id && is_address(email, email_key) {
                return Err(AdapterError::Conflict);
            }
        }
        Ok(())
    }

    async fn remove_user(&self, id: &str) -> Result<bool, AdapterError> {
        let mut connection = self.own.connections.get_to_write().await?;
        let mut transaction = connection.begin(PostgresDialect::BEGIN).await?;
        // First the user, whom nobody can then give a session or account any more; the rest by statements of their own,
        // which see what was given a moment before.
        let removed = query(&self.statements.delete_user).bind(id).execute(&mut *transaction).await?;
        for statement in &self.statements.delete_what_was_theirs {
            query(statement).bind(id).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        connection.committed();
        Ok(removed.rows_affected() == 1)
    }

    fn link<'q>(
        &self,
        user_id: &'q str,
        account: &'q Account,
        now: Timestamp,
        tokens: Option<&'q str>,
    ) -> Query<'q, Postgres, PgArguments> {
        query(&self.statements.link_account)
            .bind(user_id)
            .bind(account.r#type.as_str())
            .bind(account.provider.as_str())
            .bind(account.provider_account_id.as_str())
            .bind(now.as_millis())
            .bind(random::uuid())
            .bind(self.since.as_millis())
            .bind(tokens)
    }

    /// Makes sure that a user of Auth.js has a row of ours, if they are there at all.
    async fn keep_user(&self, id: &str) -> Result<(), AdapterError> {
        if !self.ids.can_be(id) {
            return Ok(());
        }
        let keep = || query(&self.statements.keep_user).bind(id).bind(self.since.as_millis());
        self.own.execute(keep).await.map(drop)
    }
}

#[async_trait::async_trait]
impl Adapter for AuthJsAdapter {
    async fn create_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String, AdapterError> {
        self.own.connections.retrying(|| self.insert_user(user, email_key, account, tokens)).await
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        if !self.ids.can_be(id) {
            return Ok(None);
        }
        let row = self.own.optional(|| query(&self.statements.get_user).bind(id)).await?;
        row.map(|row| self.user(&mut Columns::of(&row))).transpose()
    }

    async fn get_user_by_email(&self, email_key: &str) -> Result<Option<User>, AdapterError> {
        let spellings = spellings(email_key);
        let find = || query(&self.statements.get_users_by_email).bind(spellings.clone()).bind(email_key);
        for row in self.own.all(find).await? {
            if is_address(row.try_get(EMAIL)?, email_key) {
                return self.user(&mut Columns::of(&row)).map(Some);
            }
        }
        Ok(None)
    }

    async fn get_user_by_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<Option<User>, AdapterError> {
        let find = || query(&self.statements.get_user_by_account).bind(provider).bind(provider_account_id);
        self.own.optional(find).await?.map(|row| self.user(&mut Columns::of(&row))).transpose()
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, AdapterError> {
        let after = match (after, self.ids) {
            ("", Ids::Number) => &i64::MIN.to_string(),
            ("", Ids::Uuid) => "00000000-0000-0000-0000-000000000000",
            _ => after,
        };
        if !self.ids.can_be(after) {
            return Ok(Vec::new());
        }
        let list = || query(&self.statements.list_users).bind(after).bind(i64::from(limit));
        self.own.all(list).await?.iter().map(|row| self.user(&mut Columns::of(row))).collect()
    }

    async fn change_user(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError> {
        if !self.ids.can_be(user_id) {
            return Ok(false);
        }
        self.own.connections.retrying(|| self.apply(user_id, changes)).await
    }

    async fn delete_user(&self, id: &str) -> Result<bool, AdapterError> {
        if !self.ids.can_be(id) {
            return Ok(false);
        }
        self.own.connections.retrying(|| self.remove_user(id)).await
    }

    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>, AdapterError> {
        if !self.ids.can_be(user_id) {
            return Ok(Vec::new());
        }
        let accounts = || query(&self.statements.get_accounts).bind(user_id).bind(self.since.as_millis());
        self.own.all(accounts).await?.iter().map(|row| Reader::new(row).account()).collect()
    }

    async fn update_account_tokens(
        &self,
        account: &Account,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, AdapterError> {
        let update = || {
            query(&self.statements.update_account_tokens)
                .bind(to)
                .bind(account.provider.as_str())
                .bind(account.provider_account_id.as_str())
                .bind(from)
                .bind(self.since.as_millis())
        };
        Ok(self.own.execute(update).await? == 1)
    }

    async fn lease_account_tokens(
        &self,
        account: &Account,
        tokens: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.own.lease_account_tokens(account, tokens, until, now).await
    }

    /// As Auth.js stores it: as it is. What no token of a session looks like finds nothing.
    fn stored_session_token(&self, token: &str) -> String {
        let may_be_one = !is_stateless(token) && token.bytes().all(|byte| byte.is_ascii_graphic());
        if may_be_one { token.to_owned() } else { hash::sha256_hex(&[token]) }
    }

    async fn create_session(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        if is_stateless(&session.token_hash) {
            self.keep_user(&session.user_id).await?;
            return self.own.create_session(session).await;
        }
        if !self.ids.can_be(&session.user_id) {
            return Err(failed("there is no such user"));
        }
        let create = || {
            query(&self.statements.create_session)
                .bind(session.token_hash.as_str())
                .bind(session.user_id.as_str())
                .bind(session.expires.as_millis())
                .bind(session.id.as_str())
                .bind(session.created.as_millis())
                .bind(session.renewed.as_millis())
                .bind(millis(session.max_age))
                .bind(session.remembered)
                .bind(session.provider.as_str())
                .bind(session.user_agent.as_deref())
                .bind(session.address.as_deref())
                .bind(random::uuid())
                .bind(self.since.as_millis())
        };
        self.own.written(create).await?.map(drop).ok_or_else(|| failed("there is no such user"))
    }

    async fn get_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, AdapterError> {
        if is_stateless(token_hash) {
            return self.own.get_session(token_hash, now).await;
        }
        Ok(self.get_session_and_user(token_hash, now).await?.map(|(session, _)| session))
    }

    async fn get_session_and_user(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>, AdapterError> {
        if is_stateless(token_hash) {
            let Some(session) = self.own.get_session(token_hash, now).await? else { return Ok(None) };
            return Ok(self.get_user(&session.user_id).await?.map(|user| (session, user)));
        }
        let find = || query(&self.statements.get_session_and_user).bind(token_hash).bind(now.as_millis());
        let read = |row| {
            let mut columns = Columns::of(&row);
            Ok((self.session(&mut columns)?, self.user(&mut columns)?))
        };
        self.own.optional(find).await?.map(read).transpose()
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>, AdapterError> {
        if !self.ids.can_be(user_id) {
            return Ok(Vec::new());
        }
        let list = || query(&self.statements.list_sessions).bind(user_id).bind(now.as_millis());
        let rows = self.own.all(list).await?;
        let mut sessions: Vec<_> =
            rows.iter().map(|row| self.session(&mut Columns::of(row))).collect::<Result<_, _>>()?;
        let own = self.own.list_sessions(user_id, now).await?;
        sessions.extend(own.into_iter().filter(|session| is_stateless(&session.token_hash)));
        sessions.sort_by(|a, b| b.renewed.cmp(&a.renewed).then_with(|| a.id.cmp(&b.id)));
        Ok(sessions)
    }

    async fn update_session(
        &self,
        token_hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        if is_stateless(token_hash) {
            return self.own.update_session(token_hash, from, to, now).await;
        }
        let update = || {
            query(&self.statements.update_session)
                .bind(to.as_millis())
                .bind(now.as_millis())
                .bind(token_hash)
                .bind(from.as_millis())
        };
        Ok(self.own.written(update).await?.is_some())
    }

    async fn delete_session(&self, token_hash: &str) -> Result<bool, AdapterError> {
        if is_stateless(token_hash) {
            return self.own.delete_session(token_hash).await;
        }
        let delete = || query(&self.statements.delete_session).bind(token_hash);
        Ok(self.own.written(delete).await?.is_some())
    }

    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError> {
        self.own.add_revocations(revocations).await
    }

    async fn revocations_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Revocation)>, AdapterError> {
        self.own.revocations_after(number, limit).await
    }

    async fn revoked(&self) {
        self.own.revoked().await;
    }

    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        let create = || {
            query(&self.statements.create_verification_token)
                .bind(token.identifier.as_str())
                .bind(token.token_hash.as_str())
                .bind(token.expires.as_millis())
        };
        self.own.execute(create).await.map(drop)
    }

    async fn use_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let take = || {
            let take = query(&self.statements.use_verification_token).bind(identifier).bind(token_hash);
            take.bind(now.as_millis())
        };
        Ok(self.own.execute(take).await? > 0)
    }

    async fn has_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let row = self.own.optional(|| {
            let look = query(&self.statements.has_verification_token).bind(identifier).bind(token_hash);
            look.bind(now.as_millis())
        });
        Ok(row.await?.is_some())
    }

    async fn delete_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
    ) -> Result<(), AdapterError> {
        let delete = || query(&self.statements.delete_verification_token).bind(identifier).bind(token_hash);
        self.own.execute(delete).await.map(drop)
    }

    async fn get_authenticator(&self, credential_id: &str) -> Result<Option<Authenticator>, AdapterError> {
        let Some(found) = self.own.get_authenticator(credential_id).await? else { return Ok(None) };
        Ok(self.get_user(&found.user_id).await?.map(|_| found))
    }

    async fn list_authenticators(&self, user_id: &str) -> Result<Vec<Authenticator>, AdapterError> {
        match self.get_user(user_id).await? {
            Some(_) => self.own.list_authenticators(user_id).await,
            None => Ok(Vec::new()),
        }
    }

    async fn use_authenticator(
        &self,
        credential_id: &str,
        from: u32,
        to: u32,
        backed_up: bool,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.own.use_authenticator(credential_id, from, to, backed_up, now).await
    }

    fn keeps_user_records(&self) -> bool {
        true
    }

    async fn list_user_records(&self, user_id: &str) -> Result<Vec<UserRecord>, AdapterError> {
        match self.get_user(user_id).await? {
            Some(_) => self.own.list_user_records(user_id).await,
            None => Ok(Vec::new()),
        }
    }

    async fn expired_user_records(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserRecord>, AdapterError> {
        self.own.expired_user_records(kind, now, limit).await
    }

    async fn count_attempt(
        &self,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError> {
        self.own.count_attempt(key, window, now).await
    }

    async fn return_attempts(&self, key: &str, count: u32) -> Result<(), AdapterError> {
        self.own.return_attempts(key, count).await
    }

    async fn add_audit(&self, record: &AuditRecord, deliver: bool) -> Result<(), AdapterError> {
        self.own.add_audit(record, deliver).await
    }

    async fn list_audit(
        &self,
        user_id: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, AdapterError> {
        self.own.list_audit(user_id, before, limit).await
    }

    async fn audit_after(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        self.own.audit_after(after, limit).await
    }

    async fn undelivered_audit(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        self.own.undelivered_audit(after, limit).await
    }

    async fn audit_delivered(&self, id: &str) -> Result<bool, AdapterError> {
        self.own.audit_delivered(id).await
    }

    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let mut removed = 0;
        for statement in &self.statements.purge {
            let purge = || query(statement).bind(now.as_millis()).bind(i64::from(limit));
            removed += self.own.execute(purge).await?;
        }
        Ok(removed + self.own.purge_expired(now, limit).await?)
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        self.own.ping().await
    }
}
