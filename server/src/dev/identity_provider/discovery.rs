//! `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 section 3).

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{ProviderState, signing_key::ALGORITHM};

/// The document.
pub async fn discovery(State(state): State<ProviderState>) -> Json<Value> {
    let provider = &state.provider;
    let at = |path: &str| format!("{}/{path}", provider.issuer);
    Json(json!({
        "issuer": provider.issuer,
        "authorization_endpoint": provider.authorization_endpoint,
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("jwks"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["sub", "name", "email", "email_verified"],
        "authorization_response_iss_parameter_supported": true,
    }))
}
