//! Keeps everything in the memory of this process, for tests and for trying out; all data is lost when the process ends. It
//! is also the shortest complete implementation of the contract: one lock around plain maps makes every method atomic.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use super::{
    Account, AccountRecord, Adapter, AdapterError, Attempts, AuditRecord, Authenticator, Change, Revocation,
    SessionRecord, User, UserRecord, VerificationToken,
};
use crate::clock::Timestamp;

/// The adapter for `DATABASE_URL=memory:`.
#[derive(Default)]
pub struct MemoryAdapter {
    tables: Mutex<Tables>,
    revoked: Notify,
    users_are_elsewhere: bool,
}

/// What a database would hold; each map by its primary key.
#[derive(Default)]
struct Tables {
    users: BTreeMap<String, UserRow>,
    accounts: HashMap<AccountKey, AccountRow>,
    sessions: HashMap<String, SessionRecord>,
    authenticators: HashMap<String, Authenticator>,
    user_records: BTreeMap<UserRecordKey, UserRecord>,
    revocations: BTreeMap<i64, Revocation>,
    /// Numbers are never given twice, also after the last row was purged.
    last_revocation: i64,
    verification_tokens: HashMap<TokenKey, VerificationToken>,
    attempts: HashMap<String, Attempts>,
    audit: BTreeMap<String, AuditRow>,
}

struct AuditRow {
    record: AuditRecord,
    undelivered: bool,
}

struct UserRow {
    user: User,
    /// The proven address: unique.
    email_key: Option<String>,
}

struct AccountRow {
    user_id: String,
    record: AccountRecord,
    leased_until: Option<Timestamp>,
}

#[derive(PartialEq, Eq, Hash)]
struct AccountKey {
    provider: String,
    provider_account_id: String,
}

/// User, kind, id.
type UserRecordKey = (String, String, String);

#[derive(PartialEq, Eq, Hash)]
struct TokenKey {
    identifier: String,
    token_hash: String,
}

impl MemoryAdapter {
    /// For sessions whose users are in another store: they need not exist here.
    #[must_use]
    pub fn sessions_only(self) -> Self {
        Self { users_are_elsewhere: true, ..self }
    }

    /// A panic while the lock is held cannot leave half a step behind: what may fail is looked at first.
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn user(&self, id: &str) -> Option<User> {
        self.users.get(id).map(|row| row.user.clone())
    }

    fn require_user(&self, id: &str) -> Result<(), AdapterError> {
        if self.users.contains_key(id) { Ok(()) } else { Err(AdapterError::Failed("no such user".into())) }
    }

    fn owner(&self, email_key: &str) -> Option<&User> {
        let owns = |row: &&UserRow| row.email_key.as_deref() == Some(email_key);
        self.users.values().find(owns).map(|row| &row.user)
    }

    /// Refuses an address that somebody else has proven.
    fn require_free_email(&self, email_key: Option<&str>, user_id: &str) -> Result<(), AdapterError> {
        match email_key.and_then(|key| self.owner(key)) {
            Some(owner) if owner.id != user_id => Err(AdapterError::Conflict),
            _ => Ok(()),
        }
    }

    fn require_free_account(&self, account: &Account) -> Result<(), AdapterError> {
        if self.accounts.contains_key(&account.key()) { Err(AdapterError::Conflict) } else { Ok(()) }
    }

    fn add_account(&mut self, user_id: &str, account: &Account, tokens: Option<&str>, created: Timestamp) {
        let tokens = tokens.map(str::to_owned);
        let record = AccountRecord { account: account.clone(), tokens, created };
        let row = AccountRow { user_id: user_id.to_owned(), record, leased_until: None };
        self.accounts.insert(account.key(), row);
    }

    fn running_session(&self, token_hash: &str, now: Timestamp) -> Option<&SessionRecord> {
        self.sessions.get(token_hash).filter(|session| session.expires > now)
    }

    fn audit_after(&self, after: &str, limit: u32, fits: impl Fn(&AuditRow) -> bool) -> Vec<AuditRecord> {
        let newer = self.audit.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        let fitting = newer.map(|(_, row)| row).filter(|row| fits(row));
        fitting.take(limit as usize).map(|row| row.record.clone()).collect()
    }

