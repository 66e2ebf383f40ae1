//! The public keys (RFC 7517).

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::ProviderState;

/// The set.
pub async fn jwks(State(state): State<ProviderState>) -> Json<Value> {
    Json(json!({ "keys": [state.provider.key.public()] }))
}
