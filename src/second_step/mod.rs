//! Two-factor authentication: a code of an authenticator app ([`totp`]), or a recovery code instead.
//!
//! For a user who has it on, the first factor starts no session. The user gets a record of the pending sign-in, and the
//! browser a cookie that grants no access. Two cases need no code: a passkey that has verified its user, which is already
//! two factors, and a trusted device.
//!
//! | belongs to | stored in | content |
//! | --- | --- | --- |
//! | user | record `second-step` | encrypted: secret, the last code used, hashes of recovery codes |
//! | user | record `remembered-device`, one for each device | the hash of what is in that browser's cookie |
//! | user | record `sign-in`, one for each | encrypted: a pending two-factor sign-in |
//! | browser | three cookies | encrypted: its pending sign-in, that it is trusted, a setup in progress |
//!
//! Each value is encrypted for its own purpose and names its user, so none can replace another.

mod recovery_codes;
mod remembered_device;
mod setup;
mod totp;
mod waiting_sign_in;

use std::sync::Arc;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub(crate) use setup::Setup;
pub(crate) use waiting_sign_in::WaitingSignIn;

use crate::{
    adapter::{Adapter, Change, UserRecord},
    clock::Timestamp,
    config::Config,
    error::AuthError,
    jwt::TokenKeys,
    text,
    types::SecondStepInUse,
    user_records::{
        UserRecords,
        kind::{REMEMBERED_DEVICE, SECOND_STEP, WAITING_SIGN_IN},
    },
};
use totp::TotpSecret;

/// The second steps of an application. There are none where they are switched off, or nothing can keep them.
pub(crate) struct SecondSteps {
    adapter: Arc<dyn Adapter>,
    /// What apps call the site.
    issuer: String,
    stored: Seal,
    waiting: Seal,
    device: Seal,
    setup: Seal,
}

/// What the second step was proven with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A code of the authenticator app.
    Code,
    /// A recovery code.
    RecoveryCode,
}

/// What is stored of a user.
#[derive(Serialize, Deserialize)]
struct Stored {
    user: String,
    secret: TotpSecret,
    /// The number of the last code that was taken.
    used: i64,
    recovery_codes: Vec<String>,
    /// When the recovery codes were created, in milliseconds.
    #[serde(default)]
    codes_made: i64,
}

/// What somebody typed.
enum Typed {
    Code(String),
    RecoveryCode(String),
}

/// How many times a change of a record is tried if other requests change it too.
pub(crate) const ATTEMPTS: usize = 3;

pub(crate) const WRONG: AuthError = AuthError::SecondStep("the code is wrong, or was used before");

/// Returns the changes that remove trusted devices and pending two-factor sign-ins.
pub(crate) fn forgotten(records: &UserRecords) -> impl Iterator<Item = Change<'_>> {
    let is_meant =
        |record: &&UserRecord| [REMEMBERED_DEVICE, WAITING_SIGN_IN].contains(&record.kind.as_str());
    let all = records.iter().filter(is_meant);
    all.map(|record| Change::RemoveRecord { kind: &record.kind, id: &record.id, value: None })
}

impl SecondSteps {
    pub(crate) fn new(config: &Config, adapter: Option<&Arc<dyn Adapter>>) -> Option<Self> {
        let adapter = adapter.filter(|adapter| config.totp && adapter.keeps_user_records())?;
        let seal = |purpose| Seal(TokenKeys::derive(&config.secrets, purpose));
        Some(Self {
            adapter: adapter.clone(),
            issuer: totp::issuer(&config.base_url),
            stored: seal("authjs.second-step.stored"),
            waiting: seal("authjs.second-step"),
            device: seal("authjs.remembered-device"),
            setup: seal("authjs.second-step-setup"),
        })
    }

    /// Whether that user's sign-ins ask for a code.
    pub(crate) fn is_on(&self, records: &UserRecords, now: Timestamp) -> bool {
        records.get(SECOND_STEP, now).is_some()
    }

