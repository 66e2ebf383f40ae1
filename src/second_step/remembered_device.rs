//! Trusted devices: browsers that skip the two-factor code for 30 days, if the user chose so.
//!
//! The cookie is useless without the first factor, without its record, or for another user. It expires when all sessions
//! are ended, so also after a change of password, and when two-factor authentication is turned off.

use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::SecondSteps;
use crate::{
    adapter::UserRecord,
    cookie::CookieNames,
    error::AuthError,
    hash, random,
    request::ActionRequest,
    user_records::{UserRecords, kind::REMEMBERED_DEVICE},
};

/// How long a browser is remembered.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// What is in the cookie.
#[derive(Serialize, Deserialize)]
struct Remembered {
    user: String,
    token: String,
}

impl SecondSteps {
    /// Whether the request's browser is one that is not asked. The end is in the record, not in the cookie.
    pub(crate) fn is_remembered(
        &self,
        cookies: &CookieNames,
        request: &ActionRequest<'_>,
        user_id: &str,
        records: &UserRecords,
    ) -> bool {
        let is_known = |sealed: &str| {
            let remembered = self.device.open::<Remembered>(sealed)?;
            let id = id(&remembered.token);
            let mut records = records.all(REMEMBERED_DEVICE, request.now);
            (remembered.user == user_id && records.any(|record| record.id == id)).then_some(())
        };
        request.cookies.find(&cookies.remembered_device, is_known).is_some()
    }

    /// Remembers the request's browser from now on.
    pub(crate) async fn remember(
        &self,
        cookies: &CookieNames,
        request: &ActionRequest<'_>,
        user_id: &str,
    ) -> Result<HeaderValue, AuthError> {
        let token = random::token();
        let record = UserRecord {
            user_id: user_id.to_owned(),
            kind: REMEMBERED_DEVICE.to_owned(),
            id: id(&token),
            value: String::new(),
            created: request.now,
            expires: Some(request.now.plus(LIFETIME)),
        };
        self.adapter.put_user_record(&record, None).await?;
        let sealed = self.device.close(&Remembered { user: user_id.to_owned(), token });
        Ok(cookies.set(&cookies.remembered_device, &sealed, Some((LIFETIME, request.now))))
    }
}

fn id(token: &str) -> String {
    hash::sha256_hex(&[token])
}
