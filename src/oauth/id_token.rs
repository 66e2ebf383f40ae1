//! The ID token is checked in full (OpenID Connect Core 1.0 section 3.1.3.7): signature, issuer, audience,
//! authorized party, times, nonce and, if present, the hash of the access token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    jwk::Jwk,
    jws::{self, ES256, ES384, ES512, EdDSA, JwsVerifier, PS256, PS384, PS512, RS256, RS384, RS512},
};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{LEEWAY_SECONDS, is_past};
use crate::{clock::Timestamp, error::Source, hash};

/// So much may the clocks of the provider, of the server where a sign-in began, and of the one where it ends be apart
/// for a token to seem older than the sign-in.
const OLDEST_SECONDS: i64 = 8 * 60;

/// What the token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// When the sign-in began, in seconds. A token with its nonce was made after that.
    pub(super) begun: i64,
    pub(super) access_token: &'a str,
    pub(super) now: Timestamp,
}

/// Only these members, so a header can bring no key of its own (`jwk`, `jku`, `x5u`, `x5c`: ID-04) and no
/// extension that we would overlook (`crit`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(rename = "x5t")]
    _x5t: Option<String>,
    #[serde(rename = "x5t#S256")]
    _x5t_s256: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    /// A text, never a number (ID-11).
    #[serde(rename = "sub")]
    _sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: String,
    at_hash: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(super) fn contains(&self, client_id: &str) -> bool {
        match self {
            Self::One(audience) => audience == client_id,
            Self::Many(audiences) => audiences.iter().any(|audience| audience == client_id),
        }
    }
}

impl Header {
    pub(super) fn key_id(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(super) fn algorithm(&self) -> &str {
        &self.alg
    }
}

/// The claims of a token that is genuine, for us, for this attempt and of now.
pub(super) fn verify(
    token: &str,
    header: &Header,
    keys: &[Jwk],
    expected: &Expected<'_>,
) -> Result<Value, Source> {
    let payload = verify_signature(token, &header.alg, keys)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| "the ID token lacks a claim")?;
    check(&claims, &header.alg, expected)?;
    Ok(serde_json::from_slice(&payload)?)
}

/// What the token says of its own signature, if that is acceptable: `algorithms` are the ones that the provider
/// says it signs with, `types` the kinds of token that are expected here, if it names its kind.
pub(super) fn read_header(token: &str, algorithms: &[String], types: &[&str]) -> Result<Header, Source> {
    let encoded = token.split('.').next().unwrap_or_default();
    let json = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| "the token is not a JWS")?;
    let header: Header = serde_json::from_slice(&json).map_err(|_| "the token's header is not acceptable")?;
    // An access token (`at+jwt`) or logout token must not pass for an ID token (ID-17).
    let is_expected = |typ: &str| types.iter().any(|expected| typ.eq_ignore_ascii_case(expected));
    if header.typ.as_deref().is_some_and(|typ| !is_expected(typ)) {
        return Err("the token is of another type than is expected here".into());
    }
    if !algorithms.contains(&header.alg) {
        return Err("the token is signed with an algorithm that the provider does not name".into());
    }
    Ok(header)
}

/// Whether the ID token that came with a refresh speaks of the same person as the first one (OpenID Connect Core 1.0
/// section 12.2).
///
/// It came from the token endpoint itself and gives nobody a session, so its signature adds nothing (section 3.1.3.7,
/// point 6).
pub(super) fn is_same_person(first: &str, next: &str, client_id: &str) -> bool {
    #[derive(Deserialize)]
    struct Claims {
        iss: String,
        sub: String,
        aud: Audience,
    }
    let claims = |token: &str| {
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        serde_json::from_slice::<Claims>(&payload).ok()
    };
    match (claims(first), claims(next)) {
        (Some(first), Some(next)) => {
            first.iss == next.iss && first.sub == next.sub && next.aud.contains(client_id)
        }
        _ => false,
    }
}

