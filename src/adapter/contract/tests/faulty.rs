//! An in-memory adapter with one defect.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use crate::{
    adapter::{
        Account, AccountRecord, Adapter, AdapterError, Attempts, AuditRecord, Authenticator, Change,
        MemoryAdapter, Revocation, SessionRecord, User, UserRecord, VerificationToken,
    },
    clock::Timestamp,
};

/// What somebody who writes an adapter gets wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::adapter) enum Fault {
    None,
    /// The second user gets the address as well.
    ConflictIsIgnored,
    /// User and account in two steps, and the first one stays when the second one fails.
    HalfUser,
    /// Looks, and then writes.
    RacingFirstSignIns,
    AddressesIgnoreCase,
    AccountsIgnoreTrailingSpace,
    AccountsAreNormalised,
    EmptyIsAbsent,
    NamesAreCut,
    /// Applies each change separately: the first stays when the second fails.
    HalfChange,
    /// Reads a row, and writes all of its columns back.
    WholeRowsAreWritten,
    /// A change that changes nothing counts as "not found" (MySQL's count of rows).
    UnchangedIsNotFound,
    /// The walk meets the border twice.
    PagesOverlap,
    SecondsOnly,
    SessionsNeverEnd,
    RenewalRevives,
    RenewalAfterTheEnd,
    /// The first renewal is the only one that is compared with.
    RenewalIgnoresTheEnd,
    SessionsOutliveTheirUser,
    SessionsNeedNoUser,
    UsersAreCached,
    TokensAreUsedTwice,
    OtherTokensLive,
    /// Looks, and then removes.
    RacingTokens,
    TokensNeverEnd,
    LookingUsesTokens,
    WriterIgnoresTokens,
    LeasesNeverEnd,
    LeasesAreForAll,
    CounterIsNotCompared,
    PasskeysAreEverybodys,
    PurgeTakesWhatRuns,
    PurgeTakesNothing,
    LostAttempts,
    WindowsNeverEnd,
    AttemptsAreKept,
    /// The last writer wins.
    RecordsAreOverwritten,
    /// Looks, and then writes.
    RacingRecords,
    RecordsAreRemovedTwice,
    AllRecordsExpire,
    ExpiredRecordsAreUnordered,
    /// Compares the beginning of the kind.
    ExpiredRecordsOfOtherKinds,
    /// An id that is taken is no conflict.
    AuditIsReplaced,
    AuditGoesWithItsUser,
    OnlyTheFirstRevocation,
    RevocationsUnlimited,
    WaitingSpins,
    Hangs,
    /// Fails from some write on, until it is back.
    GoesAway,
}

pub(in crate::adapter) struct Faulty {
    fault: Fault,
    inner: MemoryAdapter,
    /// What the fault keeps although it should not.
    sessions: Mutex<HashMap<String, SessionRecord>>,
    users: Mutex<HashMap<String, User>>,
    attempts: Mutex<HashMap<String, Attempts>>,
    writes_left: Mutex<u32>,
}

impl Faulty {
    pub(in crate::adapter) fn new(fault: Fault) -> Self {
        let inner = MemoryAdapter::default();
        Self {
            fault,
            inner: if fault == Fault::SessionsNeedNoUser { inner.sessions_only() } else { inner },
            sessions: Mutex::default(),
            users: Mutex::default(),
            attempts: Mutex::default(),
            writes_left: Mutex::default(),
        }
    }

    /// How many writes succeed before it goes away.
    pub(in crate::adapter) fn allow(&self, writes: u32) {
        *locked(&self.writes_left) = writes;
    }

