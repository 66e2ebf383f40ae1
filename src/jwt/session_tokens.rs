//! The token of stateless sessions in every form that Auth.js has had, and in signed and asymmetric ones: one form is
//! written, that and any listed others are read, so a site moves from one to another without signing anybody out.
//!
//! Rule: a header may hold only the members listed in [`Header`], and its algorithms must be exactly those of an accepted
//! form, before any key is touched. So a token chooses neither its algorithm (RFC 8725 section 3.1) nor its key (`jwk`,
//! `jku`, `x5u`), is never unpacked (`zip`) and never makes us derive one (`p2c`).

use std::{fmt, str::FromStr, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use josekit::{
    JoseError,
    jwe::{self, Dir, ECDH_ES, JweDecrypter, JweEncrypter, JweHeader, RSA_OAEP_256},
    jwk::KeyPair,
    jws::{
        self, ES256, ES384, ES512, EdDSA, JwsHeader, JwsSigner, JwsVerifier, PS256, PS384, PS512, RS256,
        RS384, RS512,
    },
};
use serde::Deserialize;
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use super::{MAX_TOKEN_LENGTH, TokenKeys, derive};
use crate::{error::Source, secret::Secret};

/// 16 and 12 bytes in base64url (RFC 7518 section 5.3).
const GCM_TAG_LENGTH: usize = 22;
const GCM_IV_LENGTH: usize = 16;

/// A form of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenForm {
    /// `dir` and `A256CBC-HS512`, the default. Auth.js v5 reads `A256GCM` under the same derivation too, and so do we.
    AuthJsV5,
    /// `dir` and `A256GCM`, as NextAuth.js v4.
    AuthJsV4,
    /// Signed by `AUTH_SECRET`, readable by everybody. `HS512` is the form of NextAuth.js v3.
    Hmac(&'static str),
    /// Signed by `AUTH_JWT_PRIVATE_KEY`, readable by everybody, checked by whoever has the public key.
    Signed(&'static str),
    /// Encrypted for `AUTH_JWT_PRIVATE_KEY` with content encryption `A256GCM`.
    Encrypted(&'static str),
}

/// The names by which configuration calls the forms.
const FORMS: [(&str, TokenForm); 18] = [
    ("authjs-v5", TokenForm::AuthJsV5),
    ("authjs-v4", TokenForm::AuthJsV4),
    ("authjs-v3", TokenForm::Hmac("HS512")),
    ("HS256", TokenForm::Hmac("HS256")),
    ("HS384", TokenForm::Hmac("HS384")),
    ("HS512", TokenForm::Hmac("HS512")),
    ("RS256", TokenForm::Signed("RS256")),
    ("RS384", TokenForm::Signed("RS384")),
    ("RS512", TokenForm::Signed("RS512")),
    ("PS256", TokenForm::Signed("PS256")),
    ("PS384", TokenForm::Signed("PS384")),
    ("PS512", TokenForm::Signed("PS512")),
    ("ES256", TokenForm::Signed("ES256")),
    ("ES384", TokenForm::Signed("ES384")),
    ("ES512", TokenForm::Signed("ES512")),
    ("EdDSA", TokenForm::Signed("EdDSA")),
    ("RSA-OAEP-256", TokenForm::Encrypted("RSA-OAEP-256")),
    ("ECDH-ES", TokenForm::Encrypted("ECDH-ES")),
];

impl FromStr for TokenForm {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        FORMS.iter().find(|(known, _)| *known == name).map(|(_, form)| *form).ok_or(())
    }
}

/// Encodes and decodes session tokens in a form of your own, as the `encode` and `decode` options of Auth.js do.
///
/// It replaces all other forms. Whoever can make `decode` return claims is signed in as whom they name, so it must prove
/// that this application has written them. Expiry and revocation are checked by the caller.
///
/// ```
/// use leptos_auth::{CodecError, Secret, TokenCodec, jwt::TokenKeys};
///
/// /// Our tokens begin with a mark, for a proxy that sorts requests.
/// struct Marked(TokenKeys);
///
/// impl TokenCodec for Marked {
///     fn encode(&self, claims: &[u8]) -> Result<String, CodecError> {
///         Ok(format!("mark.{}", self.0.encrypt(claims)))
///     }
///
///     fn decode(&self, token: &str) -> Option<Vec<u8>> {
///         self.0.decrypt(token.strip_prefix("mark.")?)
///     }
/// }
///
/// let codec = Marked(TokenKeys::derive(&[Secret::new("from the environment, 32 bytes or more")], "marked"));
/// let token = codec.encode(b"{}").unwrap();
/// assert_eq!(codec.decode(&token).unwrap(), b"{}");
/// assert!(codec.decode("mark.forged").is_none());
/// ```
pub trait TokenCodec: Send + Sync + 'static {
    /// The token for claims (JSON): characters that a cookie may hold.
    ///
    /// # Errors
    /// When there is no token: the sign-in fails, and the reason goes to the log.
    fn encode(&self, claims: &[u8]) -> Result<String, CodecError>;

    /// The claims of a token that this codec has written; `None` for everything else.
    fn decode(&self, token: &str) -> Option<Vec<u8>>;
}

/// Why there is no token.
pub type CodecError = Box<dyn std::error::Error + Send + Sync>;

/// What configuration says of session tokens.
#[derive(Clone, Debug, Default)]
pub struct TokenSettings {
    /// The form that is written. `AUTH_JWT_FORM`, `authjs-v5`.
    pub write: Option<TokenForm>,
    /// Forms that are read besides. `AUTH_JWT_ACCEPT`.
    pub accept: Vec<TokenForm>,
    /// PEM: the first one writes, all read. `AUTH_JWT_PRIVATE_KEY`.
    pub private_keys: Vec<Secret>,
    /// PEM: keys whose signatures are accepted besides. `AUTH_JWT_PUBLIC_KEY`.
    pub public_keys: Vec<String>,
}

/// Reads and writes session tokens.
pub(crate) struct SessionTokens {
    write: Codec,
    read: Vec<Codec>,
}

enum Codec {
    AuthJsV5(TokenKeys),
    Jwe(Jwe),
    Hmac(Hmacs),
    Jws(Jws),
    Own(Arc<dyn TokenCodec>),
}

struct Jwe {
    algorithm: &'static str,
    encrypter: Box<dyn JweEncrypter>,
    /// Without ids: which one fits is tried, of few.
    decrypters: Vec<Box<dyn JweDecrypter>>,
}

/// Not josekit's: that compares signatures byte by byte until one differs, which tells how many were right.
struct Hmacs {
    algorithm: &'static str,
    /// The first one writes.
    keys: Vec<[u8; 64]>,
}

struct Jws {
    algorithm: &'static str,
    /// None where there is a public key only: then tokens are read, not written.
    signer: Option<Box<dyn JwsSigner>>,
    verifiers: Vec<Box<dyn JwsVerifier>>,
}

/// The only members that a header may have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    enc: Option<String>,
    #[serde(rename = "kid")]
    _kid: Option<String>,
    #[serde(rename = "typ")]
    _typ: Option<String>,
    /// The ephemeral public key of `ECDH-ES` (RFC 7518 section 4.6.1.1).
    epk: Option<serde_json::Value>,
}

