//! User records: data of a user besides accounts, sessions and passkeys, loaded once and looked up by kind. An expired record
//! counts as absent; what must happen at expiry is done by [`Auth::purge_expired`](crate::Auth::purge_expired), and for
//! entries of the outbox by [`Auth::deliver_audit`](crate::Auth::deliver_audit).

use crate::{
    adapter::{Adapter, AdapterError, UserRecord},
    clock::Timestamp,
};

/// The kinds of records.
pub(crate) mod kind {
    macro_rules! kinds {
        ($($(#[$doc:meta])+ $name:ident = $text:literal;)+) => {
            $($(#[$doc])+ pub(crate) const $name: &str = $text;)+

            /// All kinds.
            pub(crate) const ALL: &[&str] = &[$($name),+];
        };
    }

    kinds! {
        /// A change of address that waits for its proof.
        EMAIL_CHANGE = "email-change";
        /// An audit event and its email that have not been delivered yet.
        OUTBOX = "outbox";
        /// The user is deleted when it expires.
        DELETION = "deletion";
        /// The address before a change, for as long as the change can be undone.
        FORMER_EMAIL = "former-email";
        /// What was undone. The value is the time from which on changes were undone.
        UNDONE = "undone";
        /// What cookies of familiar browsers are made with since an account was taken back.
        FAMILIAR_BROWSERS = "familiar-browsers";
        /// The hash of the password.
        PASSWORD = "password";
        /// A request is about to take a way to sign in away: others wait.
        METHOD_REMOVAL = "method-removal";
        /// The account is locked until its owner verifies the address that the lock names.
        LOCK = "lock";
        /// What the codes of a user's app are checked with.
        SECOND_STEP = "second-step";
        /// A browser that is not asked for a code.
        REMEMBERED_DEVICE = "remembered-device";
        /// A sign-in that waits for its second step.
        WAITING_SIGN_IN = "sign-in";
    }
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
