//! User records: data of a user besides accounts, sessions and passkeys, loaded once and looked up by kind. An expired record
//! counts as absent; what must happen at expiry is done by [`Auth::purge_expired`](crate::Auth::purge_expired).

use crate::{
    adapter::{Adapter, AdapterError, UserRecord},
    clock::Timestamp,
};

/// What kinds there are.
pub(crate) mod kind {
    /// A change of address that waits for its proof.
    pub(crate) const EMAIL_CHANGE: &str = "email-change";
    /// An audit event and its email that have not been delivered yet.
    pub(crate) const OUTBOX: &str = "outbox";
    /// The user is deleted when it expires.
    pub(crate) const DELETION: &str = "deletion";
    /// The address before a change, for as long as the change can be undone.
    pub(crate) const FORMER_EMAIL: &str = "former-email";
    /// What was undone. The value is the time from which on changes were undone.
    pub(crate) const UNDONE: &str = "undone";
    /// What cookies of familiar browsers are made with since an account was taken back.
    pub(crate) const FAMILIAR_BROWSERS: &str = "familiar-browsers";
    /// The hash of the password.
    pub(crate) const PASSWORD: &str = "password";
    /// A request is about to take a way to sign in away: others wait.
    pub(crate) const METHOD_REMOVAL: &str = "method-removal";
    /// Nobody may sign in as this user.
    pub(crate) const LOCK: &str = "lock";
    /// What the codes of a user's app are checked with.
    pub(crate) const SECOND_STEP: &str = "second-step";
    /// A browser that is not asked for a code.
    pub(crate) const REMEMBERED_DEVICE: &str = "remembered-device";
    /// A sign-in that waits for its second step.
    pub(crate) const WAITING_SIGN_IN: &str = "sign-in";
}

/// The records of one user.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserRecords(Vec<UserRecord>);

impl UserRecords {
    /// None in a store that keeps none.
    pub(crate) async fn of(adapter: &dyn Adapter, user_id: &str) -> Result<Self, AdapterError> {
        if !adapter.keeps_user_records() {
            return Ok(Self::default());
        }
        adapter.list_user_records(user_id).await.map(Self)
    }

    /// The one of a kind that a user has once.
    pub(crate) fn get(&self, kind: &'static str, now: Timestamp) -> Option<&UserRecord> {
        self.all(kind, now).find(|record| record.id.is_empty())
    }

    /// Those of a kind.
    pub(crate) fn all(&self, kind: &'static str, now: Timestamp) -> impl Iterator<Item = &UserRecord> {
        let is_running = move |record: &&UserRecord| record.expires.is_none_or(|end| end > now);
        self.0.iter().filter(move |record| record.kind == kind).filter(is_running)
    }

    /// What a record must be put in place of, expired or not.
    pub(crate) fn value(&self, kind: &str, id: &str) -> Option<&str> {
        let found = self.0.iter().find(|record| record.kind == kind && record.id == id);
        found.map(|record| record.value.as_str())
    }

    /// All of them, expired or not.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &UserRecord> {
        self.0.iter()
    }
}