impl SessionTokens {
    /// Prepares all keys. `salt` is the name of the session cookie, from which Auth.js v5 derives its key.
    ///
    /// # Errors
    /// One sentence, when a key is missing or does not fit its form.
    pub(crate) fn new(settings: &TokenSettings, secrets: &[Secret], salt: &str) -> Result<Self, String> {
        let write = settings.write.unwrap_or(TokenForm::AuthJsV5);
        let codec = |form: TokenForm| {
            Codec::new(form, settings, secrets, salt).map_err(|error| format!("{} {error}", form))
        };
        let mut read = Vec::new();
        for form in settings.accept.iter().filter(|form| **form != write) {
            read.push(codec(*form)?);
        }
        if write == TokenForm::AuthJsV5 || settings.accept.contains(&TokenForm::AuthJsV5) {
            let info = format!("Auth.js Generated Encryption Key ({salt})");
            read.push(gcm(secrets, salt, &info).map_err(|error| error.to_string())?);
        }
        let write_codec = codec(write)?;
        match &write_codec {
            Codec::Jws(Jws { signer: None, .. }) => {
                Err(format!("{write} needs AUTH_JWT_PRIVATE_KEY to sign"))
            }
            _ => Ok(Self { write: write_codec, read }),
        }
    }

    /// Tokens of the application's own form, and no other.
    pub(crate) fn own(codec: Arc<dyn TokenCodec>) -> Self {
        Self { write: Codec::Own(codec), read: Vec::new() }
    }

