//! HMAC with SHA-256 (RFC 7518 section 3.2) by a client secret. Not josekit's: that wants secrets of 32 bytes, which
//! services do not keep to, and compares signatures byte by byte until one differs.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::secret::Secret;

/// The signature.
pub(super) fn sign(secret: &Secret, message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.expose().as_bytes()) else {
        return Vec::new();
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// The payload of a compact JWS that the secret has signed. An empty secret signs nothing.
pub(super) fn payload(secret: &Secret, token: &str) -> Option<Vec<u8>> {
    let (message, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let is_good = bool::from(sign(secret, message.as_bytes()).ct_eq(&signature));
    let (_, payload) = message.split_once('.')?;
    (is_good && !secret.expose().is_empty()).then(|| URL_SAFE_NO_PAD.decode(payload).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with npm `jose` 6.
    #[test]
    fn a_jws_opens_with_its_secret_and_no_other() {
        let secret = Secret::new("secret");
        let message = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0";
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(sign(&secret, message.as_bytes())));
        assert_eq!(payload(&secret, &token).as_deref(), Some(br#"{"sub":"1"}"#.as_slice()), "control");
        assert_eq!(payload(&Secret::new("secret2"), &token), None);
        assert_eq!(payload(&Secret::new(""), &format!("{message}.")), None);
        let empty = Secret::new("");
        let unsigned = format!("{message}.{}", URL_SAFE_NO_PAD.encode(sign(&empty, message.as_bytes())));
        assert_eq!(payload(&empty, &unsigned), None, "an empty secret");
        for broken in ["", ".", "..", "a.b", &format!("{message}."), &token[..token.len() - 1]] {
            assert_eq!(payload(&secret, broken), None, "{broken}");
        }
    }
}
