//! Hashing and comparing. SHA-256 replaces a secret value in the database or in a cookie; a keyed hash replaces a name or
//! an address.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    jwt,
    random::{to_hex, to_uuid},
    secret::Secret,
};

/// SHA-256 of the parts, one after the other.
pub(crate) fn sha256(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

/// The same in hexadecimal.
///
/// With a random token of 256 bits as the first part no salt or stretching is needed.
pub(crate) fn sha256_hex(parts: &[&str]) -> String {
    to_hex(&sha256(parts))
}

/// A UUID that follows from the parts and does not lead back to them (RFC 9562 section 5.8).
pub(crate) fn uuid(parts: &[&str]) -> String {
    let mut half = [0; 16];
    half.copy_from_slice(&sha256(parts)[..16]);
    to_uuid(half, 8)
}

/// Whether two secret texts are equal, in a time that does not tell where they differ.
pub(crate) fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// Keyed hashes that replace names and addresses (HMAC-SHA-256, RFC 2104). Names can be guessed, so a plain hash hides
/// nothing from a reader of the database or the log; without the key a reader cannot test a guess.
pub(crate) struct Pseudonyms([u8; 32]);

impl Pseudonyms {
    /// Derives the key from the newest secret. After a change of `AUTH_SECRET` all pseudonyms change: counts start again.
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        const PURPOSE: &str = "authjs.pseudonym";
        Self(jwt::derive(&secrets[0], PURPOSE, "leptos-auth pseudonyms"))
    }

    /// Returns the pseudonym of a value. Pseudonyms of the same value for two purposes cannot be linked.
    pub(crate) fn of(&self, purpose: &str, value: &str) -> Pseudonym {
        let mut half = [0; 16];
        // Cannot fail: HMAC accepts keys of any length.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) {
            mac.update(purpose.as_bytes());
            mac.update(b"\0");
            mac.update(value.as_bytes());
            half.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        }
        Pseudonym(half)
    }

    /// Returns a short pseudonym of a name or an address, for the log and audit rows.
    pub(crate) fn name(&self, name: &str) -> String {
        self.of("name", &name.to_lowercase()).to_string()[..12].to_owned()
    }
}

/// A keyed hash that replaces a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Pseudonym([u8; 16]);

impl Pseudonym {
    /// Returns an index below `length` that cannot be predicted without the key.
    pub(crate) fn index(&self, length: usize) -> usize {
        let mut number = [0; 8];
        number.copy_from_slice(&self.0[..8]);
        let length = u64::try_from(length).unwrap_or(u64::MAX).max(1);
        usize::try_from(u64::from_be_bytes(number) % length).unwrap_or(0)
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}
