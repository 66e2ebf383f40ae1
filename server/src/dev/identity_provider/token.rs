//! A code becomes tokens (RFC 6749 section 4.1.3; OpenID Connect Core 1.0 section 3.1.3).

use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header};
use leptos_auth::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{IdentityProvider, ProviderState, grant::Grant, parameters::Parameters};
use crate::body;

const ID_TOKEN_SECONDS: i64 = 5 * 60;

/// `POST /token`.
pub async fn token(State(state): State<ProviderState>, headers: HeaderMap, body: Body) -> Response {
    let Ok(form) = body::read(body).await else { return refuse("invalid_request") };
    let Some(form) = Parameters::parse(&form) else { return refuse("invalid_request") };
    if !state.provider.client.is_authenticated(&headers, &form) {
        return refuse("invalid_client");
    }
    if form.get("grant_type") != Some("authorization_code") {
        return refuse("unsupported_grant_type");
    }
    // Taken before it is looked at: a code that was shown with a wrong verifier is spent.
    let grant = form.get("code").and_then(|code| state.provider.grants.take(code));
    match grant.filter(|grant| is_for(grant, &form)).and_then(|grant| tokens(&state.provider, &grant)) {
        Some(tokens) => ([(header::CACHE_CONTROL, "no-store")], Json(tokens)).into_response(),
        None => refuse("invalid_grant"),
    }
}

/// The same redirect_uri, and the verifier whose hash came with the request (RFC 7636 section 4.6).
fn is_for(grant: &Grant, form: &Parameters) -> bool {
    let verifier = form.get("code_verifier").unwrap_or_default();
    form.get("redirect_uri") == Some(grant.request.redirect_uri.as_str())
        && (43..=128).contains(&verifier.len())
        && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == grant.request.code_challenge
}

fn tokens(provider: &IdentityProvider, grant: &Grant) -> Option<Value> {
    let access_token = provider.grants.issue_token(grant.persona);
    let now = SystemClock.now().as_seconds();
    let half_hash = URL_SAFE_NO_PAD.encode(&Sha256::digest(&access_token)[..16]);
    let mut claims = json!({
        "iss": provider.issuer,
        "sub": grant.persona.id,
        "aud": provider.client.id,
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
        "auth_time": now,
        "at_hash": half_hash,
    });
    if let Some(nonce) = &grant.request.nonce {
        claims["nonce"] = json!(nonce);
    }
    Some(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": ID_TOKEN_SECONDS,
        "scope": grant.request.scope,
        "id_token": provider.key.sign(&claims)?,
    }))
}

fn refuse(error: &str) -> Response {
    let status = if error == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    tracing::debug!(error, "the development provider refused a token request");
    (status, [(header::CACHE_CONTROL, "no-store")], Json(json!({ "error": error }))).into_response()
}
