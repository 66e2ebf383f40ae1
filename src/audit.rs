//! What happened to an account: who, what, when, from where, with which result (LG-06). Everything that changes how somebody
//! comes in is noted by [`Auth::note`], which is the one place that knows where notes go: a line in the log, a row in the
//! database, the webhook, and a mail to the owner.
//!
//! Rule: a change of an account is not answered as done while its row could not be stored; a sign-in is, because whoever
//! cannot write rows must not be able to keep everybody out. The log line comes first and says the same as the row.

mod refusal;
mod row;
mod tidings;
mod webhook;

pub(crate) use refusal::named;
pub(crate) use row::Row;
pub(crate) use tidings::{Outbox, Told, is_told};
pub(crate) use webhook::{Webhook, key as webhook_key};

use crate::{
    adapter::{AdapterError, AuditRecord},
    auth::Auth,
    clock::Timestamp,
    error::AuthError,
    random,
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
    /// A synced passkey signed in, and its counter was lower than before.
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
}

impl<'a> Note<'a> {
    /// Something that a user has done.
    pub(crate) fn of(event: Event, user_id: &'a str) -> Self {
        Self { event, user_id: Some(user_id), method: None, refused: None, detail: None }
    }
}

impl Auth {
    /// Notes what happened, and tells the owner of the account what they should know.
    ///
    /// # Errors
    /// When the store is away and an account has changed: see the rule above.
    pub(crate) async fn note(&self, request: &ActionRequest<'_>, note: Note<'_>) -> Result<(), AuthError> {
        self.note_and_tell(request, note, None).await
    }

    /// The same, with what only the mail to the owner needs.
    pub(crate) async fn note_and_tell(
        &self,
        request: &ActionRequest<'_>,
        note: Note<'_>,
        told: Option<Told<'_>>,
    ) -> Result<(), AuthError> {
        let row = Row::new(&note, request);
        let stored = self.keep(note.user_id, &row, request.now).await;
        // Whatever becomes of the row, the owner has to know.
        self.tell_owner(request, &note, &row, told);
        match stored {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(%error, event = note.event.as_str(), "what happened could not be stored");
                if note.event.changes_nothing() { Ok(()) } else { Err(error.into()) }
            }
        }
    }

    /// The log line and the row.
    async fn keep(&self, user: Option<&str>, row: &Row, now: Timestamp) -> Result<(), AdapterError> {
        let Row { event, method, reason, detail, address, .. } = row;
        tracing::info!(
            event,
            user,
            provider = method,
            reason,
            detail,
            address,
            "{}",
            event.replace('_', " ")
        );
        let Some(adapter) = &self.adapter else { return Ok(()) };
        let record = AuditRecord {
            id: random::uuid_at(now),
            user_id: user.map(str::to_owned),
            created: now,
            expires: now.plus(self.config.audit.retention),
            data: serde_json::to_string(row).map_err(|error| AdapterError::Failed(error.into()))?,
        };
        adapter.add_audit(&record, self.webhook.is_some()).await?;
        if let Some(webhook) = &self.webhook {
            webhook.wake();
        }
        Ok(())
    }
}
