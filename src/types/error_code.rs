//! The closed list of error words that may leave the server. Where Auth.js has a word it is that one, so that pages
//! and clients written for it understand ours. Anything not listed here is shown as `Configuration`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a sign-in did not happen, as the browser may know it (`?error=` on the sign-in and error page).
///
/// Anyone can craft such a URL, so a code only ever selects one of our own texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorCode {
    /// The server is misconfigured, or something failed that is nobody's business outside: see its log.
    Configuration,
    /// The `sign_in` callback refused, or the person cancelled at the provider.
    AccessDenied,
    /// The link or code of an e-mail was wrong, used or expired.
    Verification,
    /// The `authorize` hook refused the credentials.
    CredentialsSignin,
    /// Signing in goes on with a code of an app: nobody is signed in yet.
    SecondStepRequired,
    /// The code was wrong, or used before.
    SecondStep,
    /// The sign-in waited too long for its code, or too many codes were wrong.
    SecondStepOver,
    /// The e-mail address belongs to somebody who signs in with another method.
    OAuthAccountNotLinked,
    /// What was to be linked is somebody else's way to sign in. Not a word of Auth.js.
    AccountOfAnotherUser,
    /// The last way to sign in cannot be removed. Not a word of Auth.js.
    LastMethod,
    /// The provider could not be reached or did not offer what it should.
    OAuthSignin,
    /// The provider sent the browser back with something that cannot be accepted.
    OAuthCallbackError,
    /// The e-mail could not be sent, or its address cannot be used.
    EmailSignin,
    /// The passkey cannot be accepted: it is unknown here, or was asked for too long ago.
    WebAuthnVerificationError,
    /// This device has a passkey for the account already.
    PasskeyTaken,
    /// The person closed the browser's window for passkeys, or left it open for too long.
    PasskeyCancelled,
    /// The browser or the device has no passkeys.
    PasskeyUnsupported,
    /// The form's CSRF token was missing or old.
    MissingCSRF,
    /// The page asked for needs a session.
    SessionRequired,
    /// What was asked for needs a proof of who one is that is not older than a few minutes.
    ReauthenticationRequired,
    /// Something that was typed cannot be used.
    InvalidInput,
    /// The e-mail address belongs to another account.
    AddressTaken,
    /// A new password has too few characters.
    PasswordTooShort,
    /// A new password is one that everybody tries.
    PasswordCommon,
    /// A new password is little more than a name or an address.
    PasswordGuessable,
    /// Too many attempts in a short time.
    RateLimited,
    /// The database or another part is away for the moment: nothing was changed.
    Unavailable,
}

impl ErrorCode {
    /// Every code, in the order of the catalogue in `docs/errors.md`.
    pub const ALL: &[Self] = &[
        Self::Configuration,
        Self::AccessDenied,
        Self::Verification,
        Self::CredentialsSignin,
        Self::SecondStepRequired,
        Self::SecondStep,
        Self::SecondStepOver,
        Self::OAuthAccountNotLinked,
        Self::AccountOfAnotherUser,
        Self::LastMethod,
        Self::OAuthSignin,
        Self::OAuthCallbackError,
        Self::EmailSignin,
        Self::WebAuthnVerificationError,
        Self::PasskeyTaken,
        Self::PasskeyCancelled,
        Self::PasskeyUnsupported,
        Self::MissingCSRF,
        Self::SessionRequired,
        Self::ReauthenticationRequired,
        Self::InvalidInput,
        Self::AddressTaken,
        Self::PasswordTooShort,
        Self::PasswordCommon,
        Self::PasswordGuessable,
        Self::RateLimited,
        Self::Unavailable,
    ];

    /// The word as it stands in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "Configuration",
            Self::AccessDenied => "AccessDenied",
            Self::Verification => "Verification",
            Self::CredentialsSignin => "CredentialsSignin",
            Self::SecondStepRequired => "SecondStepRequired",
            Self::SecondStep => "SecondStep",
            Self::SecondStepOver => "SecondStepOver",
            Self::OAuthAccountNotLinked => "OAuthAccountNotLinked",
            Self::AccountOfAnotherUser => "AccountOfAnotherUser",
            Self::LastMethod => "LastMethod",
            Self::OAuthSignin => "OAuthSignin",
            Self::OAuthCallbackError => "OAuthCallbackError",
            Self::EmailSignin => "EmailSignin",
            Self::WebAuthnVerificationError => "WebAuthnVerificationError",
            Self::PasskeyTaken => "PasskeyTaken",
            Self::PasskeyCancelled => "PasskeyCancelled",
            Self::PasskeyUnsupported => "PasskeyUnsupported",
            Self::MissingCSRF => "MissingCSRF",
            Self::SessionRequired => "SessionRequired",
            Self::ReauthenticationRequired => "ReauthenticationRequired",
            Self::InvalidInput => "InvalidInput",
            Self::AddressTaken => "AddressTaken",
            Self::PasswordTooShort => "PasswordTooShort",
            Self::PasswordCommon => "PasswordCommon",
            Self::PasswordGuessable => "PasswordGuessable",
            Self::RateLimited => "RateLimited",
            Self::Unavailable => "Unavailable",
        }
    }

    /// The code with that exact word, or `None`: unknown words are never echoed.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == word)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn t_20_the_catalogue_has_every_code_in_order() {
        let catalogue = include_str!("../../docs/errors.md");
        let listed: Vec<_> = catalogue
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
            .filter_map(|(word, _)| ErrorCode::parse(word))
            .collect();
        assert_eq!(listed, ErrorCode::ALL);
    }
}
