//! What people read when something did not work: one text per error code, used by the notice on forms and by
//! the error page. Rule: say what happened, that nothing was lost, and what to do now; never the code itself.

use leptos_auth::types::{Done, ErrorCode};

/// Name of the app, as it stands in headings.
pub const APP_NAME: &str = "Leptos Auth";

/// Why the form on this page did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorText {
    /// What happened, in a few words.
    pub title: &'static str,
    /// Why, and what to do now.
    pub advice: &'static str,
}

/// The words for a code.
#[must_use]
pub const fn error_text(code: ErrorCode) -> ErrorText {
    let (title, advice) = match code {
        ErrorCode::Configuration => (
            "Something is wrong on our side",
            "You did nothing wrong, and nothing was changed. Try another way to sign in, or come back later.",
        ),
        ErrorCode::AccessDenied => (
            "You were not signed in",
            "The sign-in was cancelled, or this account is not allowed in. You can try again or choose another way.",
        ),
        ErrorCode::Verification => (
            "This link or code does not work",
            "It may be mistyped, already used, older than 15 minutes, or replaced by a newer email.",
        ),
        ErrorCode::CredentialsSignin => {
            ("These details do not match", "Check the username and the password, then try again.")
        }
        ErrorCode::SecondStepRequired => (
            "Enter the code of your app",
            "This account has a second step. Type the code that your authenticator app shows.",
        ),
        ErrorCode::SecondStep => (
            "This code does not work",
            "Each code works once and for a minute at most. Wait until your app shows the next one, and type that.",
        ),
        ErrorCode::SecondStepOver => (
            "Please sign in again",
            "It took longer than 10 minutes, or too many codes were wrong. Nothing was changed.",
        ),
        ErrorCode::OAuthAccountNotLinked => (
            "You already have an account",
            "Its email address is the same, but you signed in another way so far. Sign in that way again.",
        ),
        ErrorCode::AccountOfAnotherUser => (
            "Somebody else signs in with that account",
            "It was not linked, and nothing was changed. If it is yours too, sign in with it and unlink it there first.",
        ),
        ErrorCode::LastMethod => (
            "This is your only way to sign in",
            "It was not removed, or you could not come back. Add another way first.",
        ),
        ErrorCode::OAuthSignin => (
            "The provider cannot be reached",
            "Nothing was changed. Try again in a minute, or choose another way to sign in.",
        ),
        ErrorCode::OAuthCallbackError => (
            "The provider's answer could not be used",
            "Nothing was changed. Please start the sign-in again.",
        ),
        ErrorCode::EmailSignin => {
            ("The email could not be sent", "Check the address. If it is right, try again in a minute.")
        }
        ErrorCode::WebAuthnVerificationError => (
            "This passkey does not work here",
            "It may have been removed from the account, or it took too long. Try again, or choose another way to sign in.",
        ),
        ErrorCode::PasskeyTaken => (
            "There is a passkey already",
            "This device, or the app that keeps your passkeys, has one for this account. You can use it to sign in.",
        ),
        ErrorCode::PasskeyCancelled => (
            "No passkey was used",
            "The window was closed, or it took too long. Nothing was changed. You can try again.",
        ),
        ErrorCode::PasskeyUnsupported => (
            "Passkeys do not work in this browser",
            "Nothing was changed. Choose another way, or use a newer browser or another device.",
        ),
        ErrorCode::MissingCSRF => {
            ("This page was open for too long", "It is fresh again now. Please send the form once more.")
        }
        ErrorCode::SessionRequired => (
            "Please sign in first",
            "The page you asked for is for signed-in people. You will go there right afterwards.",
        ),
        ErrorCode::ReauthenticationRequired => (
            "Confirm that it is you",
            "This step needs a fresh sign-in. Use any of your ways, and you go on where you were.",
        ),
        ErrorCode::InvalidInput => {
            ("This cannot be used", "Nothing was changed. Look at what you typed, and send it again.")
        }
        ErrorCode::AddressTaken => (
            "This address cannot be used",
            "Another account has it. Sign in to that account, or choose another address.",
        ),
        ErrorCode::PasswordTooShort => (
            "This password is too short",
            "Choose a longer one. A few words that you remember are a good one.",
        ),
        ErrorCode::PasswordCommon => (
            "This password is known to others",
            "It was found in a breach of another site, so it is tried first. Choose one that is your own.",
        ),
        ErrorCode::PasswordGuessable => (
            "This password is easy to guess",
            "It is little more than your name, your address or the name of this site. Add something that only you know.",
        ),
        ErrorCode::RateLimited => {
            ("Too many attempts", "To protect the account, please wait a few minutes before you try again.")
        }
        ErrorCode::Unavailable => (
            "Signing in is not possible right now",
            "A part of this site is away for a moment. Nothing was changed. Please try again in a minute.",
        ),
    };
    ErrorText { title, advice }
}

/// Whether a code says that a new password cannot be taken.
#[must_use]
#[cfg(feature = "password")]
pub const fn is_about_password(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::PasswordTooShort | ErrorCode::PasswordCommon | ErrorCode::PasswordGuessable)
}

/// How to choose a password, in one line.
#[must_use]
#[cfg(feature = "password")]
pub fn password_hint(min_length: usize) -> String {
    format!("At least {min_length} characters. A few words that only you put together are good.")
}

