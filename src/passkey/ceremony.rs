//! A passkey ceremony in progress: the challenge that the passkey must sign, and its purpose.
//!
//! It is stored in its own encrypted cookie, so a response from another browser is rejected, and the tabs of one browser do
//! not disturb each other. It is valid for five minutes, and once.

use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::Passkeys;
use crate::{
    auth::Auth, clock::Timestamp, error::AuthError, hash, random, rate_limit::CHALLENGE_USES,
    request::ActionRequest,
};

/// How long the person may take. Browsers are told the same.
pub(super) const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// More unfinished ones than this in one browser: the oldest go (DS-11).
const MAX_IN_BROWSER: usize = 5;

/// What is done, in the words of Auth.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Action {
    Register,
    Authenticate,
}

impl Action {
    /// By that word.
    pub(crate) fn named(word: &str) -> Option<Self> {
        match word {
            "register" => Some(Self::Register),
            "authenticate" => Some(Self::Authenticate),
            _ => None,
        }
    }
}

/// What is remembered between the question and the answer.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ceremony {
    /// 256 random bits, base64url.
    pub(crate) challenge: String,
    action: Action,
    /// Who registers.
    user: Option<String>,
    /// Its end, in seconds.
    exp: i64,
}

impl Ceremony {
    /// The salt of its key.
    pub(crate) const PURPOSE: &str = "authjs.challenge";

    /// A new one; `user` registers.
    pub(crate) fn new(action: Action, user: Option<&str>, now: Timestamp) -> Self {
        Self {
            challenge: random::token(),
            action,
            user: user.map(str::to_owned),
            exp: now.plus(LIFETIME).as_seconds(),
        }
    }

    /// Its cookie, and the removal of those that are too many.
    pub(crate) fn cookies(
        &self,
        auth: &Auth,
        passkeys: &Passkeys,
        request: &ActionRequest<'_>,
    ) -> Vec<HeaderValue> {
        let open = |name: &str| request.cookies.find(name, |sealed| Self::open(passkeys, sealed));
        let end = |name: &str| open(name).map_or(0, |ceremony| ceremony.exp);
        let excess = request.cookies.excess(&auth.cookies.challenge, MAX_IN_BROWSER, end);
        let sealed = passkeys.keys.encrypt(&serde_json::to_vec(self).unwrap_or_default());
        let own = auth.cookies.set(&self.cookie_name(auth), &sealed, Some((LIFETIME, request.now)));
        excess.iter().map(|name| auth.cookies.clear(name)).chain([own]).collect()
    }

    /// The removal of its cookie.
    pub(crate) fn spent(&self, auth: &Auth) -> HeaderValue {
        auth.cookies.clear(&self.cookie_name(auth))
    }

    /// The one with that challenge, if this browser began it for that and it has not expired. From here on it is used up.
    ///
    /// # Errors
    /// [`AuthError::Passkey`] when there is none, or it was used before; when the store is away.
    pub(crate) async fn take(
        auth: &Auth,
        passkeys: &Passkeys,
        request: &ActionRequest<'_>,
        action: Action,
        user: Option<&str>,
        challenge: &str,
    ) -> Result<Self, AuthError> {
        let name = cookie_name(&auth.cookies.challenge, challenge);
        let open = |sealed: &str| {
            Self::open(passkeys, sealed)
                .filter(|ceremony| hash::equal(&ceremony.challenge, challenge))
                .filter(|ceremony| ceremony.exp > request.now.as_seconds())
                .filter(|ceremony| ceremony.action == action && ceremony.user.as_deref() == user)
        };
        let ceremony = request
            .cookies
            .find(&name, open)
            .ok_or(AuthError::Passkey("this browser was not asked for that, or too long ago"))?;
        let used = AuthError::Passkey("the challenge was answered before");
        auth.limits.use_once(&CHALLENGE_USES, challenge, request.now, used).await?;
        Ok(ceremony)
    }

    fn open(passkeys: &Passkeys, sealed: &str) -> Option<Self> {
        serde_json::from_slice(&passkeys.keys.decrypt(sealed)?).ok()
    }

    fn cookie_name(&self, auth: &Auth) -> String {
        cookie_name(&auth.cookies.challenge, &self.challenge)
    }
}

/// Holds a part of what is in it, so that each has a name of its own.
fn cookie_name(prefix: &str, challenge: &str) -> String {
    format!("{prefix}{}", &hash::sha256_hex(&[challenge])[..12])
}