    fn write(&self) -> Result<(), AdapterError> {
        let mut left = locked(&self.writes_left);
        if self.has(Fault::GoesAway) {
            *left = left.checked_sub(1).ok_or_else(|| AdapterError::Failed("it is away".into()))?;
        }
        Ok(())
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn email_key(&self, key: &str) -> String {
        if self.has(Fault::AddressesIgnoreCase) { key.to_lowercase() } else { key.to_owned() }
    }

    fn account_id(&self, id: &str) -> String {
        use unicode_normalization::UnicodeNormalization;
        match self.fault {
            Fault::AccountsIgnoreTrailingSpace => id.trim_end().to_owned(),
            Fault::AccountsAreNormalised => id.nfc().collect(),
            _ => id.to_owned(),
        }
    }

    fn account(&self, account: &Account) -> Account {
        Account { provider_account_id: self.account_id(&account.provider_account_id), ..account.clone() }
    }

    fn instant(&self, instant: Timestamp) -> Timestamp {
        if self.has(Fault::SecondsOnly) { Timestamp::from_seconds(instant.as_seconds()) } else { instant }
    }

    fn identifier(&self, identifier: &str, token_hash: &str) -> String {
        let suffix = if self.has(Fault::OtherTokensLive) { token_hash } else { "" };
        format!("{identifier}{suffix}")
    }

    fn never(&self, fault: Fault, now: Timestamp) -> Timestamp {
        if self.has(fault) { Timestamp::from_millis(0) } else { now }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// Long enough for the others to come in between.
async fn pause() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

#[async_trait::async_trait]
impl Adapter for Faulty {
    async fn create_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String, AdapterError> {
        self.write()?;
        let email_key = email_key.map(|key| self.email_key(key));
        let (email_key, account) = (email_key.as_deref(), account.map(|account| self.account(account)));
        let mut user = user.clone();
        if self.has(Fault::EmptyIsAbsent) {
            user.name = user.name.filter(|name| !name.is_empty());
        }
        if self.has(Fault::NamesAreCut) {
            user.name = user.name.map(|name| name.chars().take(255).collect());
        }
        if let (Fault::HalfUser, Some(account)) = (self.fault, &account) {
            let id = self.inner.create_user(&user, email_key, None, None).await?;
            return self.inner.link_account(&id, account, user.created).await.map(|()| id);
        }
        if let (Fault::RacingFirstSignIns, Some(account)) = (self.fault, &account) {
            let owner = self.get_user_by_account(&account.provider, &account.provider_account_id).await?;
            pause().await;
            if owner.is_some() {
                return Err(AdapterError::Conflict);
            }
            let created = self.inner.create_user(&user, email_key, Some(account), tokens).await;
            return Ok(created.unwrap_or(user.id));
        }
        let created = self.inner.create_user(&user, email_key, account.as_ref(), tokens).await;
        if self.has(Fault::ConflictIsIgnored) { Ok(created.unwrap_or(user.id)) } else { created }
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        self.inner.get_user(id).await
    }

    async fn get_user_by_email(&self, email_key: &str) -> Result<Option<User>, AdapterError> {
        self.inner.get_user_by_email(&self.email_key(email_key)).await
    }

    async fn get_user_by_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<Option<User>, AdapterError> {
        self.inner.get_user_by_account(provider, &self.account_id(provider_account_id)).await
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, AdapterError> {
        let mut page = self.inner.list_users(after, limit).await?;
        let border = self.inner.get_user(after).await?.filter(|_| self.has(Fault::PagesOverlap));
        page.splice(0..0, border);
        // The first page of all is too short for a border.
        if self.has(Fault::PagesOverlap) && after.is_empty() {
            let last = page.last().map(|user| user.id.clone()).unwrap_or_default();
            page.extend(self.list_users(&last, limit).await?);
        }
        Ok(page)
    }

    async fn change_user(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError> {
        let before = self.inner.get_user(user_id).await?;
        let is_done = match self.fault {
            Fault::HalfChange => {
                for change in changes {
                    if !self.inner.change_user(user_id, &[*change]).await? {
                        return Ok(false);
                    }
                }
                before.is_some()
            }
            Fault::WholeRowsAreWritten => {
                // Both calls read the row before either writes, and the call that changes the name does not write last.
                pause().await;
                if changes.iter().all(|change| !matches!(change, Change::Name(_))) {
                    pause().await;
                    pause().await;
                }
                let is_done = self.inner.change_user(user_id, changes).await?;
                let columns = changes.iter().filter(|change| !matches!(change, Change::Name(_)));
                match &before {
                    Some(User { name, .. }) if is_done && columns.count() == changes.len() => {
                        self.inner.change_user(user_id, &[Change::Name(name.as_deref())]).await?
                    }
                    _ => is_done,
                }
            }
            _ => self.inner.change_user(user_id, changes).await?,
        };
        let is_same = self.inner.get_user(user_id).await? == before;
        Ok(is_done && !(is_same && self.has(Fault::UnchangedIsNotFound)))
    }

    async fn delete_user(&self, id: &str) -> Result<bool, AdapterError> {
        if self.has(Fault::SessionsOutliveTheirUser) {
            let sessions = self.inner.list_sessions(id, Timestamp::from_millis(0)).await?;
            locked(&self.sessions).extend(sessions.into_iter().map(|row| (row.token_hash.clone(), row)));
        }
        self.inner.delete_user(id).await
    }

    async fn link_account(
        &self,
        user_id: &str,
        account: &Account,
        now: Timestamp,
    ) -> Result<(), AdapterError> {
        self.write()?;
        self.inner.link_account(user_id, &self.account(account), now).await
    }

    async fn unlink_account(
        &self,
        user_id: &str,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<bool, AdapterError> {
        self.inner.unlink_account(user_id, provider, provider_account_id).await
    }

    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>, AdapterError> {
        self.inner.get_accounts(user_id).await
    }

    async fn update_account_tokens(
        &self,
        account: &Account,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, AdapterError> {
        self.write()?;
        if !self.has(Fault::WriterIgnoresTokens) {
            return self.inner.update_account_tokens(account, from, to).await;
        }
        let (provider, id) = (account.provider.as_str(), account.provider_account_id.as_str());
        let Some(user) = self.inner.get_user_by_account(provider, id).await? else { return Ok(false) };
        let present = self.inner.get_accounts(&user.id).await?.remove(0).tokens;
        self.inner.update_account_tokens(account, present.as_deref(), to).await
    }

    async fn lease_account_tokens(
        &self,
        account: &Account,
        tokens: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let until = if self.has(Fault::LeasesNeverEnd) { Timestamp::from_millis(i64::MAX) } else { until };
        let is_leased = self.inner.lease_account_tokens(account, tokens, until, now).await?;
        Ok(is_leased || self.has(Fault::LeasesAreForAll))
    }

    async fn create_session(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        self.write()?;
        let session = SessionRecord {
            created: self.instant(session.created),
            renewed: self.instant(session.renewed),
            expires: self.instant(session.expires),
            ..session.clone()
        };
        self.inner.create_session(&session).await
    }

    async fn get_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, AdapterError> {
        if self.has(Fault::SessionsOutliveTheirUser) && locked(&self.sessions).contains_key(token_hash) {
            return Ok(locked(&self.sessions).get(token_hash).cloned());
        }
        self.inner.get_session(token_hash, self.never(Fault::SessionsNeverEnd, now)).await
    }

    async fn get_session_and_user(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>, AdapterError> {
        let Some((session, user)) = self.inner.get_session_and_user(token_hash, now).await? else {
            return Ok(None);
        };
        if !self.has(Fault::UsersAreCached) {
            return Ok(Some((session, user)));
        }
        let user = locked(&self.users).entry(user.id.clone()).or_insert(user).clone();
        Ok(Some((session, user)))
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>, AdapterError> {
        self.inner.list_sessions(user_id, now).await
    }

    async fn update_session(
        &self,
        token_hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let ended = locked(&self.sessions).remove(token_hash);
        if let (Fault::RenewalRevives, Some(session)) = (self.fault, ended) {
            self.inner.create_session(&SessionRecord { expires: to, renewed: now, ..session }).await?;
            return Ok(true);
        }
        let Some(session) = self.inner.get_session(token_hash, Timestamp::from_millis(0)).await? else {
            return Ok(false);
        };
        let from = if self.has(Fault::RenewalIgnoresTheEnd) { session.expires } else { from };
        self.inner.update_session(token_hash, from, to, self.never(Fault::RenewalAfterTheEnd, now)).await
    }

    async fn delete_session(&self, token_hash: &str) -> Result<bool, AdapterError> {
        if self.has(Fault::RenewalRevives) {
            let session = self.inner.get_session(token_hash, Timestamp::from_millis(0)).await?;
            locked(&self.sessions).extend(session.map(|session| (token_hash.to_owned(), session)));
        }
        self.inner.delete_session(token_hash).await
    }

    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError> {
        self.write()?;
        let only_first = self.has(Fault::OnlyTheFirstRevocation) && !revocations.is_empty();
        self.inner.add_revocations(if only_first { &revocations[..1] } else { revocations }).await
    }

    async fn revocations_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Revocation)>, AdapterError> {
        let limit = if self.has(Fault::RevocationsUnlimited) { u32::MAX } else { limit };
        self.inner.revocations_after(number, limit).await
    }

    async fn revoked(&self) {
        if !self.has(Fault::WaitingSpins) {
            self.inner.revoked().await;
        }
    }

    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        let identifier = self.identifier(&token.identifier, &token.token_hash);
        self.inner.create_verification_token(&VerificationToken { identifier, ..token.clone() }).await
    }

    async fn use_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let identifier = self.identifier(identifier, token_hash);
        let now = self.never(Fault::TokensNeverEnd, now);
        let is_used = self.inner.use_verification_token(&identifier, token_hash, now).await?;
        if is_used && matches!(self.fault, Fault::TokensAreUsedTwice | Fault::RacingTokens) {
            let expires = now.plus(Duration::from_secs(3600));
            let token =
                VerificationToken { identifier: identifier.clone(), token_hash: token_hash.into(), expires };
            self.inner.create_verification_token(&token).await?;
        }
        if is_used && self.has(Fault::RacingTokens) {
            pause().await;
            self.inner.delete_verification_token(&identifier, token_hash).await?;
        }
        Ok(is_used)
    }

    async fn has_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let identifier = self.identifier(identifier, token_hash);
        if self.has(Fault::LookingUsesTokens) {
            return self.inner.use_verification_token(&identifier, token_hash, now).await;
        }
        self.inner.has_verification_token(&identifier, token_hash, now).await
    }

    async fn delete_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
    ) -> Result<(), AdapterError> {
        self.inner.delete_verification_token(identifier, token_hash).await
    }

    async fn create_authenticator(&self, authenticator: &Authenticator) -> Result<(), AdapterError> {
        self.write()?;
        self.inner.create_authenticator(authenticator).await
    }

    async fn get_authenticator(&self, credential_id: &str) -> Result<Option<Authenticator>, AdapterError> {
        self.inner.get_authenticator(credential_id).await
    }

    async fn list_authenticators(&self, user_id: &str) -> Result<Vec<Authenticator>, AdapterError> {
        self.inner.list_authenticators(user_id).await
    }

    async fn use_authenticator(
        &self,
        credential_id: &str,
        from: u32,
        to: u32,
        backed_up: bool,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let stored = self.inner.get_authenticator(credential_id).await?.map(|passkey| passkey.counter);
        let from = stored.filter(|_| self.has(Fault::CounterIsNotCompared)).unwrap_or(from);
        self.inner.use_authenticator(credential_id, from, to, backed_up, now).await
    }

    async fn rename_authenticator(
        &self,
        user_id: &str,
        credential_id: &str,
        name: Option<&str>,
    ) -> Result<bool, AdapterError> {
        self.inner.rename_authenticator(user_id, credential_id, name).await
    }

    async fn delete_authenticator(&self, user_id: &str, credential_id: &str) -> Result<bool, AdapterError> {
        let owner = self.inner.get_authenticator(credential_id).await?.map(|passkey| passkey.user_id);
        let user_id = owner.filter(|_| self.has(Fault::PasskeysAreEverybodys)).unwrap_or(user_id.to_owned());
        self.inner.delete_authenticator(&user_id, credential_id).await
    }

    fn keeps_user_records(&self) -> bool {
        self.inner.keeps_user_records()
    }

    async fn list_user_records(&self, user_id: &str) -> Result<Vec<UserRecord>, AdapterError> {
        self.inner.list_user_records(user_id).await
    }

    async fn put_user_record(&self, record: &UserRecord, from: Option<&str>) -> Result<bool, AdapterError> {
        self.write()?;
        if self.has(Fault::RecordsAreOverwritten) {
            let _ = self.inner.delete_user_record(&record.user_id, &record.kind, &record.id).await?;
            return self.inner.put_user_record(record, None).await;
        }
        if self.has(Fault::RacingRecords) {
            let former = self.inner.list_user_records(&record.user_id).await?;
            let former =
                former.iter().find(|former| (&former.kind, &former.id) == (&record.kind, &record.id));
            if former.map(|former| former.value.as_str()) != from {
                return Ok(false);
            }
            pause().await;
            let _ = self.inner.delete_user_record(&record.user_id, &record.kind, &record.id).await?;
            let _ = self.inner.put_user_record(record, None).await?;
            return Ok(true);
        }
        self.inner.put_user_record(record, from).await
    }

    async fn delete_user_record(&self, user_id: &str, kind: &str, id: &str) -> Result<bool, AdapterError> {
        let removed = self.inner.delete_user_record(user_id, kind, id).await?;
        Ok(removed || self.has(Fault::RecordsAreRemovedTwice))
    }

    async fn expired_user_records(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserRecord>, AdapterError> {
        let now = if self.has(Fault::AllRecordsExpire) { Timestamp::from_millis(i64::MAX) } else { now };
        match self.fault {
            Fault::ExpiredRecordsAreUnordered => {
                let mut records = self.inner.expired_user_records(kind, now, limit).await?;
                records.reverse();
                Ok(records)
            }
            Fault::ExpiredRecordsOfOtherKinds => {
                let mut records = self.inner.expired_user_records(kind, now, limit).await?;
                records.extend(self.inner.expired_user_records(&format!("{kind}x"), now, limit).await?);
                Ok(records)
            }
            _ => self.inner.expired_user_records(kind, now, limit).await,
        }
    }

    async fn count_attempt(
        &self,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError> {
        if !matches!(self.fault, Fault::LostAttempts | Fault::WindowsNeverEnd) {
            return self.inner.count_attempt(key, window, now).await;
        }
        let known = locked(&self.attempts).get(key).copied();
        let attempts = known.unwrap_or(Attempts { count: 0, resets: now.plus(window) });
        pause().await;
        let attempts = Attempts { count: attempts.count + 1, ..attempts };
        locked(&self.attempts).insert(key.to_owned(), attempts);
        Ok(attempts)
    }

    async fn return_attempts(&self, key: &str, count: u32) -> Result<(), AdapterError> {
        if self.has(Fault::AttemptsAreKept) {
            return Ok(());
        }
        self.inner.return_attempts(key, count).await
    }

    async fn add_audit(&self, record: &AuditRecord, deliver: bool) -> Result<(), AdapterError> {
        self.write()?;
        let added = self.inner.add_audit(record, deliver).await;
        if self.has(Fault::AuditIsReplaced) { Ok(()) } else { added }
    }

    async fn list_audit(
        &self,
        user_id: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, AdapterError> {
        if self.has(Fault::AuditGoesWithItsUser) && self.inner.get_user(user_id).await?.is_none() {
            return Ok(Vec::new());
        }
        self.inner.list_audit(user_id, before, limit).await
    }

    async fn audit_after(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        self.inner.audit_after(after, limit).await
    }

    async fn undelivered_audit(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        self.inner.undelivered_audit(after, limit).await
    }

    async fn audit_delivered(&self, id: &str) -> Result<bool, AdapterError> {
        self.inner.audit_delivered(id).await
    }

    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        match self.fault {
            Fault::PurgeTakesNothing => Ok(0),
            Fault::PurgeTakesWhatRuns => {
                self.inner.purge_expired(Timestamp::from_millis(i64::MAX), limit).await
            }
            _ => self.inner.purge_expired(now, limit).await,
        }
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        if self.has(Fault::Hangs) { std::future::pending().await } else { self.inner.ping().await }
    }
}