    /// Returns whether the input is an authenticator code, which can be guessed: count the attempt before
    /// [`use_code`](Self::use_code).
    pub(crate) fn is_code(typed: &str) -> bool {
        matches!(Typed::parse(typed), Some(Typed::Code(_)))
    }

    /// Checks an authenticator code and uses it up, so that no other request can use it (CC-03). Accepts digits of any script;
    /// ignores spaces, dashes and invisible characters.
    ///
    /// # Errors
    /// `SecondStep` if it is wrong or was used.
    pub(crate) async fn use_code(&self, user_id: &str, typed: &str, now: Timestamp) -> Result<(), AuthError> {
        let Some(Typed::Code(code)) = Typed::parse(typed) else { return Err(WRONG) };
        let use_up = |stored: &mut Stored| {
            stored.used = stored.secret.step_of(&code, stored.used, now)?;
            Some(())
        };
        self.change(user_id, now, use_up).await
    }

    /// Returns the record without a recovery code, and how many codes are left. The caller stores it in place of the one
    /// that was read, so that no other request can use the code (CC-03).
    ///
    /// # Errors
    /// `SecondStep` if the code is wrong or was used.
    pub(crate) fn without_recovery_code(
        &self,
        records: &UserRecords,
        typed: &str,
        now: Timestamp,
    ) -> Result<(UserRecord, usize), AuthError> {
        let Some(Typed::RecoveryCode(code)) = Typed::parse(typed) else { return Err(WRONG) };
        let record = records.get(SECOND_STEP, now).ok_or(WRONG)?;
        let (mut stored, hash) = (self.opened(record)?, recovery_codes::hashed(&code));
        let place = stored.recovery_codes.iter().position(|known| *known == hash).ok_or(WRONG)?;
        stored.recovery_codes.remove(place);
        let left = stored.recovery_codes.len();
        Ok((UserRecord { value: self.stored.close(&stored), ..record.clone() }, left))
    }

    /// Returns the record that turns two-factor authentication on, and the recovery codes. The user's code confirms that the
    /// authenticator app has the secret.
    ///
    /// # Errors
    /// `SecondStep` if the code is wrong.
    pub(crate) fn turn_on(
        &self,
        setup: &Setup,
        code: &str,
        now: Timestamp,
    ) -> Result<(UserRecord, Vec<String>), AuthError> {
        let (Some(secret), Some(Typed::Code(code))) = (setup.secret(), Typed::parse(code)) else {
            return Err(WRONG);
        };
        let used = secret.step_of(&code, 0, now).ok_or(WRONG)?;
        let codes = recovery_codes::new();
        let stored = Stored {
            user: setup.user.clone(),
            secret: secret.clone(),
            // This code is on the screen, perhaps also on somebody's camera: it does not sign in as well.
            used,
            recovery_codes: codes.iter().map(|code| recovery_codes::hashed(code)).collect(),
            codes_made: now.as_millis(),
        };
        let record = UserRecord {
            user_id: setup.user.clone(),
            kind: SECOND_STEP.to_owned(),
            id: String::new(),
            value: self.stored.close(&stored),
            created: now,
            expires: None,
        };
        Ok((record, codes))
    }

    /// Returns the record with new recovery codes that replace all old ones, and the codes.
    pub(crate) fn new_recovery_codes(
        &self,
        records: &UserRecords,
        now: Timestamp,
    ) -> Result<(UserRecord, Vec<String>), AuthError> {
        let record = records.get(SECOND_STEP, now).ok_or(WRONG)?;
        let (mut stored, codes) = (self.opened(record)?, recovery_codes::new());
        stored.recovery_codes = codes.iter().map(|code| recovery_codes::hashed(code)).collect();
        stored.codes_made = now.as_millis();
        Ok((UserRecord { value: self.stored.close(&stored), ..record.clone() }, codes))
    }

