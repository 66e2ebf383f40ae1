//! A browser that has signed in to an account before is told from all others by an encrypted cookie, and its attempts are
//! counted apart (OWASP: Device Cookies). So an attacker who uses up the attempts of an account or a network locks out
//! strangers, not the owner (RL-04).
//!
//! The cookie opens nothing. It holds a random name of the browser and short hashes of the accounts.

use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::{
    adapter::User, auth::AuthState, cookie::Cookies, email::EmailAddress, hash, random,
    request::ActionRequest,
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// An account has up to three: its address, its name at a directory, its user id. Of people who share a browser, the
/// last ones stay.
const MOST_ACCOUNTS: usize = 12;

/// What the cookie holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeviceCookie {
    /// What its attempts are counted by.
    pub(crate) id: String,
    accounts: Vec<String>,
}

impl DeviceCookie {
    /// The salt of its key.
    pub(crate) const PURPOSE: &str = "authjs.known-browser";

    /// Returns the cookie of a request if its browser has signed in to that account.
    pub(crate) fn load_for(auth: &AuthState, request: &ActionRequest<'_>, account: &str) -> Option<Self> {
        Self::load(auth, &request.cookies).filter(|device| device.accounts.contains(&short_hash(account)))
    }

    /// The same for the account that owns an address.
    pub(crate) fn load_for_address(
        auth: &AuthState,
        request: &ActionRequest<'_>,
        address: &EmailAddress,
    ) -> Option<Self> {
        Self::load_for(auth, request, &of_address(address))
    }

    /// Sets the cookie for a browser whose user has just proved who they are.
    pub(crate) fn remember_user(
        auth: &AuthState,
        request: &ActionRequest<'_>,
        user: &User,
        set_cookies: &mut Vec<HeaderValue>,
    ) {
        let proven = user.email.as_deref().filter(|_| user.email_verified.is_some());
        let address = proven.and_then(|address| EmailAddress::parse(address).ok());
        let accounts = [address.as_ref().map(of_address), Some(format!("totp\n{}", user.id))];
        Self::remember(auth, request, accounts.into_iter().flatten(), set_cookies);
    }

    /// Sets the cookie for a browser that has just proved to be the owner's, unless it has it already. One that is to be set
    /// is replaced.
    pub(crate) fn remember(
        auth: &AuthState,
        request: &ActionRequest<'_>,
        accounts: impl IntoIterator<Item = String>,
        set_cookies: &mut Vec<HeaderValue>,
    ) {
        let prefix = format!("{}=", auth.cookies.known_browser);
        let place = set_cookies.iter().position(|cookie| cookie.as_bytes().starts_with(prefix.as_bytes()));
        let pending = place.and_then(|place| {
            let value = set_cookies[place].to_str().ok()?.strip_prefix(&prefix)?.split(';').next()?;
            Self::open(auth, value)
        });
        let device = pending.or_else(|| Self::load(auth, &request.cookies));
        let mut device = device.unwrap_or_else(|| Self { id: random::token(), accounts: Vec::new() });
        let known = device.accounts.len();
        for account in accounts.into_iter().map(|account| short_hash(&account)) {
            if !device.accounts.contains(&account) {
                device.accounts.insert(0, account);
            }
        }
        if device.accounts.len() == known {
            return;
        }
        device.accounts.truncate(MOST_ACCOUNTS);
        let sealed = auth.device_keys.encrypt(&serde_json::to_vec(&device).unwrap_or_default());
        let cookie = auth.cookies.set(&auth.cookies.known_browser, &sealed, Some((YEAR, request.now)));
        match place {
            Some(place) => set_cookies[place] = cookie,
            None => set_cookies.push(cookie),
        }
    }

    fn load(auth: &AuthState, cookies: &Cookies<'_>) -> Option<Self> {
        cookies.find(&auth.cookies.known_browser, |sealed| Self::open(auth, sealed))
    }

    fn open(auth: &AuthState, sealed: &str) -> Option<Self> {
        serde_json::from_slice(&auth.device_keys.decrypt(sealed)?).ok()
    }
}

/// The account that an address signs in to.
fn of_address(address: &EmailAddress) -> String {
    format!("password\n{}", address.key())
}

fn short_hash(account: &str) -> String {
    hash::sha256_hex(&[account])[..16].to_owned()
}
