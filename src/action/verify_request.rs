//! The state of a browser that asked for an email and waits for its code, in an encrypted cookie: the address, the stored
//! token that the email contains, and a hash of the code.
//!
//! A typed code therefore works only in the browser that asked, so an attacker cannot guess the code of another user's
//! email. A link that is opened in another browser never signs the waiting browser in.

use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::{
    auth::Auth,
    clock::Timestamp,
    cookie::{self, Cookies},
    email::EmailAddress,
    hash, text,
    types::VerifyRequest,
};

/// A mail may be asked for again after so many seconds.
const RESEND_AFTER: i64 = 30;

/// The e-mail sign-in that a browser waits for.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// The address as typed: what the page shows.
    pub(crate) email: String,
    /// The address that the email went to, filled up with spaces: the length of the cookie must not reveal whether an account
    /// has another spelling of the address.
    #[serde(default)]
    to: Option<String>,
    pub(crate) token_hash: String,
    code_hash: String,
    pub(crate) callback_url: String,
    pub(crate) remembered: bool,
    /// Counts when the proof comes back to this browser.
    #[serde(default)]
    pub(crate) choice: Option<Choice>,
    sent: i64,
    exp: i64,
}

/// What somebody has chosen for an account that they do not have yet.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Choice {
    /// The hash of a password.
    pub(crate) password: String,
    pub(crate) name: Option<String>,
}

impl Waiting {
    /// The salt of its key.
    pub(crate) const PURPOSE: &str = "authjs.verify-request";
    /// How long link and code are good.
    pub(crate) const LIFETIME: Duration = Duration::from_secs(15 * 60);

    /// Takes the address as typed, and the one that the email went to.
    pub(crate) fn new(
        (email, to): (&EmailAddress, &EmailAddress),
        token_hash: String,
        code: &str,
        callback_url: &str,
        remembered: bool,
        choice: Option<Choice>,
        now: Timestamp,
    ) -> Self {
        Self {
            email: email.to_string(),
            to: Some(format!("{to}{}", " ".repeat(EmailAddress::LONGEST.saturating_sub(to.as_str().len())))),
            code_hash: hash::sha256_hex(&[&token_hash, code]),
            token_hash,
            callback_url: callback_url.to_owned(),
            remembered,
            choice,
            sent: now.as_seconds(),
            exp: now.plus(Self::LIFETIME).as_seconds(),
        }
    }

    pub(crate) fn cookie(&self, auth: &Auth, now: Timestamp) -> HeaderValue {
        let seal =
            |waiting: &Self| auth.waiting_keys.encrypt(&serde_json::to_vec(waiting).unwrap_or_default());
        let mut sealed = seal(self);
        if !cookie::fits(&sealed) {
            // Drops the target: the sign-in matters more than where it leads.
            let callback_url = auth.base_url().to_string();
            sealed = seal(&Self { callback_url, ..self.clone() });
        }
        auth.cookies.set(&auth.cookies.verify_request, &sealed, Some((Self::LIFETIME, now)))
    }

    /// Returns what this browser waits for, expired or not. Of several, the one that expires last.
    pub(crate) fn read(auth: &Auth, cookies: &Cookies<'_>) -> Option<Self> {
        let open = |sealed: &String| -> Option<Self> {
            serde_json::from_slice(&auth.waiting_keys.decrypt(sealed)?).ok()
        };
        let all = cookies.values(&auth.cookies.verify_request);
        all.iter().filter_map(open).max_by_key(|waiting| waiting.exp)
    }

    /// Returns the address that the email went to.
    pub(crate) fn recipient(&self) -> &str {
        self.to.as_deref().map_or(&self.email, str::trim_end)
    }

    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.exp <= now.as_seconds()
    }

    /// Whether the mail that this browser waits for is the one with that token.
    pub(crate) fn is_for(&self, token_hash: &str) -> bool {
        hash::equal(&self.token_hash, token_hash)
    }

    /// Returns whether the typed code is that of the email. Accepts digits of any script, spaces and dashes.
    pub(crate) fn has_code(&self, typed: &str) -> bool {
        let digits = text::code(typed, 16);
        hash::equal(&hash::sha256_hex(&[&self.token_hash, &digits]), &self.code_hash)
    }
}

/// What the page that waits shows.
pub(crate) fn verify_request(
    auth: &Auth,
    cookies: &Cookies<'_>,
    csrf_token: String,
    now: Timestamp,
) -> Option<VerifyRequest> {
    let waiting = Waiting::read(auth, cookies)?;
    let seconds = |until: i64| u32::try_from(until.saturating_sub(now.as_seconds())).unwrap_or(0);
    Some(VerifyRequest {
        resend_after: seconds(waiting.sent.saturating_add(RESEND_AFTER)),
        expires_in: seconds(waiting.exp),
        is_shared: !waiting.remembered,
        email: waiting.email,
        csrf_token,
        callback_url: waiting.callback_url,
    })
}