    /// The token for these claims (JSON).
    pub(crate) fn encode(&self, claims: &[u8]) -> Result<String, Source> {
        self.write.encode(claims)
    }

    /// The claims of a token in an accepted form; there is one answer for every defect.
    pub(crate) fn decode(&self, token: &str) -> Option<Vec<u8>> {
        if token.len() > MAX_TOKEN_LENGTH {
            return None;
        }
        self.write.decode(token).or_else(|| self.read.iter().find_map(|codec| codec.decode(token)))
    }
}

impl Codec {
    fn new(
        form: TokenForm,
        settings: &TokenSettings,
        secrets: &[Secret],
        salt: &str,
    ) -> Result<Self, KeyProblem> {
        let private_keys = || settings.private_keys.iter().map(Secret::expose);
        Ok(match form {
            TokenForm::AuthJsV5 => Self::AuthJsV5(TokenKeys::derive(secrets, salt)),
            TokenForm::AuthJsV4 => gcm(secrets, "", "NextAuth.js Generated Encryption Key")?,
            TokenForm::Hmac(algorithm) => {
                let key = |secret| derive(secret, "", "NextAuth.js Generated Signing Key");
                Self::Hmac(Hmacs { algorithm, keys: secrets.iter().map(key).collect() })
            }
            TokenForm::Signed(algorithm) => {
                let mut signer = None;
                let mut verifiers = Vec::new();
                for key in private_keys() {
                    let (own, verifier) = signer_of(algorithm, key)?;
                    verifiers.push(verifier);
                    signer.get_or_insert(own);
                }
                for key in &settings.public_keys {
                    verifiers.push(verifier_of(algorithm, key.as_bytes())?);
                }
                if verifiers.is_empty() {
                    return Err(KeyProblem::NoKey);
                }
                Self::Jws(Jws { algorithm, signer, verifiers })
            }
            TokenForm::Encrypted(algorithm) => {
                let mut pairs = Vec::new();
                for key in private_keys() {
                    pairs.push(key_pair_of(algorithm, key)?);
                }
                let mut pairs = pairs.into_iter();
                let (encrypter, first) = pairs.next().ok_or(KeyProblem::NoKey)?;
                let decrypters =
                    std::iter::once(first).chain(pairs.map(|(_, decrypter)| decrypter)).collect();
                Self::Jwe(Jwe { algorithm, encrypter, decrypters })
            }
        })
    }

