//! The ID token is checked in full (OpenID Connect Core 1.0 section 3.1.3.7): signature, issuer, audience,
//! authorized party, times, nonce and, if present, the hash of the access token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    jwk::Jwk,
    jws::{self, ES256, ES384, ES512, EdDSA, JwsVerifier, PS256, PS384, PS512, RS256, RS384, RS512},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{LEEWAY_SECONDS, hs256, is_past, tenant};
use crate::{clock::Timestamp, error::Source, hash, secret::Secret};

/// So much may the clocks of the provider, of the server where a sign-in began, and of the one where it ends be apart
/// for a token to seem older than the sign-in.
const OLDEST_SECONDS: i64 = 8 * 60;

/// What the token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    /// Whether the issuer is a template for those of many tenants.
    pub(super) is_template: bool,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// When the sign-in began, in seconds. A token with its nonce was made after that.
    pub(super) begun: i64,
    pub(super) access_token: &'a str,
    pub(super) now: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// A header brings no key of its own (ID-04), is not encrypted or packed, and has no extension that we would overlook.
/// Other members mean nothing and are passed over (RFC 7515 section 4): FusionAuth and others have some.
const FORBIDDEN: [&str; 8] = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "enc", "zip"];

#[derive(Deserialize)]
struct Claims {
    iss: String,
    /// The tenant, where an issuer has many.
    tid: Option<Value>,
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
    // Who a token says that it is from is compared below, after its signature.
    let issuer = unverified_issuer(token);
    let may_sign = |key: &&Jwk| {
        !expected.is_template
            || issuer.as_deref().is_some_and(|issuer| tenant::may_sign(key, expected.issuer, issuer))
    };
    let keys: Vec<Jwk> = keys.iter().filter(may_sign).cloned().collect();
    let payload = verify_signature(token, &header.alg, &keys)?;
    read_claims(&payload, &header.alg, expected)
}

/// Whether a token says that a shared secret has signed it.
pub(super) fn is_hs256(token: &str) -> bool {
    header(token).is_ok_and(|header| header.alg == "HS256")
}

/// The same for a provider that signs with our secret. No key of the provider is looked at, so a public one cannot
/// stand in for the secret (ID-03).
pub(super) fn verify_hs256(token: &str, secret: &Secret, expected: &Expected<'_>) -> Result<Value, Source> {
    let header = read_header(token, &["HS256".to_owned()], &["JWT"])?;
    let payload = hs256::payload(secret, token).ok_or("our secret does not verify the token's signature")?;
    read_claims(&payload, &header.alg, expected)
}

fn read_claims(payload: &[u8], algorithm: &str, expected: &Expected<'_>) -> Result<Value, Source> {
    let claims: Claims = serde_json::from_slice(payload).map_err(|_| "the ID token lacks a claim")?;
    check(&claims, algorithm, expected)?;
    Ok(serde_json::from_slice(payload)?)
}

/// What the token says of its own signature, if that is acceptable: `algorithms` are the ones that the provider
/// says it signs with, `types` the kinds of token that are expected here, if it names its kind.
pub(super) fn read_header(token: &str, algorithms: &[String], types: &[&str]) -> Result<Header, Source> {
    let header = header(token)?;
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

fn header(token: &str) -> Result<Header, Source> {
    let encoded = token.split('.').next().unwrap_or_default();
    let json = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| "the token is not a JWS")?;
    let header: Header = serde_json::from_slice(&json).map_err(|_| "the token's header is not acceptable")?;
    if FORBIDDEN.iter().any(|name| header.others.contains_key(*name)) {
        return Err("the token's header is not acceptable".into());
    }
    Ok(header)
}

fn unverified_issuer(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims["iss"].as_str().map(str::to_owned)
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
    let tenant = claims.tid.as_ref().and_then(Value::as_str);
    let issuer = match expected.is_template {
        true => tenant.and_then(|tenant| tenant::issuer(expected.issuer, tenant)),
        false => Some(expected.issuer.to_owned()),
    };
    if issuer.as_ref() != Some(&claims.iss) {
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
