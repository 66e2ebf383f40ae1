//! Health checks for load balancers and orchestrators. No response reveals anything about the site or its users (LG-10).

use std::time::Duration;

use axum::extract::State;
use http::{HeaderName, HeaderValue, StatusCode, header};
use leptos_auth::Auth;

/// `GET /health`: the process answers. Restart it when it does not.
pub async fn live() -> &'static str {
    "ok\n"
}

/// `GET /ready`: succeeds if every database accepts writes. Do not route users here otherwise: a sign-in is a write, and
/// a database that became read-only in a failover still answers reads.
pub async fn ready(State(auth): State<Auth>) -> Result<&'static str, Unavailable> {
    match tokio::time::timeout(Duration::from_secs(2), auth.ping()).await {
        Ok(Ok(())) => Ok("ok\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            Err(UNAVAILABLE)
        }
        Err(_) => {
            tracing::warn!("not ready: the store did not answer in time");
            Err(UNAVAILABLE)
        }
    }
}

/// 503, and when to ask again.
type Unavailable = (StatusCode, [(HeaderName, HeaderValue); 1], &'static str);

const UNAVAILABLE: Unavailable = (
    StatusCode::SERVICE_UNAVAILABLE,
    [(header::RETRY_AFTER, HeaderValue::from_static("5"))],
    "unavailable\n",
);