/// The payload, if exactly one of the keys verifies it.
pub(super) fn verify_signature(token: &str, algorithm: &str, keys: &[Jwk]) -> Result<Vec<u8>, Source> {
    let mut payloads = keys
        .iter()
        .filter_map(|key| verifier(algorithm, key))
        .filter_map(|verifier| jws::deserialize_compact(token, &*verifier).ok());
    match (payloads.next(), payloads.next()) {
        (Some((payload, _)), None) => Ok(payload),
        _ => Err("no key of the provider verifies the token's signature".into()),
    }
}

/// Asymmetric algorithms only: with a shared secret, or `none`, a public value could sign.
fn verifier(algorithm: &str, key: &Jwk) -> Option<Box<dyn JwsVerifier>> {
    fn boxed<V: JwsVerifier + 'static, E>(verifier: Result<V, E>) -> Option<Box<dyn JwsVerifier>> {
        verifier.ok().map(|verifier| Box::new(verifier) as Box<dyn JwsVerifier>)
    }
    // The key id was matched already; josekit would refuse a token without one.
    let mut key = key.clone();
    let _ = key.set_parameter("kid", None);
    match algorithm {
        "RS256" => boxed(RS256.verifier_from_jwk(&key)),
        "RS384" => boxed(RS384.verifier_from_jwk(&key)),
        "RS512" => boxed(RS512.verifier_from_jwk(&key)),
        "PS256" => boxed(PS256.verifier_from_jwk(&key)),
        "PS384" => boxed(PS384.verifier_from_jwk(&key)),
        "PS512" => boxed(PS512.verifier_from_jwk(&key)),
        "ES256" => boxed(ES256.verifier_from_jwk(&key)),
        "ES384" => boxed(ES384.verifier_from_jwk(&key)),
        "ES512" => boxed(ES512.verifier_from_jwk(&key)),
        "EdDSA" => boxed(EdDSA.verifier_from_jwk(&key)),
        _ => None,
    }
}

fn check(claims: &Claims, algorithm: &str, expected: &Expected<'_>) -> Result<(), Source> {
    if claims.iss != expected.issuer {
        return Err("the ID token is of another issuer".into());
    }
    // Several audiences are trusted only if the token was issued to us (section 3.1.3.7, points 3 to 5).
    let needs_party = matches!(&claims.aud, Audience::Many(audiences) if audiences.len() > 1);
    let is_audience = claims.aud.contains(expected.client_id) && (!needs_party || claims.azp.is_some());
    if !is_audience || claims.azp.as_ref().is_some_and(|party| party != expected.client_id) {
        return Err("the ID token is for another client".into());
    }
    if !hash::equal(&claims.nonce, expected.nonce) {
        return Err("the ID token's nonce is of another attempt".into());
    }
    check_times(claims, expected)?;
    match &claims.at_hash {
        Some(at_hash) if !hash::equal(at_hash, &half_hash(algorithm, expected.access_token)) => {
            Err("the ID token's at_hash is of another access token".into())
        }
        _ => Ok(()),
    }
}

/// A token that seems expired, from the future, or older than the sign-in that it belongs to, is most often a token of a
/// machine whose clock is wrong, or ours is (SK-02).
fn check_times(claims: &Claims, expected: &Expected<'_>) -> Result<(), Source> {
    let now = expected.now;
    let latest = now.as_seconds() + LEEWAY_SECONDS;
    if is_past(claims.exp, now) {
        return Err("the ID token has expired: compare the clocks".into());
    }
    if claims.iat > latest || claims.nbf.is_some_and(|nbf| nbf > latest) {
        return Err("the ID token is from the future: compare the clocks".into());
    }
    if claims.iat.saturating_add(OLDEST_SECONDS) < expected.begun {
        return Err("the ID token is older than the sign-in: compare the clocks".into());
    }
    Ok(())
}

/// The left half of the access token's hash (section 3.1.3.6), with the hash of the signature.
fn half_hash(algorithm: &str, access_token: &str) -> String {
    let hash = match algorithm.get(2..) {
        Some("256") => Sha256::digest(access_token).to_vec(),
        Some("384") => Sha384::digest(access_token).to_vec(),
        _ => Sha512::digest(access_token).to_vec(),
    };
    URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
}
