//! Copying a database into another one, of whatever kind: users with accounts, passkeys, running sessions and what else is
//! kept of them, the revocations, and what happened to accounts. Mailed tokens and counters of attempts are not copied: they live for minutes.
//!
//! It can be interrupted and begun again: what is there already is compared and passed over. What is there and
//! *different* stops it, because only an operator can know which of the two is right. At the end everything is read again
//! from both and compared, so nothing may change the one or the other meanwhile: stop the servers first.

use std::{collections::HashSet, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    AccountRecord, Adapter, AdapterError, AuditRecord, Authenticator, Revocation, SessionRecord, User,
    UserRecord,
};
use crate::{
    clock::{Clock, Timestamp},
    email::EmailAddress,
};

/// Users that are read at once.
const PAGE: u32 = 100;
/// Users that are copied at the same time.
const PARALLEL: usize = 8;
/// What expires that soon is not compared: one database may have let it go already, by its own clock.
const MARGIN: Duration = Duration::from_secs(60);

/// What copying is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Storing what is not there yet.
    Copying,
    /// Comparing everything.
    Checking,
}

/// How many rows of each kind were met, also those that were there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users.
    pub users: u64,
    /// Accounts.
    pub accounts: u64,
    /// Passkeys.
    pub authenticators: u64,
    /// Running sessions.
    pub sessions: u64,
    /// What else is kept of users: passwords, second steps and the like.
    pub user_records: u64,
    /// What happened to accounts.
    pub audit: u64,
    /// Revocations that still concern somebody.
    pub revocations: u64,
}

/// Why copying has stopped. What was copied until then stays, and the next try goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The database to copy from failed.
    #[error("the database to copy from: {0}")]
    From(#[source] AdapterError),
    /// The database to copy to failed.
    #[error("the database to copy to: {0}")]
    To(#[source] AdapterError),
    /// Both have it, and it is not the same, or one of them alone has it after copying.
    #[error("{what} {id} is not the same in both databases")]
    Different {
        /// What kind of row.
        what: &'static str,
        /// Its public name.
        id: String,
    },
    /// Users would get other ids there, and their sessions would belong to nobody.
    #[error("the database to copy to gives ids of its own")]
    OwnIds,
}

/// Copies everything, then compares everything. `progress` is called after each page of users, and at the end.
///
/// # Errors
/// When one of the databases fails, or what is there already is different; see [`CopyError`].
pub async fn copy(
    from: &dyn Adapter,
    to: &dyn Adapter,
    clock: &dyn Clock,
    mut progress: impl FnMut(Phase, &Counts),
) -> Result<Counts, CopyError> {
    let copying = Copying { from, to, clock };
    copying.copy_revocations().await?;
    copying.copy_audit().await?;
    copying.users(Phase::Copying, &mut progress).await?;
    let mut counts = copying.users(Phase::Checking, &mut progress).await?;
    copying.no_other_users().await?;
    counts.revocations = copying.check_revocations().await?;
    counts.audit = copying.check_audit().await?;
    progress(Phase::Checking, &counts);
    Ok(counts)
}

struct Copying<'a> {
    from: &'a dyn Adapter,
    to: &'a dyn Adapter,
    clock: &'a dyn Clock,
}

/// All that belongs to a user, in an order that does not depend on the database.
struct Belongings {
    /// The canonical form of the address, if it is proven.
    email_key: Option<String>,
    accounts: Vec<AccountRecord>,
    authenticators: Vec<Authenticator>,
    sessions: Vec<SessionRecord>,
    records: Vec<UserRecord>,
}

impl Belongings {
    async fn read(adapter: &dyn Adapter, user: &User, now: Timestamp) -> Result<Self, AdapterError> {
        let mut own = Self {
            email_key: proven_email(adapter, user).await?,
            accounts: adapter.get_accounts(&user.id).await?,
            authenticators: adapter.list_authenticators(&user.id).await?,
            sessions: adapter.list_sessions(&user.id, now).await?,
            records: match adapter.keeps_user_records() {
                true => adapter.list_user_records(&user.id).await?,
                false => Vec::new(),
            },
        };
        own.accounts.sort_by_cached_key(name_of_account);
        own.authenticators.sort_by(|a, b| a.credential_id.cmp(&b.credential_id));
        own.sessions.sort_by(|a, b| a.id.cmp(&b.id));
        own.records.sort_by_cached_key(name_of_record);
        Ok(own)
    }

