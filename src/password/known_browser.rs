//! A browser that has signed in to an account before is told from all others by a sealed cookie, and its attempts are
//! counted apart (OWASP: Device Cookies). So whoever uses up the attempts of an account locks out strangers, not its
//! owner (RL-04).
//!
//! The cookie opens nothing. It holds a random name of the browser and short hashes of up to five addresses.

use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::{
    adapter::User, auth::AuthState, cookie::Cookies, email::EmailAddress, hash, random,
    request::ActionRequest,
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// Of who shares a browser, the last ones.
const MOST_ACCOUNTS: usize = 5;

/// What the cookie holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct KnownBrowser {
    /// What its attempts are counted by.
    pub(crate) id: String,
    accounts: Vec<String>,
}

impl KnownBrowser {
    /// The salt of its key.
    pub(crate) const PURPOSE: &str = "authjs.known-browser";

    fn read(auth: &AuthState, cookies: &Cookies<'_>) -> Option<Self> {
        let passwords = auth.passwords.as_ref()?;
        cookies.find(&auth.cookies.known_browser, |sealed| {
            serde_json::from_slice(&passwords.browser_keys.decrypt(sealed)?).ok()
        })
    }

    /// The browser of a request, if somebody signed in to that account with it.
    pub(crate) fn of_account(auth: &AuthState, cookies: &Cookies<'_>, email_key: &str) -> Option<Self> {
        Self::read(auth, cookies).filter(|browser| browser.accounts.contains(&short_hash(email_key)))
    }

    /// The cookie for a browser that has just proved to be the owner's; none if it is known already.
    pub(crate) fn remember(
        auth: &AuthState,
        request: &ActionRequest<'_>,
        user: &User,
    ) -> Option<HeaderValue> {
        let passwords = auth.passwords.as_ref()?;
        let proven = user.email.as_deref().filter(|_| user.email_verified.is_some());
        let address = EmailAddress::parse(proven?).ok()?;
        let account = short_hash(address.key());
        let mut browser = Self::read(auth, &request.cookies)
            .unwrap_or_else(|| Self { id: random::token(), accounts: Vec::new() });
        if browser.accounts.contains(&account) {
            return None;
        }
        browser.accounts.insert(0, account);
        browser.accounts.truncate(MOST_ACCOUNTS);
        let sealed = passwords.browser_keys.encrypt(&serde_json::to_vec(&browser).unwrap_or_default());
        Some(auth.cookies.set(&auth.cookies.known_browser, &sealed, Some((YEAR, request.now))))
    }
}

fn short_hash(email_key: &str) -> String {
    hash::sha256_hex(&[email_key])[..16].to_owned()
}