    fn encode(&self, claims: &[u8]) -> Result<String, Source> {
        match self {
            Self::AuthJsV5(keys) => Ok(keys.encrypt(claims)),
            Self::Jwe(Jwe { encrypter, .. }) => {
                let mut header = JweHeader::new();
                header.set_content_encryption("A256GCM");
                Ok(jwe::serialize_compact(claims, &header, &**encrypter)?)
            }
            Self::Jws(Jws { signer, .. }) => {
                let signer = signer.as_ref().ok_or("there is no key to sign with")?;
                Ok(jws::serialize_compact(claims, &JwsHeader::new(), &**signer)?)
            }
            Self::Hmac(hmacs) => {
                let key = hmacs.keys.first().ok_or("there is no secret")?;
                let header = format!(r#"{{"alg":"{}"}}"#, hmacs.algorithm);
                let mut token =
                    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
                let signature = hmacs.signature(key, token.as_bytes());
                token.push('.');
                URL_SAFE_NO_PAD.encode_string(signature, &mut token);
                Ok(token)
            }
            Self::Own(codec) => codec.encode(claims),
        }
    }

    fn decode(&self, token: &str) -> Option<Vec<u8>> {
        let is_acceptable = |algorithm: &str, encryption: Option<&str>| {
            let json = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
            let header: Header = serde_json::from_slice(&json).ok()?;
            let is_as_expected = header.alg == algorithm
                && header.enc.as_deref() == encryption
                && (header.epk.is_none() || algorithm == "ECDH-ES");
            is_as_expected.then_some(())
        };
        match self {
            Self::AuthJsV5(keys) => keys.decrypt(token),
            Self::Jwe(Jwe { algorithm, decrypters, .. }) => {
                is_acceptable(algorithm, Some("A256GCM"))?;
                // OpenSSL checks as many bytes of the tag as there are; one byte would be guessed in 256 tries.
                let (rest, tag) = token.rsplit_once('.')?;
                let iv = rest.split('.').nth(2)?;
                if tag.len() != GCM_TAG_LENGTH || iv.len() != GCM_IV_LENGTH {
                    return None;
                }
                let mut opened =
                    decrypters.iter().map(|decrypter| jwe::deserialize_compact(token, &**decrypter));
                opened.find_map(Result::ok).map(|(claims, _)| claims)
            }
            Self::Jws(Jws { algorithm, verifiers, .. }) => {
                is_acceptable(algorithm, None)?;
                let mut opened =
                    verifiers.iter().map(|verifier| jws::deserialize_compact(token, &**verifier));
                opened.find_map(Result::ok).map(|(claims, _)| claims)
            }
            Self::Hmac(hmacs) => {
                is_acceptable(hmacs.algorithm, None)?;
                let (input, signature) = token.rsplit_once('.')?;
                let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
                let is_good =
                    |key: &[u8; 64]| bool::from(hmacs.signature(key, input.as_bytes()).ct_eq(&signature));
                let (_, claims) = input.split_once('.')?;
                hmacs.keys.iter().any(is_good).then(|| URL_SAFE_NO_PAD.decode(claims).ok())?
            }
            Self::Own(codec) => codec.decode(token),
        }
    }
}

impl Hmacs {
    fn signature(&self, key: &[u8; 64], input: &[u8]) -> Vec<u8> {
        fn sign<M: Mac + KeyInit>(key: &[u8; 64], input: &[u8]) -> Vec<u8> {
            // HMAC takes keys of any length.
            let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
            mac.update(input);
            mac.finalize().into_bytes().to_vec()
        }
        match self.algorithm {
            "HS256" => sign::<Hmac<Sha256>>(key, input),
            "HS384" => sign::<Hmac<Sha384>>(key, input),
            _ => sign::<Hmac<Sha512>>(key, input),
        }
    }
}

impl fmt::Display for TokenForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(FORMS.iter().find(|(_, form)| form == self).map_or("", |(name, _)| *name))
    }
}

/// Why keys cannot be prepared. josekit's own words could repeat a part of a key, so they are left out.
enum KeyProblem {
    NoKey,
    Jose,
}

impl From<JoseError> for KeyProblem {
    fn from(_: JoseError) -> Self {
        Self::Jose
    }
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoKey => "needs a key",
            Self::Jose => "cannot use a key: it is not PEM, or of another kind or too small for this form",
        })
    }
}

/// `dir` with `A256GCM`, of which each secret has a key.
fn gcm(secrets: &[Secret], salt: &str, info: &str) -> Result<Codec, KeyProblem> {
    let keys: Vec<[u8; 32]> = secrets.iter().map(|secret| derive(secret, salt, info)).collect();
    let mut decrypters: Vec<Box<dyn JweDecrypter>> = Vec::new();
    for key in &keys {
        decrypters.push(Box::new(Dir.decrypter_from_bytes(key)?));
    }
    let encrypter = Box::new(Dir.encrypter_from_bytes(keys.first().ok_or(KeyProblem::NoKey)?)?);
    Ok(Codec::Jwe(Jwe { algorithm: "dir", encrypter, decrypters }))
}

/// Writes and reads.
type SignatureKey = (Box<dyn JwsSigner>, Box<dyn JwsVerifier>);
/// Writes and reads.
type EncryptionKey = (Box<dyn JweEncrypter>, Box<dyn JweDecrypter>);