    fn counts(&self) -> Counts {
        Counts {
            users: 1,
            accounts: self.accounts.len() as u64,
            authenticators: self.authenticators.len() as u64,
            sessions: self.sessions.len() as u64,
            user_records: self.records.len() as u64,
            ..Counts::default()
        }
    }
}

impl Copying<'_> {
    /// The instant that sessions and revocations have to outlive.
    fn now(&self, phase: Phase) -> Timestamp {
        match phase {
            Phase::Copying => self.clock.now(),
            Phase::Checking => self.clock.now().plus(MARGIN),
        }
    }

    /// Copies or compares all users, page by page.
    async fn users(
        &self,
        phase: Phase,
        progress: &mut impl FnMut(Phase, &Counts),
    ) -> Result<Counts, CopyError> {
        let (mut counts, mut after) = (Counts::default(), String::new());
        loop {
            let page = self.from.list_users(&after, PAGE).await.map_err(CopyError::From)?;
            let Some(last) = page.last() else { return Ok(counts) };
            after = last.id.clone();
            let users = stream::iter(page).map(|user| self.user(phase, user)).buffer_unordered(PARALLEL);
            counts = users.try_fold(counts, async |sum, own| Ok(sum.plus(own))).await?;
            progress(phase, &counts);
        }
    }

    async fn user(&self, phase: Phase, user: User) -> Result<Counts, CopyError> {
        let now = self.now(phase);
        let mut source = Belongings::read(self.from, &user, now).await.map_err(CopyError::From)?;
        for session in &mut source.sessions {
            self.carry_over(session);
        }
        if phase == Phase::Copying {
            self.copy_user(&user, source.email_key.as_deref()).await?;
        }
        let target = Belongings::read(self.to, &user, now).await.map_err(CopyError::To)?;
        if phase == Phase::Copying {
            self.copy_accounts(&user, &source.accounts, &target.accounts).await?;
            self.copy_authenticators(&source.authenticators, &target.authenticators).await?;
            self.copy_sessions(&source.sessions, &target.sessions).await?;
            self.copy_records(&source.records, &target.records).await?;
        } else {
            self.check_user(&user, &source, &target).await?;
        }
        Ok(source.counts())
    }

    async fn copy_user(&self, user: &User, email_key: Option<&str>) -> Result<(), CopyError> {
        match self.to.get_user(&user.id).await.map_err(CopyError::To)? {
            Some(present) if present == *user => return Ok(()),
            Some(_) => return Err(different("user", &user.id)),
            None => {}
        }
        let id = self.to.create_user(user, email_key, None, None).await;
        let id = id.map_err(|error| taken(error, "user", &user.id))?;
        if id == user.id {
            return Ok(());
        }
        self.to.delete_user(&id).await.map_err(CopyError::To)?;
        Err(CopyError::OwnIds)
    }

    async fn copy_accounts(
        &self,
        user: &User,
        source: &[AccountRecord],
        target: &[AccountRecord],
    ) -> Result<(), CopyError> {
        for record in source {
            let name = name_of_account(record);
            let present = target.iter().find(|present| name_of_account(present) == name);
            if present == Some(record) {
                continue;
            }
            // Linked, and then interrupted.
            let is_half = |present: &AccountRecord| {
                *present == AccountRecord { tokens: None, ..record.clone() } && record.tokens.is_some()
            };
            match present {
                Some(present) if is_half(present) => {}
                Some(_) => return Err(different("account", &name)),
                None => {
                    let linked = self.to.link_account(&user.id, &record.account, record.created).await;
                    linked.map_err(|error| taken(error, "account", &name))?;
                }
            }
            if let Some(tokens) = &record.tokens {
                let stored = self.to.update_account_tokens(&record.account, None, Some(tokens)).await;
                if !stored.map_err(CopyError::To)? {
                    return Err(different("account", &name));
                }
            }
        }
        Ok(())
    }

    async fn copy_authenticators(
        &self,
        source: &[Authenticator],
        target: &[Authenticator],
    ) -> Result<(), CopyError> {
        for authenticator in source.iter().filter(|authenticator| !target.contains(authenticator)) {
            let created = self.to.create_authenticator(authenticator).await;
            created.map_err(|error| taken(error, "passkey", &authenticator.credential_id))?;
        }
        Ok(())
    }

    /// A token that the one database stores as it is, the other one stores in its own way: so the session goes on.
    fn carry_over(&self, session: &mut SessionRecord) {
        let token = &session.token_hash;
        if self.from.stored_session_token(token) == *token {
            session.token_hash = self.to.stored_session_token(token);
        }
    }

    async fn copy_sessions(
        &self,
        source: &[SessionRecord],
        target: &[SessionRecord],
    ) -> Result<(), CopyError> {
        for session in source.iter().filter(|session| !target.contains(session)) {
            let created = self.to.create_session(session).await;
            created.map_err(|error| taken(error, "session", &session.id))?;
        }
        Ok(())
    }

    async fn copy_records(&self, source: &[UserRecord], target: &[UserRecord]) -> Result<(), CopyError> {
        for record in source.iter().filter(|record| !target.contains(record)) {
            if !self.to.put_user_record(record, None).await.map_err(CopyError::To)? {
                return Err(different("record", &name_of_record(record)));
            }
        }
        Ok(())
    }

    async fn check_user(
        &self,
        user: &User,
        source: &Belongings,
        target: &Belongings,
    ) -> Result<(), CopyError> {
        let present = self.to.get_user(&user.id).await.map_err(CopyError::To)?;
        if present.as_ref() != Some(user) || target.email_key != source.email_key {
            return Err(different("user", &user.id));
        }
        same("account", &source.accounts, &target.accounts, name_of_account)?;
        same("passkey", &source.authenticators, &target.authenticators, |row| row.credential_id.clone())?;
        same("session", &source.sessions, &target.sessions, |row| row.id.clone())?;
        same("record", &source.records, &target.records, name_of_record)
    }

    /// Nobody is there who was removed from the one between two tries, or who was never in it.
    async fn no_other_users(&self) -> Result<(), CopyError> {
        let mut after = String::new();
        loop {
            let page = self.to.list_users(&after, PAGE).await.map_err(CopyError::To)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id.clone();
            for user in page {
                if self.from.get_user(&user.id).await.map_err(CopyError::From)?.is_none() {
                    return Err(different("user", &user.id));
                }
            }
        }
    }

    /// Also whether it has still to be told elsewhere.
    async fn copy_audit(&self) -> Result<(), CopyError> {
        let mut last = String::new();
        loop {
            let page = self.from.audit_after(&last, PAGE).await.map_err(CopyError::From)?;
            let Some(end) = page.last() else { return Ok(()) };
            let before = std::mem::replace(&mut last, end.id.clone());
            let waiting = self.from.undelivered_audit(&before, PAGE).await.map_err(CopyError::From)?;
            for record in &page {
                let deliver = waiting.iter().any(|waiting| waiting.id == record.id);
                match self.to.add_audit(record, deliver).await {
                    // From an earlier try; whether it is the same is found out in the end.
                    Ok(()) | Err(AdapterError::Conflict) => {}
                    Err(error) => return Err(CopyError::To(error)),
                }
            }
        }
    }

    /// Page by page in the order of the ids; what is about to expire may be gone from the one or the other.
    async fn check_audit(&self) -> Result<u64, CopyError> {
        let (mut count, mut last, now) = (0, String::new(), self.now(Phase::Checking));
        loop {
            let source = self.from.audit_after(&last, PAGE).await.map_err(CopyError::From)?;
            let Some(end) = source.last() else {
                let rest = self.to.audit_after(&last, 1).await.map_err(CopyError::To)?;
                let other = rest.first().filter(|record| record.expires > now);
                return other.map_or(Ok(count), |record| Err(different("audit record", &record.id)));
            };
            let mut target = self.to.audit_after(&last, PAGE).await.map_err(CopyError::To)?;
            last.clone_from(&end.id);
            target.retain(|record| record.expires > now && record.id <= last);
            let source: Vec<_> = source.into_iter().filter(|record| record.expires > now).collect();
            same("audit record", &source, &target, |record: &AuditRecord| record.id.clone())?;
            count += source.len() as u64;
        }
    }

    /// They come first: what was ended stays ended, also when copying ends in the middle.
    async fn copy_revocations(&self) -> Result<(), CopyError> {
        let (source, present) = self.revocations(Phase::Copying).await?;
        let missing: Vec<_> = source.difference(&present).cloned().collect();
        for rows in missing.chunks(PAGE as usize) {
            self.to.add_revocations(rows).await.map_err(CopyError::To)?;
        }
        Ok(())
    }

    async fn check_revocations(&self) -> Result<u64, CopyError> {
        let (source, present) = self.revocations(Phase::Checking).await?;
        match source.symmetric_difference(&present).next() {
            Some(row) => Err(different("revocation", &format!("{:?}", row.revoked))),
            None => Ok(source.len() as u64),
        }
    }

    /// Those of both.
    async fn revocations(
        &self,
        phase: Phase,
    ) -> Result<(HashSet<Revocation>, HashSet<Revocation>), CopyError> {
        let now = self.now(phase);
        let source = running_revocations(self.from, now).await.map_err(CopyError::From)?;
        let target = running_revocations(self.to, now).await.map_err(CopyError::To)?;
        Ok((source, target))
    }
}

