//! Locks an account after its owner reported a change ("This wasn't me"). A locked account rejects every sign-in until the
//! owner verifies the address that the lock names, by a sign-in email or by a password reset. Two-factor authentication
//! stays on.
//!
//! Rule: what was added at or after the reported time is removed twice: when the account is locked, and again when it is
//! unlocked. A request that was already running when the account was locked may have added something in between.

use serde::{Deserialize, Serialize};

use super::forget_second_steps;
use crate::{
    adapter::{Account, Adapter, AdapterError, Change, User, UserRecord},
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    email::EmailAddress,
    error::AuthError,
    request::ActionRequest,
    user_records::{UserRecords, kind},
};

/// How much the clocks of instances may differ, in milliseconds.
const CLOCKS: i64 = 60_000;
/// How many times locking is tried if another request changes the lock.
const ATTEMPTS: usize = 3;

/// The value of a lock's record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lock {
    /// Everything added from this time on is removed, in milliseconds.
    since: i64,
    /// [`EmailAddress::key`] of the address that the owner must verify to unlock the account.
    email: Option<String>,
    /// The stored text, so that only the lock that was read is removed.
    #[serde(skip)]
    stored: String,
}

impl Lock {
    /// Returns the lock of a user, or `None` if the account is not locked.
    pub(crate) fn of(records: &UserRecords, now: Timestamp) -> Option<Self> {
        let record = records.get(kind::LOCK, now)?;
        let lock = serde_json::from_str::<Self>(&record.value);
        // Locks written by an earlier version hold only the time when the account was locked.
        let lock = lock.unwrap_or(Self { since: record.created.as_millis(), ..Self::default() });
        Some(Self { stored: record.value.clone(), ..lock })
    }

    /// Locks an account and returns the lock. If the account is already locked, the earlier of the two times counts. The
    /// email about it goes to the address that the lock names.
    pub(super) async fn put(
        auth: &Auth,
        adapter: &dyn Adapter,
        request: &ActionRequest<'_>,
        note: Note<'_>,
        reported: Timestamp,
        mailbox: impl Fn(&UserRecords, Timestamp) -> Option<EmailAddress>,
    ) -> Result<(Self, Option<EmailAddress>), AuthError> {
        let (now, user_id) = (request.now, note.user_id.unwrap_or_default());
        for _ in 0..ATTEMPTS {
            let records = UserRecords::of(adapter, user_id).await?;
            let before = Self::of(&records, now).map_or(i64::MAX, |lock| lock.since);
            let since = Timestamp::from_millis(before.min(reported.as_millis() - CLOCKS));
            let mailbox = mailbox(&records, since);
            let email = mailbox.as_ref().map(|address| address.key().to_owned());
            let mut lock = Self { since: since.as_millis(), email, ..Self::default() };
            lock.stored = serde_json::to_string(&lock).unwrap_or_default();
            let record = UserRecord {
                user_id: user_id.to_owned(),
                kind: kind::LOCK.to_owned(),
                id: String::new(),
                value: lock.stored.clone(),
                created: now,
                expires: None,
            };
            let put = Change::PutRecord { record: &record, from: records.value(kind::LOCK, "") };
            if auth.commit(request, &[put], Note { mailbox: mailbox.as_ref(), ..note.clone() }).await? {
                return Ok((lock, mailbox));
            }
        }
        Err(AuthError::Busy)
    }

    /// Checks that a sign-in may unlock the account.
    ///
    /// # Errors
    /// [`AuthError::AccessDenied`] if the provider does not verify an address, or verifies another one than the lock names.
    pub(super) fn check(&self, auth: &Auth, user: &User, provider: &str) -> Result<(), AuthError> {
        // The correct password gets the same response as a wrong one (F-A10).
        if auth.credentials(provider).is_some() || provider == "password" {
            return Err(AuthError::Locked);
        }
        let proven = user.email.as_deref().filter(|_| provider == "email" && user.email_verified.is_some());
        let proven = proven.and_then(|address| EmailAddress::parse(address).ok());
        let is_named =
            |proven: &EmailAddress| self.email.as_deref().is_none_or(|named| named == proven.key());
        match proven.as_ref().is_some_and(is_named) {
            true => Ok(()),
            false => Err(AuthError::AccessDenied("the account is locked")),
        }
    }

