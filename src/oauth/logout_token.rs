//! Verifies a logout token, with which a provider ends a session without the browser (OpenID Connect Back-Channel Logout
//! 1.0 section 2.4): signature, issuer, audience, times, event, and that it is not an ID token (section 2.6).

use serde_json::Value;

use super::{
    LEEWAY_SECONDS,
    id_token::Audience,
    is_past,
    members::{self, Members, text, time},
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

/// Verifies the claims of a logout token whose signature is valid, and returns its content.
pub(super) fn verify_claims(
    payload: &[u8],
    issuer: &str,
    client_id: &str,
    now: Timestamp,
) -> Result<LogoutToken, Source> {
    const DOCUMENT: &str = "logout token";
    let claims = members::object(DOCUMENT, payload)?;
    let claims = Members::new(DOCUMENT, &claims);
    let audience = claims.required("aud", Audience::read)?;
    if claims.required("iss", text)? != issuer || !audience.contains(client_id) {
        return Err("the logout token is of another issuer or for another client".into());
    }
    let (issued, expires) = (claims.required("iat", time)?, claims.required("exp", time)?);
    if issued > now.as_seconds() + LEEWAY_SECONDS {
        return Err("the logout token is from the future: compare the clocks".into());
    }
    if is_past(expires, now) || is_past(issued.saturating_add(MAX_AGE_SECONDS), now) {
        return Err("the logout token is too old: compare the clocks".into());
    }
    let events = claims.required("events", Value::as_object)?;
    if !events.get(EVENT).is_some_and(Value::is_object) {
        return Err("the logout token does not speak of a logout".into());
    }
    // What may not be in it is what an ID token always has here.
    if claims.contains("nonce") {
        return Err("the logout token has a nonce, as an ID token".into());
    }
    let (id, subject) = (claims.required("jti", text)?, claims.checked("sub", text)?);
    // We do not know the provider's session ids: with only a `sid` the token does not identify a user.
    if id.is_empty() || (subject.is_none() && claims.text("sid").is_none()) {
        return Err("the logout token lacks a subject or an id".into());
    }
    Ok(LogoutToken { subject: subject.map(str::to_owned), id: id.to_owned() })
}
