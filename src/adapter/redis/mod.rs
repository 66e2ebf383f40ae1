//! The Redis adapter, for all data or only for short-lived data: sessions, revocations, verification tokens and attempts.
//!
//! Users with their addresses, accounts and passkeys share one hash tag, because unique keys can be enforced only within
//! one slot; all other data has separate keys and spreads over a cluster. A row that is read and changed here is replaced
//! by a script, if it is still as it was read. docs/adapters/redis.md lists the keys.
//!
//! Redis removes expired rows, but the caller's `now` decides whether a row is still valid. Lifetimes are also computed
//! with the caller's clock; only that of an emailed token, which is passed without a `now`, uses the clock of Redis.

mod change;
mod connection;
#[cfg(test)]
mod on_redis;
#[cfg(test)]
mod own_server;
mod revoked;
mod rows;
mod script;

use std::time::Duration;

use super::{
    Account, AccountRecord, Adapter, AdapterError, Attempts, AuditRecord, Authenticator, CALL_LIMIT, Change,
    Revocation, SessionRecord, User, UserRecord, VerificationToken,
    document::{
        AccountDocument, AuditDocument, AuthenticatorDocument, RevocationDocument, SessionDocument,
        UserDocument, failed, to_accounts, to_authenticators, to_sessions, to_user_records,
    },
    retry,
};
use crate::clock::Timestamp;
use connection::Connection;
use revoked::Listener;
use rows::{read, write};

/// The longest that a call takes, its connection included.
const LIMIT: Duration = CALL_LIMIT;
/// How wrong the clock of Redis may be before a mailed token is thrown away too early.
const MINUTE: Duration = Duration::from_secs(60);
/// How long a list keeps what it need not keep.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Longer than anything lives, and short enough for Redis to add it to the time.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// An adapter for Redis 6.2 and newer, one server or a cluster.
pub struct RedisAdapter {
    connection: Connection,
    listener: Listener,
    prefix: String,
    users_are_elsewhere: bool,
}

impl RedisAdapter {
    /// Connects to `redis://user:password@host:6379/0`, or `rediss://` for TLS. A cluster is recognised; several
    /// addresses, with commas between them, are where to look for it.
    ///
    /// # Errors
    /// [`AdapterError::Failed`] when the address is none, or nobody answers within five seconds.
    pub async fn connect(url: &str) -> Result<Self, AdapterError> {
        let nodes = connection::nodes(url)?;
        let opening = tokio::time::timeout(LIMIT, Connection::open(&nodes));
        let adapter = Self {
            connection: opening.await.map_err(|_| no_answer())??,
            listener: Listener::new(nodes),
            prefix: "leptos-auth:".to_owned(),
            users_are_elsewhere: false,
        };
        adapter.within(adapter.warn_of_eviction()).await?;
        Ok(adapter)
    }

    /// For sessions whose users are in another store: they need not exist here.
    #[must_use]
    pub fn sessions_only(self) -> Self {
        Self { users_are_elsewhere: true, ..self }
    }

