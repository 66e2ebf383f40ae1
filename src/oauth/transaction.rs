//! A provider sign-in in progress: the values that the browser must bring back.
//!
//! It is stored in its own encrypted cookie, whose name contains a part of `state`, so parallel tabs do not disturb each
//! other. It is bound to the provider (GHSA-x445-f3h2-j279), to the user who began it and to the purpose, so that a
//! sign-in never becomes a link.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{clock::Timestamp, cookie::Cookies, hash, jwt::TokenKeys, random};

/// How long the person may take at the provider.
pub(crate) const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// More unfinished attempts than this in one browser: the oldest go (DS-11).
pub(crate) const MAX_IN_BROWSER: usize = 5;

/// The salt of its key.
pub(crate) const PURPOSE: &str = "authjs.transaction";

/// What is remembered between the way there and the way back.
#[derive(Serialize, Deserialize)]
pub(crate) struct Transaction {
    /// Binds the way back to this browser (RFC 6749 section 10.12). OAuth 1: the temporary token.
    pub(crate) state: String,
    /// OAuth 1: the secret of the temporary token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token_secret: Option<String>,
    /// Binds the ID token to this attempt (OpenID Connect Core 1.0 section 15.5.2). Always a value of ours.
    pub(crate) nonce: String,
    /// Binds the code to this attempt (RFC 7636).
    pub(crate) verifier: String,
    /// Id of the provider.
    pub(crate) provider: String,
    /// Where to go afterwards; checked already.
    pub(crate) callback_url: String,
    /// The user who was signed in when it began.
    pub(crate) user: Option<String>,
    /// Whether that user asked for one more way to sign in, and not to sign in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) links: bool,
    /// Whether the session's cookie will outlive the browser.
    pub(crate) remembered: bool,
    /// Its end, in seconds.
    pub(crate) exp: i64,
}

impl Transaction {
    /// A new attempt with fresh random values.
    pub(crate) fn new(
        provider: &str,
        callback_url: &str,
        user: Option<String>,
        remembered: bool,
        now: Timestamp,
    ) -> Self {
        Self {
            state: random::token(),
            token_secret: None,
            nonce: random::token(),
            verifier: random::token(),
            provider: provider.to_owned(),
            callback_url: callback_url.to_owned(),
            user,
            links: false,
            remembered,
            exp: now.plus(LIFETIME).as_seconds(),
        }
    }

    /// When it began, in seconds.
    pub(crate) fn begun(&self) -> i64 {
        self.exp.saturating_sub_unsigned(LIFETIME.as_secs())
    }

    /// The name of its cookie.
    pub(crate) fn cookie_name(prefix: &str, state: &str) -> String {
        format!("{prefix}{}", &hash::sha256_hex(&[state])[..12])
    }

    /// The value of its cookie.
    pub(crate) fn seal(&self, keys: &TokenKeys) -> String {
        keys.encrypt(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// The attempt with that `state`, if this browser began it at that provider and it has not expired.
    pub(crate) fn find(
        keys: &TokenKeys,
        prefix: &str,
        cookies: &Cookies<'_>,
        provider: &str,
        state: &str,
        now: Timestamp,
    ) -> Option<Self> {
        cookies.find(&Self::cookie_name(prefix, state), |sealed| {
            let transaction = Self::open(keys, sealed)?;
            let is_this = transaction.provider == provider && hash::equal(&transaction.state, state);
            (is_this && transaction.exp > now.as_seconds()).then_some(transaction)
        })
    }

    /// Names of cookies that must go before one more is set: those that cannot be read, then the oldest.
    pub(crate) fn superfluous(keys: &TokenKeys, prefix: &str, cookies: &Cookies<'_>) -> Vec<String> {
        let open = |name: &str| cookies.find(name, |sealed| Self::open(keys, sealed));
        let end = |name: &str| open(name).map_or(0, |transaction| transaction.exp);
        cookies.excess(prefix, MAX_IN_BROWSER, end)
    }

    fn open(keys: &TokenKeys, sealed: &str) -> Option<Self> {
        serde_json::from_slice(&keys.decrypt(sealed)?).ok()
    }
}
