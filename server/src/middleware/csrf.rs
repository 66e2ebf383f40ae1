//! Requests that another site makes with our visitor's cookies are refused.
//!
//! The rules:
//! 1. What changes something (any method but GET, HEAD, OPTIONS) must not come from another site, as the browser
//!    tells by `Sec-Fetch-Site` and `Origin` (`Auth::is_same_origin` has the exact rule).
//! 2. Server functions carry no token, so there the browser must have said where the request comes from; saying
//!    nothing is not enough. This goes for reading as well: their answers are for our own pages only.
//! 3. Server functions take forms only. Other content types are how other sites smuggle requests past a form check.
//!
//! `/api/auth` is left to the core, which applies rule 1 and asks for a token besides.
//!
//! tower-http's `csrf` layer is not used: it compares `Origin` with the `Host` header, and here only `AUTH_URL` says
//! who we are; it also has no rule 2.

use axum::response::Response;
use http::{HeaderMap, Method, StatusCode, header};
use leptos_auth::Auth;

use crate::{error_page, state::AppState};

/// Where server functions live: see `app/src/server_fn`.
const FUNCTIONS: &str = "/api/fn/";

/// The answer to a request that must not be done.
pub async fn refusal(state: &AppState, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response> {
    let status = status(&state.auth, method, path, headers)?;
    // No page of another site can make a browser send a bearer token of ours, and cookies are not looked at beside it.
    // One that is not ours exempts from nothing: a proxy may add it to every request.
    let status = match state.auth.has_bearer_session(headers).await {
        Ok(true) => return None,
        Ok(false) => status,
        Err(error) => {
            tracing::error!(%error, "a bearer token cannot be checked");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    tracing::warn!(%status, "cross-site request refused");
    Some(error_page::answer(state, status, error_page::wanted(headers), None))
}

/// The status of a request that breaks a rule.
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
