//! The floor of `cargo xtask bench`: bare axum handlers that do the least a server can do. Rule: no
//! middleware, no state but the keys; `/jwe` and `/jwe-read` work on the same token as the real server.

use std::error::Error;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use leptos_auth::{Secret, jwt::TokenKeys};
use serde::{Deserialize, Serialize};

const COOKIE: &str = "authjs.session-token";
const MAX_AGE: u64 = 30 * 24 * 60 * 60;

/// The claims of a session token.
#[derive(Serialize, Deserialize)]
struct Claims {
    name: Option<String>,
    email: Option<String>,
    picture: Option<String>,
    sub: String,
    iat: u64,
    exp: u64,
    jti: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (secret, port) = (std::env::var("AUTH_SECRET")?, std::env::var("PORT")?);
    let keys = Arc::new(TokenKeys::derive(&[Secret::new(secret)], COOKIE));
    let router = Router::new()
        .route("/json", get(|| async { json("null".to_owned()) }))
        .route("/jwe-read", get(read))
        .route("/jwe", get(read_and_issue))
        .with_state(keys);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn read(State(keys): State<Arc<TokenKeys>>, headers: HeaderMap) -> Response {
    match claims(&keys, &headers) {
        Some(claims) => json(session(&claims)),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

async fn read_and_issue(State(keys): State<Arc<TokenKeys>>, headers: HeaderMap) -> Response {
    let Some(mut claims) = claims(&keys, &headers) else { return StatusCode::UNAUTHORIZED.into_response() };
    claims.iat = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs());
    claims.exp = claims.iat + MAX_AGE;
    let token = keys.encrypt(&serde_json::to_vec(&claims).unwrap_or_default());
    let cookie = format!("{COOKIE}={token}; Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax");
    let Ok(cookie) = HeaderValue::from_str(&cookie) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    ([(header::SET_COOKIE, cookie)], json(session(&claims))).into_response()
}

fn claims(keys: &TokenKeys, headers: &HeaderMap) -> Option<Claims> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let token = cookies.split("; ").find_map(|cookie| cookie.strip_prefix(COOKIE)?.strip_prefix('='))?;
    serde_json::from_slice(&keys.decrypt(token)?).ok()
}

fn session(claims: &Claims) -> String {
    let user = serde_json::json!({ "id": claims.sub, "name": claims.name, "email": claims.email });
    format!(r#"{{"user":{user},"expires":"{}"}}"#, claims.exp)
}

fn json(body: String) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