    /// Unlocks the account for its owner, after all other checks of the sign-in. The lock is removed last: if an earlier
    /// step fails, the account stays locked.
    pub(super) async fn open(
        &self,
        auth: &Auth,
        adapter: &dyn Adapter,
        request: &ActionRequest<'_>,
        user: &User,
    ) -> Result<(), AuthError> {
        // Only earlier sessions: the session that this sign-in is about to begin must not end with them.
        let before = Timestamp::from_millis(request.now.as_millis() - 1);
        auth.sessions.end_all(&user.id, None, before).await?;
        self.remove_added(auth, adapter, user, request.now).await?;
        let opened = Change::RemoveRecord { kind: kind::LOCK, id: "", value: Some(&self.stored) };
        if auth.commit(request, &[opened], Note::of(Event::Unlocked, &user.id)).await? {
            return Ok(());
        }
        // Another sign-in has opened it, or a second report has replaced it by a stricter lock: that one stays.
        match Self::of(&UserRecords::of(adapter, &user.id).await?, request.now) {
            None => Ok(()),
            Some(_) => Err(AuthError::AccessDenied("the account was locked again meanwhile")),
        }
    }

    /// Removes what was added since the reported time: accounts, passkeys, a password, trusted devices, a pending change of
    /// address. Recovery codes made since then are revoked.
    pub(super) async fn remove_added(
        &self,
        auth: &Auth,
        adapter: &dyn Adapter,
        user: &User,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        for record in adapter.get_accounts(&user.id).await? {
            // An account created together with the user was linked before an attacker could have had access.
            if self.includes(record.created) && record.created > user.created {
                let Account { provider, provider_account_id, .. } = &record.account;
                if adapter.unlink_account(&user.id, provider, provider_account_id).await? {
                    auth.observers
                        .tell("unlink_account", |events| events.unlink_account(user, &record.account))
                        .await;
                }
            }
        }
        for passkey in adapter.list_authenticators(&user.id).await? {
            if self.includes(passkey.created) {
                adapter.delete_authenticator(&user.id, &passkey.credential_id).await?;
            }
        }
        self.remove_records(adapter, user).await?;
        self.drop_recovery_codes(auth, user, now).await
    }

    async fn remove_records(&self, adapter: &dyn Adapter, user: &User) -> Result<(), AdapterError> {
        for record in UserRecords::of(adapter, &user.id).await?.iter() {
            let is_added = match record.kind.as_str() {
                kind::EMAIL_CHANGE => true,
                kind::PASSWORD | kind::REMEMBERED_DEVICE => self.includes(record.created),
                _ => false,
            };
            if is_added {
                adapter.delete_user_record(&user.id, &record.kind, &record.id).await?;
            }
        }
        Ok(())
    }

    #[cfg(feature = "totp")]
    async fn drop_recovery_codes(&self, auth: &Auth, user: &User, now: Timestamp) -> Result<(), AuthError> {
        let Some(steps) = &auth.second_steps else { return Ok(()) };
        match steps.drop_recovery_codes(&user.id, Timestamp::from_millis(self.since), now).await {
            // Unreadable recovery codes cannot be used to sign in.
            Err(AuthError::Configuration(error)) => {
                tracing::error!(error, user = user.id, "recovery codes cannot be read");
                Ok(())
            }
            dropped => dropped,
        }
    }

    #[cfg(not(feature = "totp"))]
    async fn drop_recovery_codes(&self, _: &Auth, _: &User, _: Timestamp) -> Result<(), AuthError> {
        Ok(())
    }

    fn includes(&self, created: Timestamp) -> bool {
        created.as_millis() >= self.since
    }
}

/// Removes what an attacker may have begun in the account: a scheduled deletion, pending two-factor sign-ins, trusted
/// devices. Also removes the password, which the attacker may know. Two-factor authentication stays on.
pub(super) async fn forget_begun(auth: &Auth, adapter: &dyn Adapter, user: &User) -> Result<(), AuthError> {
    forget_second_steps(auth, &user.id).await?;
    for kind in [kind::EMAIL_CHANGE, kind::DELETION, kind::PASSWORD] {
        adapter.delete_user_record(&user.id, kind, "").await?;
    }
    Ok(())
}
