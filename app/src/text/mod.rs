//! Error texts for users: one for each error code, shown in the notice on forms and on the error page. Rule: say what
//! happened, that nothing was lost, and what to do now; never the code itself.

mod language;

use std::borrow::Cow;

use leptos_auth::types::{Done, ErrorCode};
use leptos_auth_locales::{Key, done, error, event, time};
use serde::{Deserialize, Serialize};

#[cfg(feature = "hydrate")]
pub(crate) use language::browser::set_texts;
pub(crate) use language::language;
pub use language::{t, t_around, t_with};

/// Name of the app, as it stands in headings.
pub const APP_NAME: &str = "Leptos Auth";

/// Title of a page, for the tab and the history of the browser.
#[must_use]
pub fn page_title(page: &str) -> String {
    format!("{page} · {APP_NAME}")
}

/// Why the form on this page did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Selects the text.
    pub code: ErrorCode,
    /// Seconds until it makes sense to try again, where the server said so.
    pub retry_after: Option<u32>,
}

impl Problem {
    /// The problem named in `?error=` and `?retryAfter=`. Anyone can write that address, so an unknown word only
    /// says that something failed, and a wait is at most a day.
    #[must_use]
    pub fn from_query(error: Option<&str>, retry_after: Option<&str>) -> Option<Self> {
        let code = ErrorCode::parse(error?).unwrap_or(ErrorCode::Configuration);
        let seconds = retry_after.and_then(|seconds| seconds.parse().ok());
        let retry_after =
            seconds.filter(|seconds| (1..=86_400).contains(seconds) && code == ErrorCode::RateLimited);
        Some(Self { code, retry_after })
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self { code, retry_after: None }
    }
}

/// The words for one problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorText {
    /// What happened, in a few words.
    pub title: Cow<'static, str>,
    /// Why, and what to do now.
    pub advice: Cow<'static, str>,
}

impl ErrorText {
    /// The words of these keys.
    #[must_use]
    pub fn new(title: Key, advice: Key) -> Self {
        Self { title: t(title).into(), advice: t(advice).into() }
    }
}

/// The words for a code.
#[must_use]
pub fn error_text(code: ErrorCode) -> ErrorText {
    let (title, advice) = match code {
        ErrorCode::Configuration => (error::CONFIGURATION_TITLE, error::CONFIGURATION_ADVICE),
        ErrorCode::AccessDenied => (error::ACCESS_DENIED_TITLE, error::ACCESS_DENIED_ADVICE),
        ErrorCode::Verification => (error::VERIFICATION_TITLE, error::VERIFICATION_ADVICE),
        ErrorCode::CredentialsSignin => (error::CREDENTIALS_SIGNIN_TITLE, error::CREDENTIALS_SIGNIN_ADVICE),
        ErrorCode::SecondStepRequired => {
            (error::SECOND_STEP_REQUIRED_TITLE, error::SECOND_STEP_REQUIRED_ADVICE)
        }
        ErrorCode::SecondStep => (error::SECOND_STEP_TITLE, error::SECOND_STEP_ADVICE),
        ErrorCode::SecondStepOver => (error::SECOND_STEP_OVER_TITLE, error::SECOND_STEP_OVER_ADVICE),
        ErrorCode::OAuthAccountNotLinked => {
            (error::OAUTH_ACCOUNT_NOT_LINKED_TITLE, error::OAUTH_ACCOUNT_NOT_LINKED_ADVICE)
        }
        ErrorCode::AccountOfAnotherUser => {
            (error::ACCOUNT_OF_ANOTHER_USER_TITLE, error::ACCOUNT_OF_ANOTHER_USER_ADVICE)
        }
        ErrorCode::LastMethod => (error::LAST_METHOD_TITLE, error::LAST_METHOD_ADVICE),
        ErrorCode::OAuthSignin => (error::OAUTH_SIGNIN_TITLE, error::OAUTH_SIGNIN_ADVICE),
        ErrorCode::OAuthCallbackError => {
            (error::OAUTH_CALLBACK_ERROR_TITLE, error::OAUTH_CALLBACK_ERROR_ADVICE)
        }
        ErrorCode::EmailSignin => (error::EMAIL_SIGNIN_TITLE, error::EMAIL_SIGNIN_ADVICE),
        ErrorCode::WebAuthnVerificationError => {
            (error::WEBAUTHN_VERIFICATION_ERROR_TITLE, error::WEBAUTHN_VERIFICATION_ERROR_ADVICE)
        }
        ErrorCode::PasskeyTaken => (error::PASSKEY_TAKEN_TITLE, error::PASSKEY_TAKEN_ADVICE),
        ErrorCode::PasskeyCancelled => (error::PASSKEY_CANCELLED_TITLE, error::PASSKEY_CANCELLED_ADVICE),
        ErrorCode::PasskeyUnsupported => {
            (error::PASSKEY_UNSUPPORTED_TITLE, error::PASSKEY_UNSUPPORTED_ADVICE)
        }
        ErrorCode::MissingCSRF => (error::MISSING_CSRF_TITLE, error::MISSING_CSRF_ADVICE),
        ErrorCode::SessionRequired => (error::SESSION_REQUIRED_TITLE, error::SESSION_REQUIRED_ADVICE),
        ErrorCode::ReauthenticationRequired => {
            (error::REAUTHENTICATION_REQUIRED_TITLE, error::REAUTHENTICATION_REQUIRED_ADVICE)
        }
        ErrorCode::InvalidInput => (error::INVALID_INPUT_TITLE, error::INVALID_INPUT_ADVICE),
        ErrorCode::AddressTaken => (error::ADDRESS_TAKEN_TITLE, error::ADDRESS_TAKEN_ADVICE),
        ErrorCode::PasswordTooShort => (error::PASSWORD_TOO_SHORT_TITLE, error::PASSWORD_TOO_SHORT_ADVICE),
        ErrorCode::PasswordCommon => (error::PASSWORD_COMMON_TITLE, error::PASSWORD_COMMON_ADVICE),
        ErrorCode::PasswordGuessable => (error::PASSWORD_GUESSABLE_TITLE, error::PASSWORD_GUESSABLE_ADVICE),
        ErrorCode::RateLimited => (error::RATE_LIMITED_TITLE, error::RATE_LIMITED_ADVICE),
        ErrorCode::Unavailable => (error::UNAVAILABLE_TITLE, error::UNAVAILABLE_ADVICE),
    };
    ErrorText::new(title, advice)
}