    /// Returns whether a change can be applied.
    fn allows(&self, user_id: &str, change: &Change<'_>) -> Result<bool, AdapterError> {
        let has_passkey = |id: &str| self.authenticators.get(id).is_some_and(|row| row.user_id == user_id);
        let value = |kind: &str, id: &str| {
            self.user_records.get(&record_key(user_id, kind, id)).map(|record| record.value.as_str())
        };
        Ok(match *change {
            Change::Name(_) | Change::Image(_) => true,
            Change::Email { key, .. } => self.require_free_email(key, user_id).map(|()| true)?,
            Change::LinkAccount { account, .. } => self.require_free_account(account).map(|()| true)?,
            Change::UnlinkAccount { provider, provider_account_id } => {
                let account = self.accounts.get(&key(provider, provider_account_id));
                account.is_some_and(|account| account.user_id == user_id)
            }
            Change::AddAuthenticator(new) if self.authenticators.contains_key(&new.credential_id) => {
                return Err(AdapterError::Conflict);
            }
            Change::AddAuthenticator(_) => true,
            Change::RenameAuthenticator { credential_id, .. }
            | Change::RemoveAuthenticator { credential_id } => has_passkey(credential_id),
            Change::PutRecord { record, from } => value(&record.kind, &record.id) == from,
            Change::RemoveRecord { kind, id, value: expected } => {
                value(kind, id).is_some_and(|value| expected.is_none_or(|expected| value == expected))
            }
        })
    }

    /// Applies a change that [`Self::allows`] accepted.
    fn apply(&mut self, user_id: &str, change: &Change<'_>) {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        match *change {
            Change::Name(_) | Change::Image(_) | Change::Email { .. } => {
                let Some(row) = self.users.get_mut(user_id) else { return };
                match *change {
                    Change::Name(name) => row.user.name = owned(name),
                    Change::Image(image) => row.user.image = owned(image),
                    Change::Email { email, key, verified } => {
                        (row.user.email, row.user.email_verified) = (owned(email), verified);
                        row.email_key = owned(key);
                    }
                    _ => {}
                }
            }
            Change::LinkAccount { account, now } => self.add_account(user_id, account, None, now),
            Change::UnlinkAccount { provider, provider_account_id } => {
                self.accounts.remove(&key(provider, provider_account_id));
            }
            Change::AddAuthenticator(new) => {
                self.authenticators.insert(new.credential_id.clone(), new.clone());
            }
            Change::RenameAuthenticator { credential_id, name } => {
                if let Some(authenticator) = self.authenticators.get_mut(credential_id) {
                    authenticator.name = owned(name);
                }
            }
            Change::RemoveAuthenticator { credential_id } => {
                self.authenticators.remove(credential_id);
            }
            Change::PutRecord { record, .. } => {
                let key = record_key(user_id, &record.kind, &record.id);
                self.user_records.insert(key, record.clone());
            }
            Change::RemoveRecord { kind, id, .. } => {
                self.user_records.remove(&record_key(user_id, kind, id));
            }
        }
    }
}

impl Account {
    fn key(&self) -> AccountKey {
        key(&self.provider, &self.provider_account_id)
    }
}

fn key(provider: &str, provider_account_id: &str) -> AccountKey {
    AccountKey { provider: provider.to_owned(), provider_account_id: provider_account_id.to_owned() }
}

fn record_key(user_id: &str, kind: &str, id: &str) -> UserRecordKey {
    (user_id.to_owned(), kind.to_owned(), id.to_owned())
}

fn token_key(identifier: &str, token_hash: &str) -> TokenKey {
    TokenKey { identifier: identifier.to_owned(), token_hash: token_hash.to_owned() }
}

/// The rows of a user in the order that lists have: the newest first.
fn newest_first<T>(mut rows: Vec<T>, time: impl Fn(&T) -> Timestamp) -> Vec<T> {
    rows.sort_by_key(|row| std::cmp::Reverse(time(row)));
    rows
}

#[async_trait::async_trait]
impl Adapter for MemoryAdapter {
    async fn create_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String, AdapterError> {
        let mut tables = self.tables();
        if tables.users.contains_key(&user.id) {
            return Err(AdapterError::Conflict);
        }
        tables.require_free_email(email_key, &user.id)?;
        if let Some(account) = account {
            tables.require_free_account(account)?;
            tables.add_account(&user.id, account, tokens, user.created);
        }
        let row = UserRow { user: user.clone(), email_key: email_key.map(str::to_owned) };
        tables.users.insert(user.id.clone(), row);
        Ok(user.id.clone())
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        Ok(self.tables().user(id))
    }

    async fn get_user_by_email(&self, email_key: &str) -> Result<Option<User>, AdapterError> {
        Ok(self.tables().owner(email_key).cloned())
    }

