//! Who an access token speaks for (OpenID Connect Core 1.0 section 5.3). In a code flow the name and the address are
//! told here, and the ID token says only who it is (section 5.4).

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::ProviderState;

/// The person.
pub async fn userinfo(State(state): State<ProviderState>, headers: HeaderMap) -> Response {
    let token =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match token.and_then(|token| state.provider.grants.persona(token)) {
        Some(persona) => Json(json!({
            "sub": persona.id,
            "name": persona.name,
            "email": persona.email,
            "email_verified": true,
        }))
        .into_response(),
        None => (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")])
            .into_response(),
    }
}