/// What a form has done.
#[must_use]
pub fn done_text(done: Done) -> &'static str {
    t(match done {
        Done::ProfileSaved => done::PROFILE_SAVED,
        Done::EmailChangeSent => done::EMAIL_CHANGE_SENT,
        Done::EmailChanged => done::EMAIL_CHANGED,
        Done::DeletionAsked => done::DELETION_ASKED,
        Done::PasskeyAdded => done::PASSKEY_ADDED,
        Done::PasskeyRenamed => done::PASSKEY_RENAMED,
        Done::PasskeyRemoved => done::PASSKEY_REMOVED,
        Done::AccountKept => done::ACCOUNT_KEPT,
        Done::AccountLocked => done::ACCOUNT_LOCKED,
        Done::PasswordSet => done::PASSWORD_SET,
        Done::PasswordChanged => done::PASSWORD_CHANGED,
        Done::PasswordRemoved => done::PASSWORD_REMOVED,
        Done::PasswordResetSent => done::PASSWORD_RESET_SENT,
        Done::PasswordReset => done::PASSWORD_RESET,
        Done::SecondStepOn => done::SECOND_STEP_ON,
        Done::SecondStepOff => done::SECOND_STEP_OFF,
        Done::RecoveryCodesMade => done::RECOVERY_CODES_MADE,
        Done::RecoveryCodesKept => done::RECOVERY_CODES_KEPT,
        Done::DevicesForgotten => done::DEVICES_FORGOTTEN,
        Done::Linked => done::LINKED,
        Done::LinkedBefore => done::LINKED_BEFORE,
        Done::Unlinked => done::UNLINKED,
        Done::DeviceSignedOut => done::DEVICE_SIGNED_OUT,
        Done::OthersSignedOut => done::OTHERS_SIGNED_OUT,
    })
}

