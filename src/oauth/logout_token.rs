//! The logout token by which a provider ends a session without the browser (OpenID Connect Back-Channel Logout 1.0
//! section 2.4), checked in full (section 2.6): signature, issuer, audience, times, event, and that it is no ID token.

use josekit::jwk::Jwk;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    LEEWAY_SECONDS,
    id_token::{Audience, Header, verify_signature},
    is_past,
};
use crate::{clock::Timestamp, error::Source};

/// The types that its header may name.
pub(super) const TYPES: [&str; 2] = ["logout+jwt", "JWT"];

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Older ones are refused. Less than the time for which a used one is remembered.
const MAX_AGE_SECONDS: i64 = 10 * 60;

/// Whom a logout token means.
pub(crate) struct LogoutToken {
    /// The provider's id of the person.
    pub(crate) subject: Option<String>,
    /// Unique: the token works once.
    pub(crate) id: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    iat: i64,
    exp: i64,
    jti: String,
    events: Map<String, Value>,
    sub: Option<String>,
    sid: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// What a genuine token for us says.
pub(super) fn verify(
    token: &str,
    header: &Header,
    keys: &[Jwk],
    issuer: &str,
    client_id: &str,
    now: Timestamp,
) -> Result<LogoutToken, Source> {
    let payload = verify_signature(token, header.algorithm(), keys)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| "the logout token lacks a claim")?;
    if claims.iss != issuer || !claims.aud.contains(client_id) {
        return Err("the logout token is of another issuer or for another client".into());
    }
    if claims.iat > now.as_seconds() + LEEWAY_SECONDS {
        return Err("the logout token is from the future: compare the clocks".into());
    }
    if is_past(claims.exp, now) || is_past(claims.iat.saturating_add(MAX_AGE_SECONDS), now) {
        return Err("the logout token is too old: compare the clocks".into());
    }
    if !claims.events.get(EVENT).is_some_and(Value::is_object) {
        return Err("the logout token does not speak of a logout".into());
    }
    // What may not be in it is what an ID token always has here.
    if claims.others.contains_key("nonce") {
        return Err("the logout token has a nonce, as an ID token".into());
    }
    if claims.jti.is_empty() || (claims.sub.is_none() && claims.sid.is_none()) {
        return Err("the logout token names nobody, or not itself".into());
    }
    Ok(LogoutToken { subject: claims.sub, id: claims.jti })
}
