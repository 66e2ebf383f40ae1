//! The setup of two-factor authentication in progress: first the secret, then the recovery codes. Both are stored only in an
//! encrypted cookie of that browser: the database gets a secret only when it is confirmed, and recovery codes only as
//! hashes.
//!
//! The codes can be shown until the user confirms that they have saved them, but for [`LIFETIME`] at most: a phone may
//! discard the page while its user looks for a place to save them.

use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::{SecondSteps, TotpSecret, totp};
use crate::{
    adapter::User,
    clock::Timestamp,
    cookie::{CookieNames, Cookies},
    types::Enrolment,
};

/// How long each stage may take.
const LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Longer names make the picture unreadable.
const LONGEST_NAME: usize = 64;

/// What is in the cookie.
#[derive(Serialize, Deserialize)]
pub(crate) struct Setup {
    /// Whose.
    pub(super) user: String,
    exp: i64,
    stage: Stage,
}

#[derive(Serialize, Deserialize)]
enum Stage {
    Secret(TotpSecret),
    Codes(Vec<String>),
}

impl Setup {
    /// A new secret for a user.
    pub(crate) fn begin(user_id: &str, now: Timestamp) -> Self {
        Self::at(user_id, Stage::Secret(TotpSecret::new()), now)
    }

    /// Recovery codes that a user has to keep.
    pub(crate) fn show_codes(user_id: &str, codes: Vec<String>, now: Timestamp) -> Self {
        Self::at(user_id, Stage::Codes(codes), now)
    }

    fn at(user_id: &str, stage: Stage, now: Timestamp) -> Self {
        Self { user: user_id.to_owned(), exp: now.plus(LIFETIME).as_seconds(), stage }
    }

    pub(super) fn secret(&self) -> Option<&TotpSecret> {
        match &self.stage {
            Stage::Secret(secret) => Some(secret),
            Stage::Codes(_) => None,
        }
    }

    /// The recovery codes that are not kept yet.
    pub(crate) fn codes(self) -> Vec<String> {
        match self.stage {
            Stage::Codes(codes) => codes,
            Stage::Secret(_) => Vec::new(),
        }
    }
}

impl SecondSteps {
    /// What that user is about to set up in this browser.
    pub(crate) fn setup(
        &self,
        names: &CookieNames,
        cookies: &Cookies<'_>,
        user_id: &str,
        now: Timestamp,
    ) -> Option<Setup> {
        cookies.find(&names.second_step_setup, |sealed| {
            let setup = self.setup.open::<Setup>(sealed)?;
            (setup.user == user_id && setup.exp > now.as_seconds()).then_some(setup)
        })
    }

    pub(crate) fn setup_cookie(&self, names: &CookieNames, setup: &Setup, now: Timestamp) -> HeaderValue {
        names.set(&names.second_step_setup, &self.setup.close(setup), Some((LIFETIME, now)))
    }

    /// What the page shows of a secret.
    pub(crate) fn enrolment(&self, setup: &Setup, user: &User) -> Option<Enrolment> {
        let secret = setup.secret()?;
        let name = user.email.as_deref().or(user.name.as_deref()).unwrap_or(&user.id);
        let name: String = name.chars().take(LONGEST_NAME).collect();
        let uri = secret.uri(&self.issuer, &name);
        Some(Enrolment { secret: secret.text(), picture: totp::qr_picture(&uri), uri })
    }
}
