//! Passwords: which are accepted ([`rules`]), how they are hashed ([`hasher`]), and hashes from other systems ([`stored`]).
//!
//! A password is a user record of the kind `password`: its value is the hash, as a PHC string. A user has at most one, so
//! its id is empty.

mod breached;
mod hasher;
mod rules;
mod stored;

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::{adapter::Adapter, config::Config, error::AuthError};

pub(crate) use hasher::{Hasher, Verdict};
pub(crate) use rules::Rules;

/// What sign-in by password needs, made once at start.
pub(crate) struct Passwords {
    pub(crate) hasher: Hasher,
    pub(crate) rules: Rules,
    pub(crate) adapter: Arc<dyn Adapter>,
}

impl Passwords {
    /// `sender` is the `EMAIL_FROM` of mails.
    pub(crate) fn new(config: &Config, adapter: Arc<dyn Adapter>, sender: &str) -> Self {
        Self {
            hasher: Hasher::new(config.password.queue),
            rules: Rules::new(config.password.min_length, &config.base_url, sender),
            adapter,
        }
    }
}

/// A password as somebody typed it. It has no `Debug`: it must not reach a log.
#[derive(Clone)]
pub(crate) struct Password(String);

impl Password {
    /// Takes what a form sent; spaces are part of it (CR-05).
    ///
    /// # Errors
    /// [`AuthError::BadRequest`] when it is longer than anybody types: it is never cut, and never hashed.
    pub(crate) fn parse(typed: &str) -> Result<Self, AuthError> {
        if typed.len() > rules::MAX_BYTES {
            return Err(AuthError::BadRequest("a password has more than 1024 bytes"));
        }
        Ok(Self(typed.to_owned()))
    }

    /// One form for what looks the same and keyboards write differently: NFKC (NIST SP 800-63B-4 section 3.1.1.2, CR-06).
    fn normalised(&self) -> String {
        self.0.nfkc().collect()
    }

    /// As typed, if that is something else: other software has hashed it so.
    fn as_typed(&self, normalised: &str) -> Option<String> {
        (self.0 != normalised).then(|| self.0.clone())
    }
}
