//! Errors in two forms: [`AuthError`] for the log, with its sources, and [`ErrorCode`] for clients. The conversion between
//! them is the only place that decides what clients learn.

use std::time::Duration;

use crate::{adapter::AdapterError, types::ErrorCode};

/// Any boxed cause.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a request was refused or failed. The texts are for the log; none holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The request cannot be understood: a duplicated field, a wrong content type, bad encoding.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// No such action or provider.
    #[error("not found")]
    NotFound,
    /// The action exists, but not with this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The request was made by a page of another site.
    #[error("cross-site request refused")]
    CrossSite,
    /// The CSRF token is missing, old or forged.
    #[error("CSRF token missing or wrong")]
    MissingCsrf,
    /// The person cancelled, or may not come in.
    #[error("access denied: {0}")]
    AccessDenied(&'static str),
    /// The `authorize` hook refused; the code is its own word for the form.
    #[error("credentials refused ({code})")]
    Credentials {
        /// Reaches the sign-in page as `code=`.
        code: &'static str,
    },
    /// The credentials are correct, but the account is locked. The response is the same as for wrong credentials.
    #[error("credentials refused: the account is locked")]
    Locked,
    /// A link or code of an e-mail is wrong, used or expired.
    #[error("verification failed: {0}")]
    Verification(&'static str),
    /// A code of the second step is wrong, or was used before.
    #[error("second step refused: {0}")]
    SecondStep(&'static str),
    /// A sign-in waited too long for its second step, or too many codes were wrong.
    #[error("the sign-in has to begin anew: {0}")]
    SecondStepOver(&'static str),
    /// A passkey, or what the browser says of it, cannot be accepted.
    #[error("passkey refused: {0}")]
    Passkey(&'static str),
    /// The passkey was registered before, here or by somebody else.
    #[error("the passkey is registered already")]
    PasskeyTaken,
    /// The e-mail address is proven to belong to a user that this account is not linked to.
    #[error("the address belongs to a user that this account is not linked to")]
    AccountNotLinked,
    /// The account that was to be linked belongs to somebody else.
    #[error("the account belongs to another user")]
    AccountOfAnotherUser,
    /// The last way to sign in was to be removed.
    #[error("the last way to sign in is not removed")]
    LastMethod,
    /// A sign-in at a provider could not begin.
    #[error("sign-in could not begin: {0}")]
    OAuthSignin(#[source] Source),
    /// A provider's answer, or the browser's way back, cannot be accepted.
    #[error("callback refused: {0}")]
    OAuthCallback(#[source] Source),
    /// The e-mail address cannot be used, or the mail not be sent.
    #[error("e-mail sign-in failed: {0}")]
    EmailSignin(#[source] Source),
    /// Too many attempts.
    #[error("too many attempts ({0})")]
    RateLimited(&'static str, Duration),
    /// The database could not answer.
    #[error("the store is unavailable: {0}")]
    Unavailable(#[source] AdapterError),
    /// What checks names and passwords could not answer.
    #[error("names and passwords cannot be checked: {0}")]
    CheckUnavailable(#[source] Source),
    /// So many passwords are being checked that this one cannot wait any more.
    #[error("too many passwords at once")]
    Busy,
    /// A new password is one that others would guess.
    #[error("the new password is refused: {0:?}")]
    Password(PasswordProblem),
    /// A callback of the application failed, panicked or took too long.
    #[error("the callback {name} failed: {reason}")]
    Hook {
        /// Which one.
        name: &'static str,
        /// Why.
        reason: Source,
    },
    /// The `sign_in` callback sends the person elsewhere.
    #[error("the sign_in callback sends the person elsewhere")]
    Redirected(String),
    /// The session is too old for what was asked: its user has to sign in once more.
    #[error("the session is not fresh")]
    NotFresh,
    /// Nobody is signed in, and the step needs somebody.
    #[error("nobody is signed in")]
    SignedOut,
    /// A field says something that cannot be.
    #[error("invalid input: {0}")]
    InvalidInput(&'static str),
    /// The address was proven by somebody else.
    #[error("the address belongs to another user")]
    AddressTaken,
    /// Something that only the operator can mend.
    #[error("configuration: {0}")]
    Configuration(#[source] Source),
}

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// It has fewer characters than this site asks for.
    TooShort,
    /// It is among those that were found in breaches.
    Common,
    /// It is little more than the name or address of its owner, or the name of the site.
    Guessable,
}

impl AuthError {
    /// The word that the browser may know.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::AccessDenied(_) | Self::Redirected(_) => ErrorCode::AccessDenied,
            Self::NotFresh => ErrorCode::ReauthenticationRequired,
            Self::SignedOut => ErrorCode::SessionRequired,
            Self::InvalidInput(_) => ErrorCode::InvalidInput,
            Self::AddressTaken => ErrorCode::AddressTaken,
            Self::MissingCsrf | Self::CrossSite => ErrorCode::MissingCSRF,
            Self::Credentials { .. } | Self::Locked => ErrorCode::CredentialsSignin,
            Self::Verification(_) => ErrorCode::Verification,
            Self::SecondStep(_) => ErrorCode::SecondStep,
            Self::SecondStepOver(_) => ErrorCode::SecondStepOver,
            Self::Passkey(_) => ErrorCode::WebAuthnVerificationError,
            Self::PasskeyTaken => ErrorCode::PasskeyTaken,
            Self::AccountNotLinked => ErrorCode::OAuthAccountNotLinked,
            Self::AccountOfAnotherUser => ErrorCode::AccountOfAnotherUser,
            Self::LastMethod => ErrorCode::LastMethod,
            Self::OAuthSignin(_) => ErrorCode::OAuthSignin,
            Self::OAuthCallback(_) => ErrorCode::OAuthCallbackError,
            Self::EmailSignin(_) => ErrorCode::EmailSignin,
            Self::RateLimited(..) => ErrorCode::RateLimited,
            Self::Password(PasswordProblem::TooShort) => ErrorCode::PasswordTooShort,
            Self::Password(PasswordProblem::Common) => ErrorCode::PasswordCommon,
            Self::Password(PasswordProblem::Guessable) => ErrorCode::PasswordGuessable,
            Self::Unavailable(_) | Self::CheckUnavailable(_) | Self::Busy => ErrorCode::Unavailable,
            Self::BadRequest(_)
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::Hook { .. }
            | Self::Configuration(_) => ErrorCode::Configuration,
        }
    }

    /// Whether nothing is wrong with the request and it may succeed later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::CheckUnavailable(_) | Self::Busy)
    }

    /// A callback refused for a reason of our own.
    pub(crate) fn callback(reason: impl Into<Source>) -> Self {
        Self::OAuthCallback(reason.into())
    }
}

impl From<AdapterError> for AuthError {
    fn from(error: AdapterError) -> Self {
        Self::Unavailable(error)
    }
}

/// The error and its sources in one line, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let part = source.to_string();
        if !text.ends_with(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = source.source();
    }
    // One record is one line, whatever a provider or a browser put into a message.
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}
