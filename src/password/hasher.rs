//! Hashes passwords with Argon2id (RFC 9106) at the parameters of the OWASP Password Storage Cheat Sheet, off the
//! threads that answer requests, and never more at once than there are cores.
//!
//! Rule: whoever comes when the queue is full is sent away with 503. So a flood of sign-ins costs at most 19 MiB for each
//! core, and reading sessions stays fast meanwhile (DS-06). A hash from elsewhere that needs more memory takes the places
//! of several, so the bound holds for those as well, up to what one of them may need at all.
//!
//! A name that nobody has, and a user without a password, cost the same hash (CR-04).

use std::{num::NonZero, sync::Arc, thread};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use tokio::sync::Semaphore;

use super::{Password, stored::StoredHash};
use crate::{error::AuthError, random};

/// KiB.
pub(super) const MEMORY: u32 = 19 * 1024;
pub(super) const PASSES: u32 = 2;
pub(super) const LANES: u32 = 1;
const SALT_LENGTH: usize = 16;
const HASH_LENGTH: usize = 32;

/// Makes and checks hashes.
pub(crate) struct Hasher {
    /// One permit for each core.
    cores: Arc<Semaphore>,
    core_count: u32,
    /// One permit for each that is hashed or waits.
    places: Arc<Semaphore>,
    /// What is checked where there is no hash: no password fits it.
    decoy: String,
}

/// What a check has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is not the password, or there is none.
    Wrong,
    /// It is.
    Right,
    /// It is, and the hash should be made anew: it is from elsewhere, or from other times.
    RightButOld,
}

impl Hasher {
    /// `queue` is how many may wait.
    pub(crate) fn new(queue: usize) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            core_count: u32::try_from(cores).unwrap_or(u32::MAX),
            places: Arc::new(Semaphore::new(cores + queue)),
            decoy: phc(&random::bytes(), &random::bytes()),
        }
    }

    /// The hash to keep, as a PHC string, with a salt of its own.
    ///
    /// # Errors
    /// [`AuthError::Busy`] when too many wait.
    pub(crate) async fn hash(&self, password: &Password) -> Result<String, AuthError> {
        let text = password.normalised();
        self.run(MEMORY, move || hash(&text)).await?
    }

    /// Whether that is the password; always at the price of a hash.
    ///
    /// # Errors
    /// [`AuthError::Busy`] when too many wait.
    pub(crate) async fn verify(
        &self,
        password: &Password,
        stored: Option<&str>,
    ) -> Result<Verdict, AuthError> {
        let known = stored.and_then(|stored| {
            let parsed = StoredHash::parse(stored);
            if parsed.is_none() {
                tracing::error!("a stored password hash cannot be read, so its user cannot sign in by it");
            }
            parsed
        });
        let decoy = || StoredHash::parse(&self.decoy);
        let (is_known, Some(hash)) = (known.is_some(), known.or_else(decoy)) else {
            return Ok(Verdict::Wrong);
        };
        let text = password.normalised();
        let as_typed = password.as_typed(&text);
        let (is_current, memory) = (hash.is_current(), hash.memory());
        let fits = move || hash.fits(&text) || as_typed.is_some_and(|text| hash.fits(&text));
        Ok(match self.run(memory, fits).await? {
            true if is_known && is_current => Verdict::Right,
            true if is_known => Verdict::RightButOld,
            _ => Verdict::Wrong,
        })
    }

    /// Runs what takes a core, and that much memory in KiB, when its turn comes.
    async fn run<T: Send + 'static>(
        &self,
        memory: u32,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| AuthError::Busy)?;
        let weight = memory.div_ceil(MEMORY).clamp(1, self.core_count);
        let core = self.cores.clone().acquire_many_owned(weight).await.map_err(|_| AuthError::Busy)?;
        // The permits go along: a person who gives up does not make room before the core is free again.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, core);
            work()
        });
        done.await.map_err(|error| AuthError::Configuration(error.into()))
    }
}

fn hash(password: &str) -> Result<String, AuthError> {
    let salt: [u8; SALT_LENGTH] = random::bytes();
    let mut hash = [0; HASH_LENGTH];
    let params = Params::new(MEMORY, PASSES, LANES, Some(HASH_LENGTH));
    let made = params.and_then(|params| {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(password.as_bytes(), &salt, &mut hash)
    });
    made.map_err(|error| AuthError::Configuration(error.to_string().into()))?;
    Ok(phc(&salt, &hash))
}

/// The form in which it is kept: see the PHC string format.
fn phc(salt: &[u8; SALT_LENGTH], hash: &[u8; HASH_LENGTH]) -> String {
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}${salt}${hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap()
    }

    #[tokio::test]
    async fn cr_08_hashes_are_argon2id_and_salted() {
        let hasher = Hasher::new(4);
        let (a, b) =
            (hasher.hash(&password("correct horse")).await, hasher.hash(&password("correct horse")).await);
        let (a, b) = (a.unwrap(), b.unwrap());
        assert!(a.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && a != b);
        for stored in [&a, &b] {
            assert_eq!(
                hasher.verify(&password("correct horse"), Some(stored)).await.unwrap(),
                Verdict::Right
            );
            assert_eq!(
                hasher.verify(&password("correct horsf"), Some(stored)).await.unwrap(),
                Verdict::Wrong
            );
        }
    }

    #[tokio::test]
    async fn cr_04_no_hash_and_no_readable_hash_fit_nothing() {
        let hasher = Hasher::new(4);
        for stored in [None, Some(""), Some("$"), Some("garbage"), Some("$argon2id$v=19$m=19456,t=2,p=1$$")] {
            for typed in ["", "garbage", "correct horse"] {
                assert_eq!(
                    hasher.verify(&password(typed), stored).await.unwrap(),
                    Verdict::Wrong,
                    "{stored:?}"
                );
            }
        }
    }

    #[tokio::test]
    async fn cr_06_two_ways_to_write_one_text_are_one_password() {
        let hasher = Hasher::new(4);
        let stored = hasher.hash(&password("cafe\u{301} cr\u{e8}me ﬁ")).await.unwrap();
        for same in ["caf\u{e9} cre\u{300}me fi", "cafe\u{301} cr\u{e8}me ﬁ"] {
            assert_eq!(hasher.verify(&password(same), Some(&stored)).await.unwrap(), Verdict::Right);
        }
        assert_eq!(hasher.verify(&password("cafe creme fi"), Some(&stored)).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn ds_06_who_finds_the_queue_full_is_sent_away() {
        let hasher = Hasher::new(2);
        let room = hasher.core_count as usize + 2;
        let (blocking, typed) = (room + 7, password("correct horse"));
        let tries = (0..blocking).map(|_| hasher.verify(&typed, None));
        let answers = futures_util::future::join_all(tries).await;
        let busy = answers.iter().filter(|answer| matches!(answer, Err(AuthError::Busy))).count();
        assert_eq!(busy, 7);
        assert_eq!(hasher.verify(&typed, None).await.unwrap(), Verdict::Wrong, "and there is room again");
    }
}