    /// What all keys begin with, instead of `leptos-auth:`.
    #[must_use]
    pub fn prefix(self, prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..self }
    }

    /// A server that removes keys when its memory is full forgets users, and revocations: ended sessions would live
    /// again.
    async fn warn_of_eviction(&self) -> Result<(), AdapterError> {
        if self.connection.is_cluster() {
            return Ok(());
        }
        // Who may not ask is not told.
        let memory =
            self.connection.send::<String>(redis::cmd("INFO").arg("memory")).await.unwrap_or_default();
        let policy = memory.lines().find_map(|line| line.strip_prefix("maxmemory_policy:"));
        if let Some(policy) = policy.map(str::trim).filter(|policy| *policy != "noeviction") {
            tracing::warn!(policy, "Redis may forget sessions: set maxmemory-policy to noeviction");
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl Adapter for RedisAdapter {
    async fn create_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String, AdapterError> {
        let document = write(&UserDocument::new(user, email_key))?;
        let name = account.map(account_name).transpose()?.unwrap_or_default();
        let account =
            account.map(|account| write(&AccountDocument::new(&user.id, account, tokens, user.created)));
        let account = account.transpose()?.unwrap_or_default();
        let keys = ["users", "ids", "emails", "accounts"].map(|key| self.users(key));
        let own = self.users_own("accounts", &user.id);
        let keys = [&*keys[0], &keys[1], &keys[2], &keys[3], &own];
        let arguments = [&*user.id, &document, &name, &account];
        if self.within(self.run(&script::CREATE_USER, &keys, &arguments)).await? {
            Ok(user.id.clone())
        } else {
            Err(AdapterError::Conflict)
        }
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        let found = self.within(async { self.field(&self.users("users"), id).await }).await?;
        to_user(found)
    }

    async fn get_user_by_email(&self, email_key: &str) -> Result<Option<User>, AdapterError> {
        let keys = [&*self.users("emails"), &self.users("users")];
        to_user(self.within(self.run(&script::USER_BY_EMAIL, &keys, &[email_key])).await?)
    }

    async fn get_user_by_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<Option<User>, AdapterError> {
        let keys = [&*self.users("accounts"), &self.users("users")];
        let name = write(&(provider, provider_account_id))?;
        to_user(self.within(self.run(&script::USER_BY_ACCOUNT, &keys, &[&name])).await?)
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, AdapterError> {
        let keys = [&*self.users("ids"), &self.users("users")];
        let arguments = [after, &limit.to_string()];
        let users: Vec<String> = self.within(self.run(&script::LIST_AFTER, &keys, &arguments)).await?;
        users.iter().map(|user| Ok(read::<UserDocument>(user)?.into())).collect()
    }

    async fn change_user(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError> {
        self.within(async {
            let mut retries = 0;
            loop {
                if let Some(is_done) = self.try_changes(user_id, changes).await? {
                    return Ok(is_done);
                }
                retries += 1;
                retry::pause(retries).await;
            }
        })
        .await
    }

    /// The user goes first: whoever signs in meanwhile finds nobody to sign in. What is left of sessions then opens
    /// nothing, whether or not it can be removed.
    async fn delete_user(&self, id: &str) -> Result<bool, AdapterError> {
        let keys = ["users", "ids", "emails", "accounts"].map(|key| self.users(key));
        let [users, ids, emails, accounts] = keys.each_ref().map(String::as_str);
        let own_accounts = self.users_own("accounts", id);
        let (authenticators, own_authenticators) =
            (self.users("authenticators"), self.users_own("authenticators", id));
        let (own_records, ends) = (self.users_own("records", id), self.users("records"));
        let keys = [
            users,
            ids,
            emails,
            accounts,
            &own_accounts,
            &authenticators,
            &own_authenticators,
            &own_records,
            &ends,
        ];
        let owner = write(&id)?;
        self.within(async {
            let was_there = self.run(&script::DELETE_USER, &keys, &[id, &owner]).await?;
            self.end_sessions(id).await?;
            Ok(was_there)
        })
        .await
    }

    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>, AdapterError> {
        Ok(to_accounts(self.within(self.own("accounts", user_id)).await?))
    }

    async fn update_account_tokens(
        &self,
        account: &Account,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, AdapterError> {
        self.change("accounts", &account_name(account)?, |row: &mut AccountDocument| {
            let is_as_known = row.tokens.as_deref() == from;
            row.tokens = to.map(str::to_owned);
            row.tokens_leased_until = None;
            is_as_known
        })
        .await
    }

    async fn lease_account_tokens(
        &self,
        account: &Account,
        tokens: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.change("accounts", &account_name(account)?, |row: &mut AccountDocument| {
            let is_free = row.tokens_leased_until.is_none_or(|end| end <= now.as_millis());
            row.tokens_leased_until = Some(until.as_millis());
            is_free && row.tokens.as_deref() == Some(tokens)
        })
        .await
    }

    /// The list comes first and the user once more last: a session is never without an entry there, so
    /// [`delete_user`](Adapter::delete_user) finds it, or this call finds the user gone.
    async fn create_session(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        let document = SessionDocument::from(session);
        let mut set = redis::cmd("SET");
        set.arg(self.key("session", &session.token_hash)).arg(write(&document)?).arg("NX");
        let life = session.expires.since(session.renewed);
        if life.is_zero() {
            // It ends before it begins: only the clock of Redis is left to say when.
            set.arg("PXAT").arg(session.expires.as_millis().max(1));
        } else {
            set.arg("PX").arg(rows::millis(life));
        }
        self.within(async {
            self.require_user(session).await?;
            self.list_session(&document, life).await?;
            if !self.send(&set).await? {
                return Err(AdapterError::Conflict);
            }
            let user = self.require_user(session).await;
            if user.is_err() {
                self.end_session(&session.token_hash).await?;
            }
            user
        })
        .await
    }

    async fn get_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, AdapterError> {
        let found = self.within(self.session(token_hash)).await?;
        Ok(found.map(|(_, document)| document.into()).filter(|session: &SessionRecord| session.expires > now))
    }

    async fn get_session_and_user(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>, AdapterError> {
        if self.connection.is_cluster() {
            let Some(session) = self.get_session(token_hash, now).await? else { return Ok(None) };
            let user = self.get_user(&session.user_id).await?;
            return Ok(user.map(|user| (session, user)));
        }
        let keys = [&*self.key("session", token_hash), &self.users("users")];
        let found = self.within(self.run(&script::SESSION_AND_USER, &keys, &[])).await?;
        let Some((session, user)): Option<(String, String)> = found else { return Ok(None) };
        let (session, user): (SessionDocument, UserDocument) = (read(&session)?, read(&user)?);
        Ok((session.expires > now.as_millis()).then(|| (session.into(), user.into())))
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>, AdapterError> {
        let mut sessions = self.within(self.sessions_of(user_id, now)).await?;
        sessions.retain(|session| session.expires > now.as_millis());
        Ok(to_sessions(sessions))
    }

    async fn update_session(
        &self,
        token_hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let life = to.since(now);
        if from <= now || life.is_zero() {
            return Ok(false);
        }
        self.within(async {
            loop {
                let Some((before, mut session)) = self.session(token_hash).await? else { return Ok(false) };
                if session.expires != from.as_millis() {
                    return Ok(false);
                }
                (session.expires, session.renewed) = (to.as_millis(), now.as_millis());
                self.list_session(&session, life).await?;
                let keys = [&*self.key("session", token_hash)];
                let arguments = [&*before, &write(&session)?, &rows::millis(life)];
                if self.run(&script::REPLACE_SESSION, &keys, &arguments).await? {
                    return Ok(true);
                }
            }
        })
        .await
    }

    async fn delete_session(&self, token_hash: &str) -> Result<bool, AdapterError> {
        self.within(self.end_session(token_hash)).await
    }

    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError> {
        if revocations.is_empty() {
            return Ok(());
        }
        let mut arguments = vec![self.channel()];
        for revocation in revocations {
            let document = RevocationDocument::from(revocation);
            arguments.extend([revocation.expires.as_millis().to_string(), write(&document)?]);
        }
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let keys = self.revocation_keys();
        let keys = keys.each_ref().map(String::as_str);
        self.within(self.run::<bool>(&script::ADD_REVOCATIONS, &keys, &arguments)).await.map(drop)
    }

    async fn revocations_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Revocation)>, AdapterError> {
        let [_, rows, _] = self.revocation_keys();
        let mut range = redis::cmd("ZRANGEBYSCORE");
        range.arg(rows).arg(format!("({number}")).arg("+inf").arg("LIMIT").arg(0).arg(limit);
        let rows: Vec<String> = self.within(self.send(&range)).await?;
        rows.iter().map(|row| rows::read_revocation(row)).collect()
    }

    async fn revoked(&self) {
        self.listener.wait(self.channel()).await;
    }

    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        let keys = [&*self.key("verification-tokens", &token.identifier)];
        let arguments = [&*token.token_hash, &token.expires.as_millis().to_string(), &rows::millis(MINUTE)];
        self.within(self.run::<bool>(&script::CREATE_TOKEN, &keys, &arguments)).await.map(drop)
    }

    async fn use_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let keys = [&*self.key("verification-tokens", identifier)];
        let arguments = [token_hash, &now.as_millis().to_string()];
        self.within(self.run(&script::USE_TOKEN, &keys, &arguments)).await
    }

    async fn has_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let key = self.key("verification-tokens", identifier);
        let find = redis::cmd("ZSCORE").arg(key).arg(token_hash).to_owned();
        let expires = self.within(self.send::<Option<f64>>(&find)).await?;
        // Exact: our timestamps in milliseconds are far below 2^53.
        Ok(expires.is_some_and(|expires| expires > now.as_millis() as f64))
    }

    async fn delete_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
    ) -> Result<(), AdapterError> {
        let key = self.key("verification-tokens", identifier);
        self.within(self.send::<i64>(redis::cmd("ZREM").arg(key).arg(token_hash))).await.map(drop)
    }

    async fn get_authenticator(&self, credential_id: &str) -> Result<Option<Authenticator>, AdapterError> {
        let found =
            self.within(async { self.field(&self.users("authenticators"), credential_id).await }).await?;
        found.map(|row| Ok(read::<AuthenticatorDocument>(&row)?.into())).transpose()
    }

    async fn list_authenticators(&self, user_id: &str) -> Result<Vec<Authenticator>, AdapterError> {
        Ok(to_authenticators(self.within(self.own("authenticators", user_id)).await?))
    }

    async fn use_authenticator(
        &self,
        credential_id: &str,
        from: u32,
        to: u32,
        backed_up: bool,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.change("authenticators", credential_id, |row: &mut AuthenticatorDocument| {
            let is_as_known = row.counter == i64::from(from);
            (row.counter, row.backed_up, row.used) = (i64::from(to), backed_up, Some(now.as_millis()));
            is_as_known
        })
        .await
    }

    fn keeps_user_records(&self) -> bool {
        true
    }

    async fn list_user_records(&self, user_id: &str) -> Result<Vec<UserRecord>, AdapterError> {
        let mut values = redis::cmd("HVALS");
        values.arg(self.users_own("records", user_id));
        let rows: Vec<String> = self.within(self.send(&values)).await?;
        let rows: Result<_, _> = rows.iter().map(|row| read(row)).collect();
        Ok(to_user_records(rows?))
    }

    async fn expired_user_records(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserRecord>, AdapterError> {
        self.within(self.expired_records(kind, now, limit)).await
    }

    async fn count_attempt(
        &self,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError> {
        let keys = [&*self.key("attempts", key)];
        let resets = now.plus(window).as_millis().to_string();
        let latest = Attempts::latest_reset(window, now).as_millis().to_string();
        let arguments = [&*now.as_millis().to_string(), &resets, &rows::millis(window), &latest];
        let (count, resets): (i64, i64) =
            self.within(self.run(&script::COUNT_ATTEMPT, &keys, &arguments)).await?;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Attempts { count, resets: Timestamp::from_millis(resets) })
    }

    async fn return_attempts(&self, key: &str, count: u32) -> Result<(), AdapterError> {
        let keys = [&*self.key("attempts", key)];
        let count = count.to_string();
        self.within(self.run::<i64>(&script::RETURN_ATTEMPTS, &keys, &[&*count])).await.map(drop)
    }

    async fn add_audit(&self, record: &AuditRecord, deliver: bool) -> Result<(), AdapterError> {
        let row = write(&AuditDocument::from(record))?;
        let keys = ["rows", "ids", "ends", "undelivered"].map(|name| self.audit(name));
        let own = record.user_id.as_deref().map(|user_id| self.audit_of(user_id)).unwrap_or_default();
        let own = if own.is_empty() { &keys[1] } else { &own };
        let keys = [&*keys[0], &keys[1], &keys[2], &keys[3], own];
        let deliver = if deliver { "1" } else { "" };
        let arguments = [&*record.id, &row, &record.expires.as_millis().to_string(), deliver];
        if self.within(self.run(&script::ADD_AUDIT, &keys, &arguments)).await? {
            Ok(())
        } else {
            Err(AdapterError::Conflict)
        }
    }

    async fn list_audit(
        &self,
        user_id: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, AdapterError> {
        let before = before.map_or_else(|| "+".to_owned(), |before| format!("({before}"));
        let keys = [&*self.audit_of(user_id), &self.audit("rows")];
        self.audit_rows(&script::LIST_AUDIT, &keys, &[&before, &limit.to_string()]).await
    }

    async fn audit_after(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        let keys = [&*self.audit("ids"), &self.audit("rows")];
        self.audit_rows(&script::LIST_AFTER, &keys, &[after, &limit.to_string()]).await
    }

    async fn undelivered_audit(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        let keys = [&*self.audit("undelivered"), &self.audit("rows")];
        self.audit_rows(&script::LIST_AFTER, &keys, &[after, &limit.to_string()]).await
    }

    async fn audit_delivered(&self, id: &str) -> Result<bool, AdapterError> {
        self.within(self.send(redis::cmd("ZREM").arg(self.audit("undelivered")).arg(id))).await
    }

    /// Of revocations and of what happened only: all else expires by itself.
    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let [_, rows, ends] = self.revocation_keys();
        let arguments = [&*now.as_millis().to_string(), &limit.to_string()];
        let revocations: u64 =
            self.within(self.run(&script::PURGE_REVOCATIONS, &[&rows, &ends], &arguments)).await?;
        Ok(revocations + self.within(self.purge_audit(&arguments)).await?)
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        // The key never exists, so nothing is stored. A server that is read-only or full rejects this write too.
        let mut set = redis::cmd("SET");
        set.arg(format!("{}ready", self.prefix)).arg("").arg("XX").arg("PX").arg(1);
        self.within(self.send::<redis::Value>(&set)).await.map(drop)
    }
}

fn no_answer() -> AdapterError {
    failed(format!("Redis did not answer within {} seconds", LIMIT.as_secs()))
}

fn to_user(found: Option<String>) -> Result<Option<User>, AdapterError> {
    found.map(|user| Ok(read::<UserDocument>(&user)?.into())).transpose()
}

/// One text for both parts that no other account has.
fn account_name(account: &Account) -> Result<String, AdapterError> {
    write(&(&account.provider, &account.provider_account_id))
}