/// What an event of an account was.
#[must_use]
pub fn event_text(event: &str, is_refused: bool, method: Option<&str>) -> String {
    let by = |general: Key, with: Key| {
        method.map_or_else(|| t(general).to_owned(), |method| t_with(with, &[("method", method)]))
    };
    let key = match event {
        "signed_in" => return by(event::SIGNED_IN, event::SIGNED_IN_WITH),
        "signed_out" => event::SIGNED_OUT,
        "sign_in_refused" => return by(event::SIGN_IN_REFUSED, event::SIGN_IN_REFUSED_WITH),
        "limited" => event::LIMITED,
        "profile_changed" => event::PROFILE_CHANGED,
        "email_change_asked" => event::EMAIL_CHANGE_ASKED,
        "email_changed" => event::EMAIL_CHANGED,
        "deletion_asked" => event::DELETION_ASKED,
        "deletion_cancelled" => event::DELETION_CANCELLED,
        "data_exported" => event::DATA_EXPORTED,
        "account_linked" => return by(event::ACCOUNT_LINKED, event::ACCOUNT_LINKED_WITH),
        "account_unlinked" => return by(event::ACCOUNT_UNLINKED, event::ACCOUNT_UNLINKED_WITH),
        "session_ended" => event::SESSION_ENDED,
        "other_sessions_ended" => event::OTHER_SESSIONS_ENDED,
        "password_set" => event::PASSWORD_SET,
        "password_changed" => event::PASSWORD_CHANGED,
        "password_removed" => event::PASSWORD_REMOVED,
        "password_reset_asked" => event::PASSWORD_RESET_ASKED,
        "password_reset" => event::PASSWORD_RESET,
        "passkey_added" if is_refused => event::PASSKEY_NOT_ADDED,
        "passkey_added" => event::PASSKEY_ADDED,
        "passkey_renamed" => event::PASSKEY_RENAMED,
        "passkey_removed" => event::PASSKEY_REMOVED,
        "passkey_counter_lower" => event::PASSKEY_COUNTER_LOWER,
        "second_step_turned_on" => event::SECOND_STEP_TURNED_ON,
        "second_step_turned_off" => event::SECOND_STEP_TURNED_OFF,
        "second_step_refused" => event::SECOND_STEP_REFUSED,
        "recovery_code_used" => event::RECOVERY_CODE_USED,
        "recovery_codes_made" => event::RECOVERY_CODES_MADE,
        "devices_forgotten" => event::DEVICES_FORGOTTEN,
        "locked" => event::LOCKED,
        "unlocked" => event::UNLOCKED,
        "account_refused" => event::ACCOUNT_REFUSED,
        _ => event::OTHER,
    };
    t(key).to_owned()
}

/// How long ago something was; after a week its date. From seconds that came with the page, so that server and browser write
/// the same.
#[must_use]
pub fn ago(seconds: u64, rfc3339: &str) -> String {
    match (seconds / 60, seconds / 3600, seconds / 86_400) {
        (0, ..) => t(time::JUST_NOW).to_owned(),
        (minutes, 0, _) => t_with(time::MINUTES_AGO, &[("count", &minutes.to_string())]),
        (_, hours, 0) => t_with(time::HOURS_AGO, &[("count", &hours.to_string())]),
        (_, _, 1) => t(time::YESTERDAY).to_owned(),
        (_, _, days @ 2..=6) => t_with(time::DAYS_AGO, &[("count", &days.to_string())]),
        _ => date_time(rfc3339),
    }
}

/// `2026-12-21T08:00:00.000Z` as people read it. In UTC, so that server and browser write the same.
#[must_use]
pub fn date_time(rfc3339: &str) -> String {
    leptos_auth_locales::date_time(rfc3339, t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_readable() {
        assert_eq!(date_time("2026-12-01T08:05:00.000Z"), "1 Dec 2026, 08:05 UTC");
        assert_eq!(date_time("soon"), "soon");
        assert_eq!(date_time("2026-13-01T08:05:00Z"), "2026-13-01T08:05:00Z");
    }

    #[test]
    fn ages_are_readable() {
        let ages = [5, 59, 60, 3599, 3600, 86_399, 86_400, 200_000, 700_000].map(|age| ago(age, "soon"));
        let expected = [
            "just now",
            "just now",
            "1 min ago",
            "59 min ago",
            "1 h ago",
            "23 h ago",
            "yesterday",
            "2 days ago",
            "soon",
        ];
        assert_eq!(ages, expected);
    }

    #[test]
    fn events_have_words() {
        assert_eq!(event_text("signed_in", false, Some("GitHub")), "Signed in with GitHub");
        assert_eq!(event_text("signed_out", false, None), "Signed out");
        assert_eq!(event_text("<b>", false, None), "Something changed");
    }

    #[test]
    fn cb_03_unknown_codes_are_not_echoed() {
        assert_eq!(Problem::from_query(None, Some("9")), None);
        assert_eq!(Problem::from_query(Some("<svg onload=1>"), None), Some(ErrorCode::Configuration.into()));
        assert_eq!(
            Problem::from_query(Some("AccessDenied"), Some("9")),
            Some(ErrorCode::AccessDenied.into())
        );
    }

    #[test]
    fn a_wait_is_a_sensible_number_or_absent() {
        let wait = |text| {
            Problem::from_query(Some("RateLimited"), Some(text)).and_then(|problem| problem.retry_after)
        };
        assert_eq!(wait("40"), Some(40));
        for text in ["", "0", "-1", "86401", "1e9", "<b>"] {
            assert_eq!(wait(text), None, "{text}");
        }
    }

    #[test]
    fn u_39_no_code_is_shown() {
        for code in ErrorCode::ALL.iter().copied() {
            let text = error_text(code);
            assert!(!text.title.contains(code.as_str()) && !text.advice.contains(code.as_str()));
        }
    }
}
