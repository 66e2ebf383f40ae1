//! Passkeys in the browser: what it is asked, and what becomes of its answer. The button is in
//! `component/form/passkey_button.rs`.
//!
//! Rule: nothing of this is there without scripts, or in a browser that has no passkeys; then the button is not there
//! either, and every page has another way.

use serde::{Deserialize, Serialize};

#[cfg(feature = "hydrate")]
mod browser;

#[cfg(feature = "hydrate")]
pub(crate) use browser::{Asked, Question, offers_autofill, show_what_needs_them};

/// What a passkey is asked for. The words of Auth.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasskeyAction {
    /// A new one for whoever is signed in.
    Register,
    /// One that signs in.
    Authenticate,
}

impl PasskeyAction {
    /// The word in the form and in the address of the options.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Authenticate => "authenticate",
        }
    }
}