/// What a form has done.
#[must_use]
pub const fn done_text(done: Done) -> &'static str {
    match done {
        Done::ProfileSaved => "Saved.",
        Done::EmailChangeSent => "The mail is on its way. Open its link to use the new address.",
        Done::EmailChanged => "Your address is changed.",
        Done::DeletionAsked => "Your account will be deleted. Sign in again if you want to keep it.",
        Done::PasskeyAdded => "Added. From now on you can sign in with it.",
        Done::PasskeyRenamed => "Saved.",
        Done::PasskeyRemoved => "Removed. Nobody comes in with it any more.",
        Done::AccountKept => "Your account stays.",
        Done::AccountLocked => {
            "Your account is locked, and everybody is signed out. Sign in with a mail to your address to open it again."
        }
        Done::PasswordSet => "You have a password now.",
        Done::PasswordChanged => "Your password is changed. On all other devices you are signed out.",
        Done::PasswordRemoved => "Your password is gone. You sign in by the link or code of an email.",
        Done::PasswordResetSent => "The email is on its way. Its link works once, for 15 minutes.",
        Done::PasswordReset => {
            "Your password is changed, and you are signed out everywhere. Sign in with the new one."
        }
        Done::SecondStepOn => "The second step is on. Your other devices are signed out.",
        Done::SecondStepOff => "The second step is off.",
        Done::RecoveryCodesMade => "Here are your new recovery codes. The old ones do not work any more.",
        Done::RecoveryCodesKept => "Good. Your recovery codes are not shown again.",
        Done::DevicesForgotten => "Every device is asked for a code again.",
        Done::Linked => "Linked. From now on you can sign in with it.",
        Done::LinkedBefore => "It was linked already. Nothing was changed.",
        Done::Unlinked => "Unlinked. Nobody comes in with it any more.",
        Done::DeviceSignedOut => "That device is signed out.",
        Done::OthersSignedOut => "All other devices are signed out.",
    }
}

/// What an event of an account was.
#[must_use]
pub fn event_text(event: &str, is_refused: bool, method: Option<&str>) -> String {
    let with = |text: &str| method.map_or_else(|| text.to_owned(), |method| format!("{text} with {method}"));
    let text = match event {
        "signed_in" => return with("Signed in"),
        "signed_out" => "Signed out",
        "sign_in_refused" => return with("Sign-in refused"),
        "limited" => "Too many attempts",
        "profile_changed" => "Profile changed",
        "email_change_asked" => "Change of the email address begun",
        "email_changed" => "Email address changed",
        "deletion_asked" => "Deletion of the account asked for",
        "deletion_cancelled" => "Deletion of the account called off",
        "data_exported" => "Data downloaded",
        "account_linked" => {
            return method.map_or("Way to sign in added".to_owned(), |method| {
                format!("{method} added as a way to sign in")
            });
        }
        "account_unlinked" => {
            return method.map_or("Way to sign in removed".to_owned(), |method| {
                format!("{method} removed as a way to sign in")
            });
        }
        "session_ended" => "One device signed out",
        "other_sessions_ended" => "All other devices signed out",
        "password_set" => "Password added",
        "password_changed" => "Password changed",
        "password_removed" => "Password removed",
        "password_reset_asked" => "Mail for a new password asked for",
        "password_reset" => "Password reset by mail",
        "passkey_added" if is_refused => "Passkey not added",
        "passkey_added" => "Passkey added",
        "passkey_renamed" => "Passkey renamed",
        "passkey_removed" => "Passkey removed",
        "second_step_turned_on" => "Second step turned on",
        "second_step_turned_off" => "Second step turned off",
        "second_step_refused" => "Wrong code at the second step",
        "recovery_code_used" => "Recovery code used",
        "recovery_codes_made" => "New recovery codes made",
        "devices_forgotten" => "Remembered devices forgotten",
        "locked" => "Account locked",
        "unlocked" => "Account opened again by mail",
        _ => "Something changed",
    };
    text.to_owned()
}

/// How long ago something was; after a week its date. From seconds that came with the page, so that server and browser write
/// the same.
#[must_use]
pub fn ago(seconds: u64, rfc3339: &str) -> String {
    match (seconds / 60, seconds / 3600, seconds / 86_400) {
        (0, ..) => "just now".to_owned(),
        (minutes, 0, _) => format!("{minutes} min ago"),
        (_, hours, 0) => format!("{hours} h ago"),
        (_, _, 1) => "yesterday".to_owned(),
        (_, _, days @ 2..=6) => format!("{days} days ago"),
        _ => date_time(rfc3339),
    }
}

/// `2026-12-21T08:00:00.000Z` as people read it. In UTC, so that server and browser write the same.
#[must_use]
pub fn date_time(rfc3339: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = rfc3339.get(5..7).and_then(|digits| digits.parse::<usize>().ok());
    let month = month.and_then(|number| MONTHS.get(number.wrapping_sub(1)));
    match (rfc3339.get(..4), month, rfc3339.get(8..10), rfc3339.get(11..16)) {
        (Some(year), Some(month), Some(day), Some(time)) => {
            format!("{} {month} {year}, {time} UTC", day.trim_start_matches('0'))
        }
        _ => rfc3339.to_owned(),
    }
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
