//! What happened to an account: who, what, when, from where, with which result. Everything that changes how somebody
//! comes in is noted by [`AuthState::note`], which is the one place that knows where notes go.

use crate::{auth::AuthState, error::AuthError, request::ActionRequest};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(all(feature = "password", feature = "totp")),
    allow(dead_code, reason = "some of it cannot happen in this build")
)]
pub(crate) enum Event {
    SignInRefused,
    PasswordSet,
    PasswordChanged,
    PasswordRemoved,
    PasswordResetAsked,
    PasswordReset,
    ProfileChanged,
    EmailChangeAsked,
    EmailChanged,
    DeletionAsked,
    DeletionCancelled,
    DataExported,
    SecondStepTurnedOn,
    SecondStepTurnedOff,
    /// A code was typed that does not count.
    SecondStepRefused,
    RecoveryCodeUsed,
    RecoveryCodesMade,
    DevicesForgotten,
    AccountLinked,
    AccountUnlinked,
    SessionEnded,
    OtherSessionsEnded,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
    PasskeyRefused,
}

impl Event {
    /// The word in rows and logs. Never changed: others search for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SignInRefused => "sign_in_refused",
            Self::PasswordSet => "password_set",
            Self::PasswordChanged => "password_changed",
            Self::PasswordRemoved => "password_removed",
            Self::PasswordResetAsked => "password_reset_asked",
            Self::PasswordReset => "password_reset",
            Self::ProfileChanged => "profile_changed",
            Self::EmailChangeAsked => "email_change_asked",
            Self::EmailChanged => "email_changed",
            Self::DeletionAsked => "deletion_asked",
            Self::DeletionCancelled => "deletion_cancelled",
            Self::DataExported => "data_exported",
            Self::SecondStepTurnedOn => "second_step_turned_on",
            Self::SecondStepTurnedOff => "second_step_turned_off",
            Self::SecondStepRefused => "second_step_refused",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::DevicesForgotten => "devices_forgotten",
            Self::AccountLinked => "account_linked",
            Self::AccountUnlinked => "account_unlinked",
            Self::SessionEnded => "session_ended",
            Self::OtherSessionsEnded => "other_sessions_ended",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRenamed => "passkey_renamed",
            Self::PasskeyRemoved => "passkey_removed",
            Self::PasskeyRefused => "passkey_refused",
        }
    }
}

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

impl AuthState {
    /// Notes what happened.
    ///
    /// # Errors
    /// When the store is away.
    pub(crate) async fn note(&self, request: &ActionRequest<'_>, note: Note<'_>) -> Result<(), AuthError> {
        let Note { event, user_id, method, refused, detail } = note;
        let address = request.client.map(|address| address.to_string());
        tracing::info!(event = event.as_str(), user = user_id, method, refused, detail, address, "noted");
        Ok(())
    }
}
