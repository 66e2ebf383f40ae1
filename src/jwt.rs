//! Encrypted tokens as Auth.js v5 writes them: compact JWE (RFC 7516), `alg: dir`, `enc: A256CBC-HS512`.
//!
//! The key is derived from AUTH_SECRET with HKDF and the *purpose* as salt (for the session: the cookie's name), so a token
//! made for one purpose is invalid for any other. Keys are derived once, at startup.
//! The header must equal one that we write, or contain only `alg`, `enc` and `kid`: `zip`, `crit`, `jwk`, `jku`, `p2c` and
//! any other algorithm are rejected before a key is used.

mod a256cbc_hs512;
mod numeric_date;
mod session_tokens;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha512};

use crate::secret::Secret;
use a256cbc_hs512::ContentKey;

pub(crate) use numeric_date::NumericDate;
pub use session_tokens::{CodecError, TokenCodec, TokenForm, TokenSettings};
pub(crate) use session_tokens::{SessionTokens, pem_blocks, signers};

/// Longer tokens are not looked at: a cookie header cannot carry them.
const MAX_TOKEN_LENGTH: usize = 32 * 1024;

/// The keys for one purpose: the first encrypts, all decrypt (secret rotation).
pub struct TokenKeys {
    keys: Vec<TokenKey>,
}

struct TokenKey {
    content_key: ContentKey,
    key_id: String,
    /// The protected header as this key writes it, in base64url.
    header: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'t> {
    alg: &'t str,
    enc: &'t str,
    kid: Option<&'t str>,
}

impl TokenKeys {
    /// Derives one key for each secret.
    ///
    /// `salt` names the purpose; Auth.js uses the cookie's name.
    #[must_use]
    pub fn derive(secrets: &[Secret], salt: &str) -> Self {
        Self { keys: secrets.iter().map(|secret| TokenKey::derive(secret, salt)).collect() }
    }

    /// Encrypts a payload with the newest key.
    #[must_use]
    pub fn encrypt(&self, payload: &[u8]) -> String {
        let key = &self.keys[0];
        let sealed = key.content_key.seal(key.header.as_bytes(), payload);
        let mut token = String::with_capacity(key.header.len() + 72 + sealed.ciphertext.len() * 4 / 3 + 4);
        token.push_str(&key.header);
        token.push_str("..");
        URL_SAFE_NO_PAD.encode_string(sealed.iv, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&sealed.ciphertext, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(sealed.tag, &mut token);
        token
    }

    /// The payload, or `None` for anything that was not encrypted with one of these keys.
    ///
    /// There is one answer for every defect, so nothing can be learned from it.
    #[must_use]
    pub fn decrypt(&self, token: &str) -> Option<Vec<u8>> {
        if token.len() > MAX_TOKEN_LENGTH {
            return None;
        }
        let mut parts = token.split('.');
        let (header, encrypted_key) = (parts.next()?, parts.next()?);
        let (iv, ciphertext, tag) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || !encrypted_key.is_empty() {
            return None;
        }
        let mut iv_bytes = [0; 16];
        let mut tag_bytes = [0; 32];
        decode_exact(iv, &mut iv_bytes)?;
        decode_exact(tag, &mut tag_bytes)?;
        let ciphertext = URL_SAFE_NO_PAD.decode(ciphertext).ok()?;
        self.candidates(header)?.find_map(|key| {
            key.content_key.open(header.as_bytes(), &iv_bytes, ciphertext.clone(), &tag_bytes)
        })
    }

    /// The keys that a header may mean: by `kid`, or all of them when it names none.
    fn candidates(&self, header: &str) -> Option<Box<dyn Iterator<Item = &TokenKey> + '_>> {
        if let Some(key) = self.keys.iter().find(|key| key.header == header) {
            return Some(Box::new(std::iter::once(key)));
        }
        let json = URL_SAFE_NO_PAD.decode(header).ok()?;
        let header: Header = serde_json::from_slice(&json).ok()?;
        if header.alg != "dir" || header.enc != "A256CBC-HS512" {
            return None;
        }
        let key_id = header.kid.map(str::to_owned);
        Some(Box::new(self.keys.iter().filter(move |key| key_id.as_ref().is_none_or(|id| *id == key.key_id))))
    }
}

impl TokenKey {
    fn derive(secret: &Secret, salt: &str) -> Self {
        let info = format!("Auth.js Generated Encryption Key ({salt})");
        let key = derive(secret, salt, &info);
        let key_id = thumbprint(&key);
        let header = format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","kid":"{key_id}"}}"#);
        Self { content_key: ContentKey::new(&key), key_id, header: URL_SAFE_NO_PAD.encode(header) }
    }
}

/// A key for one purpose (HKDF, RFC 5869).
pub(crate) fn derive<const LENGTH: usize>(secret: &Secret, salt: &str, info: &str) -> [u8; LENGTH] {
    let mut key = [0; LENGTH];
    // Cannot fail: far below HKDF's limit of 255 hashes (section 2.3).
    let _ = Hkdf::<Sha256>::new(Some(salt.as_bytes()), secret.expose().as_bytes())
        .expand(info.as_bytes(), &mut key);
    key
}

/// RFC 7638 thumbprint of an `oct` key, with SHA-512.
fn thumbprint(key: &[u8; 64]) -> String {
    let jwk = format!(r#"{{"k":"{}","kty":"oct"}}"#, URL_SAFE_NO_PAD.encode(key));
    URL_SAFE_NO_PAD.encode(Sha512::digest(jwk))
}

fn decode_exact(text: &str, bytes: &mut [u8]) -> Option<()> {
    (URL_SAFE_NO_PAD.decode_slice(text, bytes).ok()? == bytes.len()).then_some(())
}

#[cfg(test)]
mod tests;
