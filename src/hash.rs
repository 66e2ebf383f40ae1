//! SHA-256 and comparing: the hashes that stand in the database or in a cookie in place of a secret value.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::random::{to_hex, to_uuid};

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
