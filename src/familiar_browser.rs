//! Whether somebody signs in by a browser that they have signed in by before: told by a sealed cookie, which opens nothing.
//! A browser without it is worth a mail to the owner.
//!
//! Since when cookies count is a record of the user, made at the first sign-in: where an account is taken back
//! from somebody the record goes, and with it what their browser's cookie says.

use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::{
    adapter::{Adapter, AdapterError, UserRecord},
    auth::Auth,
    clock::Timestamp,
    hash, random,
    request::ActionRequest,
    user_records::{UserRecords, kind::FAMILIAR_BROWSERS},
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// Of the people who share a browser, the last ones.
const MOST: usize = 8;

/// What the cookie holds: short hashes, newest first.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct FamiliarBrowser(Vec<String>);

impl FamiliarBrowser {
    /// The salt of its key.
    pub(crate) const PURPOSE: &str = "authjs.familiar-browser";

    fn read(auth: &Auth, request: &ActionRequest<'_>) -> Self {
        let sealed = request.cookies.get(&auth.cookies.familiar_browser);
        let json = sealed.and_then(|sealed| auth.browser_keys.decrypt(&sealed));
        json.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
    }
}

/// Notes that a user signs in by this browser: whether it is new to an account that has been signed in to before, and the
/// cookie, if it has to be written.
pub(crate) async fn sign_in(
    auth: &Auth,
    request: &ActionRequest<'_>,
    user_id: &str,
    records: &UserRecords,
) -> Result<(bool, Option<HeaderValue>), AdapterError> {
    let Some(adapter) = auth.adapter.as_deref().filter(|adapter| adapter.keeps_user_records()) else {
        return Ok((false, None));
    };
    let known = records.value(FAMILIAR_BROWSERS, "").map(str::to_owned);
    let is_first = known.is_none();
    let secret = match known {
        Some(secret) => secret,
        None => begin(adapter, user_id, request.now).await?,
    };
    let mut browser = FamiliarBrowser::read(auth, request);
    let mark = hash::sha256_hex(&[&secret, user_id])[..16].to_owned();
    if browser.0.contains(&mark) {
        return Ok((false, None));
    }
    browser.0.insert(0, mark);
    browser.0.truncate(MOST);
    let sealed = auth.browser_keys.encrypt(&serde_json::to_vec(&browser).unwrap_or_default());
    let cookie = auth.cookies.set(&auth.cookies.familiar_browser, &sealed, Some((YEAR, request.now)));
    Ok((!is_first, Some(cookie)))
}

/// What the marks in cookies are made of from now on.
async fn begin(adapter: &dyn Adapter, user_id: &str, now: Timestamp) -> Result<String, AdapterError> {
    let record = UserRecord {
        user_id: user_id.to_owned(),
        kind: FAMILIAR_BROWSERS.to_owned(),
        id: String::new(),
        value: random::token(),
        created: now,
        expires: None,
    };
    if adapter.put_user_record(&record, None).await? {
        return Ok(record.value);
    }
    // Somebody signs in to it in another tab at the same moment.
    let records = UserRecords::of(adapter, user_id).await?;
    Ok(records.value(FAMILIAR_BROWSERS, "").unwrap_or(&record.value).to_owned())
}
