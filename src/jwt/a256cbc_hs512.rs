//! The content encryption `A256CBC-HS512` (RFC 7518 section 5.2.5): AES-256-CBC with PKCS #7 padding, then
//! HMAC-SHA-512 over header, IV, ciphertext and header length, cut to 32 bytes.
//!
//! Written here on the RustCrypto ciphers because this runs on every request: see
//! docs/decisions/0003-session-token-crypto.md for what josekit costs instead. josekit checks it in the tests.

use aes::{
    Aes256Dec, Aes256Enc,
    cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit, block_padding::Pkcs7},
};
use cbc::{Decryptor, Encryptor};
use hmac::{Hmac, Mac};
use sha2::Sha512;
use subtle::ConstantTimeEq;

use crate::random;

/// The prepared halves of a 64-byte key: the first authenticates, the second encrypts.
pub(super) struct ContentKey {
    mac: Hmac<Sha512>,
    encrypt: Aes256Enc,
    decrypt: Aes256Dec,
}

/// What one encryption yields.
pub(super) struct Sealed {
    pub(super) iv: [u8; 16],
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: [u8; 32],
}

impl ContentKey {
    pub(super) fn new(key: &[u8; 64]) -> Self {
        let (mac_key, cipher_key) = key.split_at(32);
        let mut half = [0; 32];
        half.copy_from_slice(cipher_key);
        let mut mac = [0; 128];
        // HMAC pads shorter keys with zeros to the block (RFC 2104 section 2), so this is the same key.
        mac[..32].copy_from_slice(mac_key);
        Self {
            mac: <Hmac<Sha512> as KeyInit>::new(&mac.into()),
            encrypt: Aes256Enc::new(&half.into()),
            decrypt: Aes256Dec::new(&half.into()),
        }
    }

    /// Encrypts under a fresh random IV.
    pub(super) fn seal(&self, header: &[u8], payload: &[u8]) -> Sealed {
        let iv = random::bytes::<16>();
        let ciphertext =
            Encryptor::inner_iv_init(self.encrypt.clone(), &iv.into()).encrypt_padded_vec::<Pkcs7>(payload);
        let tag = self.tag(header, &iv, &ciphertext);
        Sealed { iv, ciphertext, tag }
    }

    /// Decrypts; `None` unless the tag fits. The tag is checked first, so padding tells nothing.
    pub(super) fn open(
        &self,
        header: &[u8],
        iv: &[u8; 16],
        mut ciphertext: Vec<u8>,
        tag: &[u8; 32],
    ) -> Option<Vec<u8>> {
        if !bool::from(self.tag(header, iv, &ciphertext).ct_eq(tag)) {
            return None;
        }
        let length = Decryptor::inner_iv_init(self.decrypt.clone(), &(*iv).into())
            .decrypt_padded::<Pkcs7>(&mut ciphertext)
            .ok()?
            .len();
        ciphertext.truncate(length);
        Some(ciphertext)
    }

    fn tag(&self, header: &[u8], iv: &[u8; 16], ciphertext: &[u8]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        mac.update(header);
        mac.update(iv);
        mac.update(ciphertext);
        mac.update(&(header.len() as u64 * 8).to_be_bytes());
        let mut tag = [0; 32];
        tag.copy_from_slice(&mac.finalize().into_bytes()[..32]);
        tag
    }
}