async fn running_revocations(
    adapter: &dyn Adapter,
    now: Timestamp,
) -> Result<HashSet<Revocation>, AdapterError> {
    let (mut rows, mut last) = (HashSet::new(), 0);
    loop {
        let page = adapter.revocations_after(last, 1000).await?;
        let Some((number, _)) = page.last() else { return Ok(rows) };
        last = *number;
        rows.extend(page.into_iter().map(|(_, row)| row).filter(|row| row.expires > now));
    }
}

impl Counts {
    fn plus(self, other: Self) -> Self {
        Self {
            users: self.users + other.users,
            accounts: self.accounts + other.accounts,
            authenticators: self.authenticators + other.authenticators,
            sessions: self.sessions + other.sessions,
            user_records: self.user_records + other.user_records,
            audit: self.audit + other.audit,
            revocations: self.revocations + other.revocations,
        }
    }
}

/// The canonical form of a user's address if it is proven: the one that leads to this user.
async fn proven_email(adapter: &dyn Adapter, user: &User) -> Result<Option<String>, AdapterError> {
    let address = user.email.as_deref().filter(|_| user.email_verified.is_some());
    let Some(address) = address.and_then(|address| EmailAddress::parse(address).ok()) else {
        return Ok(None);
    };
    let owner = adapter.get_user_by_email(address.key()).await?;
    Ok(owner.filter(|owner| owner.id == user.id).map(|_| address.key().to_owned()))
}

fn name_of_account(record: &AccountRecord) -> String {
    format!("{} {}", record.account.provider, record.account.provider_account_id)
}

fn name_of_record(record: &UserRecord) -> String {
    format!("{} {} of {}", record.kind, record.id, record.user_id)
}

/// Two lists in the same order are the same, or the first row that is not.
fn same<T: PartialEq>(
    what: &'static str,
    source: &[T],
    target: &[T],
    name: impl Fn(&T) -> String,
) -> Result<(), CopyError> {
    if source == target {
        return Ok(());
    }
    let of_one = source.iter().find(|row| !target.contains(row));
    let row = of_one.or_else(|| target.iter().find(|row| !source.contains(row)));
    Err(different(what, &row.map(name).unwrap_or_default()))
}

fn different(what: &'static str, id: &str) -> CopyError {
    CopyError::Different { what, id: id.to_owned() }
}

/// A key that is taken there belongs to something else than here.
fn taken(error: AdapterError, what: &'static str, id: &str) -> CopyError {
    match error {
        AdapterError::Conflict => different(what, id),
        error => CopyError::To(error),
    }
}

#[cfg(test)]
mod tests;
