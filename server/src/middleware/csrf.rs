//! Rejects cross-site requests that use our visitor's cookies (CSRF).
//!
//! The rules:
//! 1. A request that may change something (any method but GET, HEAD, OPTIONS) must not come from another site, according to
//!    the browser's `Sec-Fetch-Site` and `Origin` (`Auth::is_same_origin` has the exact rule).
//! 2. Server functions use no CSRF token, so the browser must send one of these headers. This also applies to reads: their
//!    responses are only for our own pages.
//! 3. Server functions accept forms only. Other sites use other content types to get requests past a form check.
//!
//! `/api/auth` is left to the core, which applies rule 1 and also requires a token.
//!
//! tower-http's `csrf` layer is not used: it compares `Origin` with the `Host` header, but here only `AUTH_URL` defines our
//! origin; it also lacks rule 2.

use axum::response::Response;
use http::{HeaderMap, Method, StatusCode, header};
use leptos_auth::Auth;

use crate::{error_page, state::AppState};

/// Where server functions live: see `app/src/server_fn`.
const FUNCTIONS: &str = "/api/fn/";

/// The answer to a request that must not be done.
pub async fn refusal(state: &AppState, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
    let status = status(&state.auth, method, path, headers)?;
    // A page of another site cannot make a browser send one of our bearer tokens, and cookies are ignored beside it. An
    // invalid token exempts from nothing, because a proxy may add it to every request.
    let status = match state.auth.has_bearer_session(headers).await {
        Ok(true) => return None,
        Ok(false) => status,
        Err(error) => {
            tracing::error!(%error, "cannot check bearer token");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    tracing::warn!(%status, "cross-site request refused");
    Some(error_page::answer(state, status, error_page::wanted(headers), None))
}

/// Returns the error status for a request that breaks a rule.
fn status(auth: &Auth, method: &Method, path: &str, headers: &HeaderMap) -> Option<StatusCode> {
    let is_read = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let is_function = path.starts_with(FUNCTIONS);
    if path.starts_with("/api/auth/") || (is_read && !is_function) {
        return None;
    }
    if !auth.is_same_origin(headers) {
        return Some(StatusCode::FORBIDDEN);
    }
    if is_read || !is_function {
        return None;
    }
    let is_known_origin = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    if !is_known_origin {
        return Some(StatusCode::FORBIDDEN);
    }
    (!is_form(headers)).then_some(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

fn is_form(headers: &HeaderMap) -> bool {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
