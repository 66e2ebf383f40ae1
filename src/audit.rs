//! The audit log: who did what to an account, when, from where, and with which result (LG-06). An event becomes a log line,
//! a database row, a webhook call and, if it concerns security, an email to the owner.
//!
//! Rule: account changes go through [`Auth::commit`](outbox), which writes the change, its event and its email in one
//! transaction. [`Auth::note`] records events that change nothing, such as a rejected step. A sign-in succeeds even if its
//! event cannot be stored, so that an attacker cannot lock users out by filling the disk.

mod notice;
mod outbox;
mod refusal;
mod row;
mod webhook;

pub(crate) use notice::is_notified;
pub(crate) use refusal::named;
pub(crate) use row::Row;
pub(crate) use webhook::{Webhook, key as webhook_key};

use crate::{
    adapter::AdapterError, auth::Auth, clock::Timestamp, email::EmailAddress, error::AuthError, random,
    request::ActionRequest,
};

/// What happened.
#[allow(dead_code, reason = "some of it cannot happen in every build")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    SignedIn,
    SignedOut,
    SignInRefused,
    Limited,
    ProfileChanged,
    EmailChangeAsked,
    EmailChanged,
    DeletionAsked,
    DeletionCancelled,
    DataExported,
    AccountLinked,
    AccountUnlinked,
    SessionEnded,
    OtherSessionsEnded,
    PasswordSet,
    PasswordChanged,
    PasswordRemoved,
    PasswordResetAsked,
    PasswordReset,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
    /// A synced passkey signed in with a lower counter than before.
    PasskeyCounterLower,
    SecondStepTurnedOn,
    SecondStepTurnedOff,
    /// A code was typed that does not count.
    SecondStepRefused,
    RecoveryCodeUsed,
    RecoveryCodesMade,
    DevicesForgotten,
    Locked,
    Unlocked,
    /// A step in an account was rejected: a wrong current password, a wrong link.
    AccountRefused,
}

impl Event {
    const ALL: &[Self] = &[
        Self::SignedIn,
        Self::SignedOut,
        Self::SignInRefused,
        Self::Limited,
        Self::ProfileChanged,
        Self::EmailChangeAsked,
        Self::EmailChanged,
        Self::DeletionAsked,
        Self::DeletionCancelled,
        Self::DataExported,
        Self::AccountLinked,
        Self::AccountUnlinked,
        Self::SessionEnded,
        Self::OtherSessionsEnded,
        Self::PasswordSet,
        Self::PasswordChanged,
        Self::PasswordRemoved,
        Self::PasswordResetAsked,
        Self::PasswordReset,
        Self::PasskeyAdded,
        Self::PasskeyRenamed,
        Self::PasskeyRemoved,
        Self::PasskeyCounterLower,
        Self::SecondStepTurnedOn,
        Self::SecondStepTurnedOff,
        Self::SecondStepRefused,
        Self::RecoveryCodeUsed,
        Self::RecoveryCodesMade,
        Self::DevicesForgotten,
        Self::Locked,
        Self::Unlocked,
        Self::AccountRefused,
    ];

    /// The one with that word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == word)
    }

    /// The word in rows and logs. Never changed: others search for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::SignInRefused => "sign_in_refused",
            Self::Limited => "limited",
            Self::ProfileChanged => "profile_changed",
            Self::EmailChangeAsked => "email_change_asked",
            Self::EmailChanged => "email_changed",
            Self::DeletionAsked => "deletion_asked",
            Self::DeletionCancelled => "deletion_cancelled",
            Self::DataExported => "data_exported",
            Self::AccountLinked => "account_linked",
            Self::AccountUnlinked => "account_unlinked",
            Self::SessionEnded => "session_ended",
            Self::OtherSessionsEnded => "other_sessions_ended",
            Self::PasswordSet => "password_set",
            Self::PasswordChanged => "password_changed",
            Self::PasswordRemoved => "password_removed",
            Self::PasswordResetAsked => "password_reset_asked",
            Self::PasswordReset => "password_reset",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRenamed => "passkey_renamed",
            Self::PasskeyRemoved => "passkey_removed",
            Self::PasskeyCounterLower => "passkey_counter_lower",
            Self::SecondStepTurnedOn => "second_step_turned_on",
            Self::SecondStepTurnedOff => "second_step_turned_off",
            Self::SecondStepRefused => "second_step_refused",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::DevicesForgotten => "devices_forgotten",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::AccountRefused => "account_refused",
        }
    }

    /// Whether the account stays as it is: see the rule above.
    const fn changes_nothing(self) -> bool {
        matches!(
            self,
            Self::SignedIn
                | Self::SignedOut
                | Self::SignInRefused
                | Self::Limited
                | Self::PasskeyCounterLower
                | Self::SecondStepRefused
                | Self::AccountRefused
        )
    }
}

/// What a row of [`Event::SignedIn`] says of a browser that its user has not come with before.
pub(crate) const NEW_BROWSER: &str = "new browser";

/// One thing that happened.
#[derive(Clone, Debug)]
pub(crate) struct Note<'a> {
    pub(crate) event: Event,
    /// Whose account, if that is known.
    pub(crate) user_id: Option<&'a str>,
    /// The provider or method.
    pub(crate) method: Option<&'a str>,
    /// Why it did not succeed; `None`: it did.
    pub(crate) refused: Option<&'a str>,
    /// What else its owner should read: no secret.
    pub(crate) detail: Option<String>,
    /// Where the email goes. `None`: to the verified address of the account. After a change of address it is the former
    /// address; if there was none, no email is sent.
    pub(crate) mailbox: Option<&'a EmailAddress>,
    /// The new address, if the address was changed.
    pub(crate) new_email: Option<&'a EmailAddress>,
}

impl<'a> Note<'a> {
    /// Creates an event about no known user.
    pub(crate) const fn nobody(event: Event) -> Self {
        Self {
            event,
            user_id: None,
            method: None,
            refused: None,
            detail: None,
            mailbox: None,
            new_email: None,
        }
    }

    /// Something that a user has done.
    pub(crate) fn of(event: Event, user_id: &'a str) -> Self {
        Self { event, user_id: Some(user_id), ..Self::nobody(event) }
    }
}

impl Auth {
    /// Records an event on its own: one that changes nothing, or whose change cannot share a transaction with it.
    ///
    /// # Errors
    /// If the database is unavailable and the event is about a change: see the rule above.
    pub(crate) async fn note(&self, request: &ActionRequest<'_>, note: Note<'_>) -> Result<(), AuthError> {
        let (event, user_id) = (note.event, note.user_id);
        let row = Row::new(&note, request);
        let is_kept = if is_notified(&row) { self.commit(request, &[], note).await } else { Ok(false) };
        let stored = match is_kept {
            Ok(true) => Ok(()),
            // There is no one to notify, or the user no longer exists.
            Ok(false) => self.keep(user_id, &row, request.now).await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(%error, event = event.as_str(), "audit event not stored");
                if event.changes_nothing() { Ok(()) } else { Err(error.into()) }
            }
        }
    }

    /// The log line and the row.
    async fn keep(&self, user: Option<&str>, row: &Row, now: Timestamp) -> Result<(), AdapterError> {
        row.log(user);
        self.store(row, &random::uuid_at(now), user, now).await
    }
}