/// Both halves of a signature key.
fn signer_of(algorithm: &str, pem: &str) -> Result<SignatureKey, KeyProblem> {
    macro_rules! halves {
        ($algorithm:expr) => {{
            let public_key = $algorithm.key_pair_from_pem(pem)?.to_pem_public_key();
            (Box::new($algorithm.signer_from_pem(pem)?), Box::new($algorithm.verifier_from_pem(public_key)?))
        }};
    }
    macro_rules! pss_halves {
        ($algorithm:expr) => {
            match $algorithm.key_pair_from_pem(pem) {
                Ok(_) => halves!($algorithm),
                // An ordinary RSA key, as `openssl genrsa` makes it, signs in this way as well.
                Err(_) => {
                    let pair = RS256.key_pair_from_pem(pem)?;
                    let halves = [pair.to_jwk_private_key(), pair.to_jwk_public_key()];
                    let [private_key, public_key] = halves.map(|mut half| {
                        half.set_algorithm(algorithm);
                        half
                    });
                    (
                        Box::new($algorithm.signer_from_jwk(&private_key)?),
                        Box::new($algorithm.verifier_from_jwk(&public_key)?),
                    )
                }
            }
        };
    }
    Ok(match algorithm {
        "RS256" => halves!(RS256),
        "RS384" => halves!(RS384),
        "RS512" => halves!(RS512),
        "PS256" => pss_halves!(PS256),
        "PS384" => pss_halves!(PS384),
        "PS512" => pss_halves!(PS512),
        "ES256" => halves!(ES256),
        "ES384" => halves!(ES384),
        "ES512" => halves!(ES512),
        _ => halves!(EdDSA),
    })
}

/// What a private key in PEM can sign with, the most usual algorithm first; nothing when it is no such key.
pub(crate) fn signers(pem: &str) -> Vec<(&'static str, Box<dyn JwsSigner>)> {
    let algorithms =
        ["RS256", "PS256", "RS384", "PS384", "RS512", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
    let signer = |algorithm| Some((algorithm, signer_of(algorithm, pem).ok()?.0));
    algorithms.into_iter().filter_map(signer).collect()
}

fn verifier_of(algorithm: &str, pem: &[u8]) -> Result<Box<dyn JwsVerifier>, KeyProblem> {
    Ok(match algorithm {
        "RS256" => Box::new(RS256.verifier_from_pem(pem)?),
        "RS384" => Box::new(RS384.verifier_from_pem(pem)?),
        "RS512" => Box::new(RS512.verifier_from_pem(pem)?),
        "PS256" => Box::new(PS256.verifier_from_pem(pem)?),
        "PS384" => Box::new(PS384.verifier_from_pem(pem)?),
        "PS512" => Box::new(PS512.verifier_from_pem(pem)?),
        "ES256" => Box::new(ES256.verifier_from_pem(pem)?),
        "ES384" => Box::new(ES384.verifier_from_pem(pem)?),
        "ES512" => Box::new(ES512.verifier_from_pem(pem)?),
        _ => Box::new(EdDSA.verifier_from_pem(pem)?),
    })
}

/// Both halves of an encryption key.
fn key_pair_of(algorithm: &str, pem: &str) -> Result<EncryptionKey, KeyProblem> {
    if algorithm == "ECDH-ES" {
        // A curve of NIST, or X25519.
        let public_key = match ECDH_ES.key_pair_from_ec_pem(pem) {
            Ok(pair) => pair.to_pem_public_key(),
            Err(_) => ECDH_ES.key_pair_from_ecx_pem(pem)?.to_pem_public_key(),
        };
        return Ok((
            Box::new(ECDH_ES.encrypter_from_pem(public_key)?),
            Box::new(ECDH_ES.decrypter_from_pem(pem)?),
        ));
    }
    let public_key = RSA_OAEP_256.key_pair_from_pem(pem)?.to_pem_public_key();
    Ok((
        Box::new(RSA_OAEP_256.encrypter_from_pem(public_key)?),
        Box::new(RSA_OAEP_256.decrypter_from_pem(pem)?),
    ))
}

/// The PEM blocks in a text: keys that follow one another, the newest first.
pub(crate) fn pem_blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block = String::new();
    for line in text.lines() {
        if !block.is_empty() || line.starts_with("-----BEGIN ") {
            block.push_str(line);
            block.push('\n');
        }
        if line.starts_with("-----END ") {
            blocks.push(std::mem::take(&mut block));
        }
    }
    blocks
}

#[cfg(test)]
mod tests;