    /// Revokes recovery codes created at this time or later, because an attacker may have them. The authenticator app keeps
    /// working.
    pub(crate) async fn drop_recovery_codes(
        &self,
        user_id: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        if !self.is_on(&UserRecords::of(&*self.adapter, user_id).await?, now) {
            return Ok(());
        }
        let drop = |stored: &mut Stored| {
            if stored.codes_made >= since.as_millis() {
                stored.recovery_codes.clear();
            }
            Some(())
        };
        self.change(user_id, now, drop).await
    }

    /// Removes trusted devices and pending two-factor sign-ins. A first factor that is now revoked must be entered again.
    pub(crate) async fn forget(&self, user_id: &str) -> Result<(), AuthError> {
        let records = UserRecords::of(&*self.adapter, user_id).await?;
        for change in forgotten(&records) {
            self.adapter.change_user(user_id, &[change]).await?;
        }
        Ok(())
    }

    /// What its owner sees of a second step that is on.
    ///
    /// # Errors
    /// `Configuration` when it cannot be read.
    pub(crate) fn in_use(
        &self,
        records: &UserRecords,
        new_codes: Option<Vec<String>>,
        now: Timestamp,
    ) -> Result<Option<SecondStepInUse>, AuthError> {
        let Some(record) = records.get(SECOND_STEP, now) else { return Ok(None) };
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Some(SecondStepInUse {
            since: record.created.to_rfc3339(),
            recovery_codes_left: count(self.opened(record)?.recovery_codes.len()),
            remembered_devices: count(records.all(REMEMBERED_DEVICE, now).count()),
            new_codes: new_codes.unwrap_or_default(),
        }))
    }

    /// Changes what is stored, unless `change` says no: against what was read, so that of two requests one wins.
    async fn change<T>(
        &self,
        user_id: &str,
        now: Timestamp,
        change: impl Fn(&mut Stored) -> Option<T>,
    ) -> Result<T, AuthError> {
        for _ in 0..ATTEMPTS {
            let records = UserRecords::of(&*self.adapter, user_id).await?;
            let record = records.get(SECOND_STEP, now).ok_or(WRONG)?;
            let mut stored = self.opened(record)?;
            let result = change(&mut stored).ok_or(WRONG)?;
            // Encrypted anew by the newest secret.
            let changed = UserRecord { value: self.stored.close(&stored), ..record.clone() };
            if self.adapter.put_user_record(&changed, Some(&record.value)).await? {
                return Ok(result);
            }
        }
        Err(WRONG)
    }

    /// A record that cannot be read lets nobody in: then the secret that it was encrypted by is gone.
    fn opened(&self, record: &UserRecord) -> Result<Stored, AuthError> {
        let stored = self.stored.open::<Stored>(&record.value).filter(|stored| stored.user == record.user_id);
        stored.ok_or_else(|| {
            AuthError::Configuration("a second step cannot be read: was AUTH_SECRET replaced?".into())
        })
    }
}

impl Typed {
    fn parse(typed: &str) -> Option<Self> {
        let code = text::code(typed, 7);
        if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Code(code));
        }
        recovery_codes::is_one(typed).then(|| Self::RecoveryCode(typed.to_owned()))
    }
}

/// Keys for one purpose, for what is JSON inside.
struct Seal(TokenKeys);

impl Seal {
    fn close(&self, content: &impl Serialize) -> String {
        self.0.encrypt(&serde_json::to_vec(content).unwrap_or_default())
    }

    fn open<T: DeserializeOwned>(&self, sealed: &str) -> Option<T> {
        serde_json::from_slice(&self.0.decrypt(sealed)?).ok()
    }
}

/// Five bits a character, the first bit first. Nothing is left over of 10 or 20 bytes.
fn base32(alphabet: &[u8; 32], bytes: &[u8]) -> String {
    let digits = bytes.chunks(5).flat_map(|chunk| {
        let number = chunk.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| (number >> (5 * place) & 31) as usize)
    });
    digits.map(|digit| char::from(alphabet[digit])).collect()
}
