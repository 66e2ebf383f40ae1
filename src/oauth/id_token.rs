//! Verifies an ID token completely (OpenID Connect Core 1.0 section 3.1.3.7): signature, issuer, audience, authorized
//! party, times, nonce and, if present, the hash of the access token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{
    LEEWAY_SECONDS, hs256, is_past,
    jwks::Key,
    members::{self, MemberError, Members, text, time},
    tenant,
};
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

/// The header of a token.
pub(super) struct Header {
    alg: String,
    kid: Option<String>,
}

/// A header brings no key of its own (ID-04), is not encrypted or packed, and has no extension that we would overlook.
/// Other members mean nothing and are passed over (RFC 7515 section 4): FusionAuth and others have some.
const FORBIDDEN: [&str; 8] = ["jwk", "jku", "x5u", "x5c", "crit", "b64", "enc", "zip"];

const DOCUMENT: &str = "ID token";

/// The claims that are checked.
struct Claims<'c> {
    iss: &'c str,
    /// The tenant, where an issuer has many.
    tid: Option<&'c str>,
    aud: Audience<'c>,
    azp: Option<&'c str>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: &'c str,
    at_hash: Option<&'c str>,
}

/// The audience of a token: one client, or a list (RFC 7519 section 4.1.3).
pub(super) enum Audience<'a> {
    One(&'a str),
    Many(Vec<&'a str>),
}

impl<'a> Audience<'a> {
    /// Returns `None` if the value is neither a string nor a list of strings.
    pub(super) fn read(value: &'a Value) -> Option<Self> {
        match value {
            Value::String(audience) => Some(Self::One(audience)),
            Value::Array(list) => list.iter().map(Value::as_str).collect::<Option<_>>().map(Self::Many),
            _ => None,
        }
    }

    pub(super) fn contains(&self, client_id: &str) -> bool {
        match self {
            Self::One(audience) => *audience == client_id,
            Self::Many(audiences) => audiences.contains(&client_id),
        }
    }
}

impl<'c> Claims<'c> {
    fn read(claims: &'c Map<String, Value>) -> Result<Self, MemberError> {
        let members = Members::new(DOCUMENT, claims);
        // A string, never a number (ID-11).
        members.required("sub", text)?;
        Ok(Self {
            iss: members.required("iss", text)?,
            tid: members.text("tid"),
            aud: members.required("aud", Audience::read)?,
            azp: members.checked("azp", text)?,
            exp: members.required("exp", time)?,
            iat: members.required("iat", time)?,
            nbf: members.checked("nbf", time)?,
            nonce: members.required("nonce", text)?,
            // An empty value means the same as none, which the code flow allows (section 3.1.3.6).
            at_hash: members.checked("at_hash", text)?.filter(|at_hash| !at_hash.is_empty()),
        })
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

/// Returns which keys may sign the token. If an issuer has many tenants, some keys belong to one of them.
pub(super) fn may_sign(token: &str, expected: &Expected<'_>) -> impl Fn(&Key) -> bool {
    // The issuer that the token names is compared later, after its signature was verified.
    let template = expected.is_template.then(|| (expected.issuer.to_owned(), unverified_issuer(token)));
    move |key| match &template {
        None => true,
        Some((template, Some(issuer))) => tenant::may_sign(key.issuer.as_deref(), template, issuer),
        Some((_, None)) => false,
    }
}

/// Whether a token says that a shared secret has signed it.
pub(super) fn is_hs256(token: &str) -> bool {
    header(token).is_ok_and(|header| header.get("alg").and_then(Value::as_str) == Some("HS256"))
}

/// The same for a provider that signs with our secret. No key of the provider is looked at, so a public one cannot
/// stand in for the secret (ID-03).
pub(super) fn verify_hs256(
    token: &str,
    secret: &Secret,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, Source> {
    let header = read_header(token, &["HS256".to_owned()], &["JWT"])?;
    let payload = hs256::payload(secret, token).ok_or("our secret does not verify the token's signature")?;
    verify_claims(&payload, &header, expected)
}

/// Returns the claims of a token whose signature is valid, if it is meant for us and this sign-in, and has not expired.
pub(super) fn verify_claims(
    payload: &[u8],
    header: &Header,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, Source> {
    let claims = members::object(DOCUMENT, payload)?;
    check(&Claims::read(&claims)?, &header.alg, expected)?;
    Ok(claims)
}

/// What the token says of its own signature, if that is acceptable: `algorithms` are the ones that the provider
/// says it signs with, `types` the kinds of token that are expected here, if it names its kind.
pub(super) fn read_header(token: &str, algorithms: &[String], types: &[&str]) -> Result<Header, Source> {
    let header = header(token)?;
    let members = Members::new("token's header", &header);
    // An access token (`at+jwt`) or logout token must not pass for an ID token (ID-17).
    let is_expected = |typ: &str| types.iter().any(|expected| typ.eq_ignore_ascii_case(expected));
    if members.checked("typ", text)?.is_some_and(|typ| !is_expected(typ)) {
        return Err("the token is of another type than is expected here".into());
    }
    let alg = members.required("alg", text)?.to_owned();
    if !algorithms.contains(&alg) {
        return Err("the token is signed with an algorithm that the provider does not name".into());
    }
    Ok(Header { alg, kid: members.text("kid").map(str::to_owned) })
}

fn header(token: &str) -> Result<Map<String, Value>, Source> {
    let encoded = token.split('.').next().unwrap_or_default();
    let json = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| "the token is not a JWS")?;
    let header = members::object("token's header", &json)?;
    if FORBIDDEN.iter().any(|name| header.contains_key(*name)) {
        return Err("the token's header is not acceptable".into());
    }
    Ok(header)
}

/// Returns the claims of a token without verifying its signature.
fn unverified(token: &str) -> Option<Map<String, Value>> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    members::object(DOCUMENT, &payload).ok()
}

fn unverified_issuer(token: &str) -> Option<String> {
    unverified(token)?.get("iss")?.as_str().map(str::to_owned)
}

/// Whether the ID token that came with a refresh speaks of the same person as the first one (OpenID Connect Core 1.0
/// section 12.2).
///
/// It came from the token endpoint itself and gives nobody a session, so its signature adds nothing (section 3.1.3.7,
/// point 6).
pub(super) fn is_same_person(first: &str, next: &str, client_id: &str) -> bool {
    let (Some(first), Some(next)) = (unverified(first), unverified(next)) else { return false };
    let is_same = |name| {
        let first = Members::new(DOCUMENT, &first).text(name);
        first.is_some() && first == Members::new(DOCUMENT, &next).text(name)
    };
    let audience = next.get("aud").and_then(Audience::read);
    is_same("iss") && is_same("sub") && audience.is_some_and(|audience| audience.contains(client_id))
}

fn check(claims: &Claims<'_>, algorithm: &str, expected: &Expected<'_>) -> Result<(), Source> {
    let issuer = match expected.is_template {
        true => claims.tid.and_then(|tenant| tenant::issuer(expected.issuer, tenant)),
        false => Some(expected.issuer.to_owned()),
    };
    if issuer.as_deref() != Some(claims.iss) {
        return Err("the ID token is of another issuer".into());
    }
    // Several audiences are trusted only if the token was issued to us (section 3.1.3.7, points 3 to 5).
    let needs_party = matches!(&claims.aud, Audience::Many(audiences) if audiences.len() > 1);
    let is_audience = claims.aud.contains(expected.client_id) && (!needs_party || claims.azp.is_some());
    if !is_audience || claims.azp.is_some_and(|party| party != expected.client_id) {
        return Err("the ID token is for another client".into());
    }
    if !hash::equal(claims.nonce, expected.nonce) {
        return Err("the ID token's nonce is of another attempt".into());
    }
    check_times(claims, expected)?;
    match claims.at_hash {
        Some(at_hash) if !hash::equal(at_hash, &half_hash(algorithm, expected.access_token)) => {
            Err("the ID token's at_hash is of another access token".into())
        }
        _ => Ok(()),
    }
}

/// A token that seems expired, from the future, or older than the sign-in that it belongs to, is most often a token of a
/// machine whose clock is wrong, or ours is (SK-02).
fn check_times(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), Source> {
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
