//! The device cookie: an encrypted cookie that identifies a browser which has signed in to an account before. Attempts from
//! such a browser are counted separately (OWASP: Device Cookies). An attacker who uses up the attempts of an account or a
//! network locks out other browsers, not the owner (RL-04).
//!
//! The cookie grants no access. It holds a random id of the browser and short hashes of the accounts.

use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::{
    adapter::User, auth::AuthState, cookie::Cookies, email::EmailAddress, hash, random,
    request::ActionRequest,
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// An account takes up to three entries: its address, its name at a directory, its user id. If several users share a
/// browser, the most recent entries are kept.
const MOST_ACCOUNTS: usize = 12;

/// The content of the cookie.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeviceCookie {
    /// The id that its attempts are counted by.
    pub(crate) id: String,
    accounts: Vec<String>,
}

impl DeviceCookie {
    /// The salt of the encryption key.
    pub(crate) const PURPOSE: &str = "authjs.known-browser";

    /// Returns the cookie of a request if its browser has signed in to this account.
    pub(crate) fn load_for(auth: &AuthState, request: &ActionRequest<'_>, account: &str) -> Option<Self> {
        Self::load(auth, &request.cookies).filter(|device| device.accounts.contains(&short_hash(account)))
    }

    /// Like `load_for`, for the account that owns an address.
    pub(crate) fn load_for_address(
        auth: &AuthState,
        request: &ActionRequest<'_>,
        address: &EmailAddress,
    ) -> Option<Self> {
        Self::load_for(auth, request, &of_address(address))
    }

    /// Sets the cookie in a browser whose user has just signed in. `showed_code`: with a second factor. Without one the browser
    /// gets no counts of its own for codes, or each new browser of someone who has the first factor would get more guesses.
    pub(crate) fn remember_user(
        auth: &AuthState,
        request: &ActionRequest<'_>,
        user: &User,
        showed_code: bool,
        set_cookies: &mut Vec<HeaderValue>,
    ) {
        let code = showed_code.then(|| format!("totp\n{}", user.id));
        let accounts = verified_address(user).as_ref().map(of_address).into_iter().chain(code);
        Self::remember(auth, request, accounts, set_cookies);
    }

    /// Sets the cookie in a browser that has just set a new password by a link from an email. All browsers without a device
    /// cookie get the same id for it, so that another reset gives no new attempts.
    #[cfg(feature = "password")]
    pub(crate) fn remember_reset(
        auth: &AuthState,
        request: &ActionRequest<'_>,
        user: &User,
        set_cookies: &mut Vec<HeaderValue>,
    ) {
        let new = || Self { id: hash::sha256_hex(&["reset\n", &user.id]), accounts: Vec::new() };
        Self::remember_by(auth, request, verified_address(user).as_ref().map(of_address), set_cookies, new);
    }

    /// Sets the cookie in a browser that has just been verified as the owner's, unless it already has it. Replaces a device
    /// cookie that is already in `set_cookies`.
    pub(crate) fn remember(
        auth: &AuthState,
        request: &ActionRequest<'_>,
        accounts: impl IntoIterator<Item = String>,
        set_cookies: &mut Vec<HeaderValue>,
    ) {
        let new = || Self { id: random::token(), accounts: Vec::new() };
        Self::remember_by(auth, request, accounts, set_cookies, new);
    }

    fn remember_by(
        auth: &AuthState,
        request: &ActionRequest<'_>,
        accounts: impl IntoIterator<Item = String>,
        set_cookies: &mut Vec<HeaderValue>,
        new: impl FnOnce() -> Self,
    ) {
        let prefix = format!("{}=", auth.cookies.known_browser);
        let place = set_cookies.iter().position(|cookie| cookie.as_bytes().starts_with(prefix.as_bytes()));
        let pending = place.and_then(|place| {
            let value = set_cookies[place].to_str().ok()?.strip_prefix(&prefix)?.split(';').next()?;
            Self::open(auth, value)
        });
        let device = pending.or_else(|| Self::load(auth, &request.cookies));
        let mut device = device.unwrap_or_else(new);
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

fn verified_address(user: &User) -> Option<EmailAddress> {
    let verified = user.email.as_deref().filter(|_| user.email_verified.is_some());
    verified.and_then(|address| EmailAddress::parse(address).ok())
}

/// Returns the account that an address signs in to.
fn of_address(address: &EmailAddress) -> String {
    format!("password\n{}", address.key())
}

fn short_hash(account: &str) -> String {
    hash::sha256_hex(&[account])[..16].to_owned()
}
