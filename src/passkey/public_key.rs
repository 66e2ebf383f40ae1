//! The public half of a passkey: a COSE key (RFC 9052 section 7, RFC 9053), and the check of a signature with it.
//!
//! Three algorithms, which all platforms and security keys have between them. A key says its algorithm itself; it was
//! asked for by us, and nothing in a later sign-in can change it.

use openssl::{
    bn::BigNum,
    ec::{EcGroup, EcKey},
    error::ErrorStack,
    hash::MessageDigest,
    nid::Nid,
    pkey::{Id, PKey, Public},
    rsa::Rsa,
    sign::Verifier,
};

use super::cbor::{Reader, Value};

/// What we ask for, the best first: ES256, EdDSA, RS256 (IANA COSE Algorithms).
pub(super) const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

// Labels of a key (RFC 9052 table 4), and of its parameters (RFC 9053 tables 17 to 20, RFC 8230 table 4).
const KEY_TYPE: i64 = 1;
const ALGORITHM: i64 = 3;
const CURVE_OR_N: i64 = -1;
const X_OR_E: i64 = -2;
const Y: i64 = -3;

// Values of those labels.
const OKP: i64 = 1;
const EC2: i64 = 2;
const RSA: i64 = 3;
const P256: i64 = 1;
const ED25519: i64 = 6;

/// Sizes of an RSA key in bytes: 2048 to 4096 bits, so that one check stays cheap.
const RSA_SIZES: std::ops::RangeInclusive<usize> = 256..=512;

/// A key that signatures are checked with.
pub(super) struct PublicKey {
    key: PKey<Public>,
    /// Ed25519 has a hash of its own.
    digest: Option<MessageDigest>,
}

impl PublicKey {
    /// From the bytes of a COSE key. `None` for any other algorithm, a point that is not on its curve, or odd sizes.
    pub(super) fn parse(cose: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(cose);
        let key = reader.numbered_map().filter(|_| reader.is_at_end())?;
        let integer = |label| match key.get(&label) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        };
        let bytes = |label| match key.get(&label) {
            Some(Value::Bytes(bytes)) => Some(*bytes),
            _ => None,
        };
        let curve = integer(CURVE_OR_N);
        let (key, digest) = match (integer(KEY_TYPE)?, integer(ALGORITHM)?) {
            (EC2, ES256) if curve == Some(P256) => {
                (p256(bytes(X_OR_E)?, bytes(Y)?)?, Some(MessageDigest::sha256()))
            }
            (OKP, EDDSA) if curve == Some(ED25519) => {
                (PKey::public_key_from_raw_bytes(bytes(X_OR_E)?, Id::ED25519).ok()?, None)
            }
            (RSA, RS256) => (rsa(bytes(CURVE_OR_N)?, bytes(X_OR_E)?)?, Some(MessageDigest::sha256())),
            _ => return None,
        };
        Some(Self { key, digest })
    }

    /// Whether the private half signed the message.
    pub(super) fn verifies(&self, signature: &[u8], message: &[u8]) -> bool {
        let check = || -> Result<bool, ErrorStack> {
            let mut verifier = match self.digest {
                Some(digest) => Verifier::new(digest, &self.key)?,
                None => Verifier::new_without_digest(&self.key)?,
            };
            verifier.verify_oneshot(signature, message)
        };
        // A signature that cannot even be read is an error to OpenSSL.
        check().unwrap_or(false)
    }
}

/// OpenSSL checks that the point is on the curve.
fn p256(x: &[u8], y: &[u8]) -> Option<PKey<Public>> {
    if x.len() != 32 || y.len() != 32 {
        return None;
    }
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).ok()?;
    let (x, y) = (BigNum::from_slice(x).ok()?, BigNum::from_slice(y).ok()?);
    PKey::from_ec_key(EcKey::from_public_key_affine_coordinates(&group, &x, &y).ok()?).ok()
}

fn rsa(n: &[u8], e: &[u8]) -> Option<PKey<Public>> {
    if !RSA_SIZES.contains(&n.len()) || e.len() > 4 {
        return None;
    }
    let (n, e) = (BigNum::from_slice(n).ok()?, BigNum::from_slice(e).ok()?);
    PKey::from_rsa(Rsa::from_public_components(n, e).ok()?).ok()
}