    async fn get_user_by_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<Option<User>, AdapterError> {
        let tables = self.tables();
        let account = tables.accounts.get(&key(provider, provider_account_id));
        Ok(account.and_then(|account| tables.user(&account.user_id)))
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, AdapterError> {
        let tables = self.tables();
        let rest = tables.users.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        Ok(rest.take(limit as usize).map(|(_, row)| row.user.clone()).collect())
    }

    async fn change_user(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError> {
        let mut tables = self.tables();
        if !tables.users.contains_key(user_id) {
            return Ok(false);
        }
        for change in changes {
            if !tables.allows(user_id, change)? {
                return Ok(false);
            }
        }
        for change in changes {
            tables.apply(user_id, change);
        }
        Ok(true)
    }

    async fn delete_user(&self, id: &str) -> Result<bool, AdapterError> {
        let mut tables = self.tables();
        tables.accounts.retain(|_, account| account.user_id != id);
        tables.sessions.retain(|_, session| session.user_id != id);
        tables.authenticators.retain(|_, authenticator| authenticator.user_id != id);
        tables.user_records.retain(|_, record| record.user_id != id);
        Ok(tables.users.remove(id).is_some())
    }

    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>, AdapterError> {
        let tables = self.tables();
        let own = tables.accounts.values().filter(|row| row.user_id == user_id);
        Ok(newest_first(own.map(|row| row.record.clone()).collect(), |record| record.created))
    }

    async fn update_account_tokens(
        &self,
        account: &Account,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, AdapterError> {
        let mut tables = self.tables();
        let Some(row) = tables.accounts.get_mut(&account.key()) else { return Ok(false) };
        if row.record.tokens.as_deref() != from {
            return Ok(false);
        }
        row.record.tokens = to.map(str::to_owned);
        row.leased_until = None;
        Ok(true)
    }

    async fn lease_account_tokens(
        &self,
        account: &Account,
        tokens: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let mut tables = self.tables();
        let Some(row) = tables.accounts.get_mut(&account.key()) else { return Ok(false) };
        let is_leased = row.leased_until.is_some_and(|end| end > now);
        if is_leased || row.record.tokens.as_deref() != Some(tokens) {
            return Ok(false);
        }
        row.leased_until = Some(until);
        Ok(true)
    }

    async fn create_session(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        let mut tables = self.tables();
        if !self.users_are_elsewhere {
            tables.require_user(&session.user_id)?;
        }
        if tables.sessions.contains_key(&session.token_hash) {
            return Err(AdapterError::Conflict);
        }
        tables.sessions.insert(session.token_hash.clone(), session.clone());
        Ok(())
    }

    async fn get_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, AdapterError> {
        Ok(self.tables().running_session(token_hash, now).cloned())
    }

    async fn get_session_and_user(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>, AdapterError> {
        let tables = self.tables();
        let Some(session) = tables.running_session(token_hash, now) else { return Ok(None) };
        Ok(tables.user(&session.user_id).map(|user| (session.clone(), user)))
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>, AdapterError> {
        let tables = self.tables();
        let own = tables.sessions.values().filter(|row| row.user_id == user_id && row.expires > now);
        Ok(newest_first(own.cloned().collect(), |session| session.renewed))
    }

    async fn update_session(
        &self,
        token_hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let mut tables = self.tables();
        match tables.sessions.get_mut(token_hash) {
            Some(session) if session.expires == from && from > now => {
                (session.expires, session.renewed) = (to, now);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn delete_session(&self, token_hash: &str) -> Result<bool, AdapterError> {
        Ok(self.tables().sessions.remove(token_hash).is_some())
    }

    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError> {
        let mut tables = self.tables();
        for revocation in revocations {
            tables.last_revocation += 1;
            let number = tables.last_revocation;
            tables.revocations.insert(number, revocation.clone());
        }
        self.revoked.notify_waiters();
        Ok(())
    }

    async fn revocations_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Revocation)>, AdapterError> {
        let tables = self.tables();
        let newer = tables.revocations.range((Bound::Excluded(number), Bound::Unbounded));
        Ok(newer.take(limit as usize).map(|(number, revocation)| (*number, revocation.clone())).collect())
    }

    async fn revoked(&self) {
        self.revoked.notified().await;
    }

    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        let key = token_key(&token.identifier, &token.token_hash);
        self.tables().verification_tokens.insert(key, token.clone());
        Ok(())
    }

    async fn use_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let mut tables = self.tables();
        let token = tables.verification_tokens.get(&token_key(identifier, token_hash));
        if token.is_none_or(|token| token.expires <= now) {
            return Ok(false);
        }
        tables.verification_tokens.retain(|_, token| token.identifier != identifier);
        Ok(true)
    }

    async fn has_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let tables = self.tables();
        let token = tables.verification_tokens.get(&token_key(identifier, token_hash));
        Ok(token.is_some_and(|token| token.expires > now))
    }

    async fn delete_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
    ) -> Result<(), AdapterError> {
        self.tables().verification_tokens.remove(&token_key(identifier, token_hash));
        Ok(())
    }

    async fn get_authenticator(&self, credential_id: &str) -> Result<Option<Authenticator>, AdapterError> {
        Ok(self.tables().authenticators.get(credential_id).cloned())
    }

    async fn list_authenticators(&self, user_id: &str) -> Result<Vec<Authenticator>, AdapterError> {
        let tables = self.tables();
        let own = tables.authenticators.values().filter(|row| row.user_id == user_id);
        Ok(newest_first(own.cloned().collect(), |authenticator| authenticator.created))
    }

    async fn use_authenticator(
        &self,
        credential_id: &str,
        from: u32,
        to: u32,
        backed_up: bool,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let mut tables = self.tables();
        match tables.authenticators.get_mut(credential_id) {
            Some(authenticator) if authenticator.counter == from => {
                (authenticator.counter, authenticator.backed_up) = (to, backed_up);
                authenticator.used = Some(now);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn keeps_user_records(&self) -> bool {
        true
    }

    async fn list_user_records(&self, user_id: &str) -> Result<Vec<UserRecord>, AdapterError> {
        let tables = self.tables();
        Ok(tables.user_records.values().filter(|record| record.user_id == user_id).cloned().collect())
    }

    async fn expired_user_records(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserRecord>, AdapterError> {
        let tables = self.tables();
        let is_meant =
            |record: &&UserRecord| record.kind == kind && record.expires.is_some_and(|end| end <= now);
        let mut expired: Vec<_> = tables.user_records.values().filter(is_meant).cloned().collect();
        expired.sort_by_key(|record| record.expires);
        expired.truncate(limit as usize);
        Ok(expired)
    }

    async fn count_attempt(
        &self,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError> {
        let mut tables = self.tables();
        let opened = Attempts { count: 0, resets: now.plus(window) };
        let attempts = tables.attempts.entry(key.to_owned()).or_insert(opened);
        if attempts.resets <= now || attempts.resets > Attempts::latest_reset(window, now) {
            *attempts = opened;
        }
        attempts.count = attempts.count.saturating_add(1);
        Ok(*attempts)
    }

    async fn return_attempts(&self, key: &str, count: u32) -> Result<(), AdapterError> {
        if let Some(attempts) = self.tables().attempts.get_mut(key) {
            attempts.count = attempts.count.saturating_sub(count);
        }
        Ok(())
    }

    async fn add_audit(&self, record: &AuditRecord, deliver: bool) -> Result<(), AdapterError> {
        let mut tables = self.tables();
        if tables.audit.contains_key(&record.id) {
            return Err(AdapterError::Conflict);
        }
        tables.audit.insert(record.id.clone(), AuditRow { record: record.clone(), undelivered: deliver });
        Ok(())
    }

    async fn list_audit(
        &self,
        user_id: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, AdapterError> {
        let tables = self.tables();
        let end = before.map_or(Bound::Unbounded, Bound::Excluded);
        let older = tables.audit.range::<str, _>((Bound::Unbounded, end)).rev();
        let own = older.map(|(_, row)| &row.record).filter(|row| row.user_id.as_deref() == Some(user_id));
        Ok(own.take(limit as usize).cloned().collect())
    }

    async fn audit_after(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        Ok(self.tables().audit_after(after, limit, |_| true))
    }

    async fn undelivered_audit(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        Ok(self.tables().audit_after(after, limit, |row| row.undelivered))
    }

    async fn audit_delivered(&self, id: &str) -> Result<bool, AdapterError> {
        let mut tables = self.tables();
        Ok(tables.audit.get_mut(id).is_some_and(|row| std::mem::take(&mut row.undelivered)))
    }

    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let mut tables = self.tables();
        let limit = limit as usize;
        let sessions = tables.sessions.extract_if(|_, row| row.expires <= now).take(limit).count();
        let tokens = tables.verification_tokens.extract_if(|_, row| row.expires <= now).take(limit).count();
        let attempts = tables.attempts.extract_if(|_, row| row.resets <= now).take(limit).count();
        let revocations = tables.revocations.extract_if(.., |_, row| row.expires <= now).take(limit).count();
        let audit = tables.audit.extract_if(.., |_, row| row.record.expires <= now).take(limit).count();
        Ok((sessions + tokens + attempts + revocations + audit) as u64)
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::adapter::contract;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn keeps_the_contract() {
        contract::run(Arc::new(MemoryAdapter::default())).await;
    }
}
