//! Detects whether a user signs in with a browser that they have used before, by an encrypted cookie that grants no access.
//! A sign-in from another browser is notified to the owner by email.
//!
//! When an account is recovered from an attacker, a user record invalidates all cookies set until then.

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
        let open = |sealed: &str| serde_json::from_slice(&auth.browser_keys.decrypt(sealed)?).ok();
        request.cookies.find(&auth.cookies.familiar_browser, open).unwrap_or_default()
    }
}

/// The cookie for a user who signs in by this browser; `None`: it has that already.
pub(crate) fn cookie(
    auth: &Auth,
    request: &ActionRequest<'_>,
    user_id: &str,
    records: &UserRecords,
) -> Option<HeaderValue> {
    let mut browser = FamiliarBrowser::read(auth, request);
    let salt = records.value(FAMILIAR_BROWSERS, "").unwrap_or_default();
    let mark = hash::sha256_hex(&[user_id, "\n", salt])[..16].to_owned();
    if browser.0.contains(&mark) {
        return None;
    }
    browser.0.insert(0, mark);
    browser.0.truncate(MOST);
    let sealed = auth.browser_keys.encrypt(&serde_json::to_vec(&browser).unwrap_or_default());
    Some(auth.cookies.set(&auth.cookies.familiar_browser, &sealed, Some((YEAR, request.now))))
}

/// From now on no browser is familiar to that user.
pub(crate) async fn forget_all(
    adapter: &dyn Adapter,
    user_id: &str,
    now: Timestamp,
) -> Result<(), AdapterError> {
    let record = UserRecord {
        user_id: user_id.to_owned(),
        kind: FAMILIAR_BROWSERS.to_owned(),
        id: String::new(),
        value: random::token(),
        created: now,
        expires: None,
    };
    adapter.delete_user_record(user_id, FAMILIAR_BROWSERS, "").await?;
    // Somebody else who does the same at the same moment is as good.
    adapter.put_user_record(&record, None).await.map(drop)
}
