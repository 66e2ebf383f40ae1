//! Reads the session before a page or a server function runs, so that both find it in the request and rendering awaits
//! nothing: the first HTML knows the user.
//!
//! Rule: if the database is unavailable, no user is treated as signed in and none is signed out. The page is rendered as far
//! as possible, with status 503, and cookies stay unchanged (DB-03).

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use leptos_auth_app::session::SessionSnapshot;

use crate::state::AppState;

/// The layer.
pub async fn session(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let (snapshot, set_cookies) = match state.auth.session_at(request.headers(), request.uri().path()).await {
        Ok(read) => (SessionSnapshot::Known(read.session.map(|session| session.typed())), read.set_cookies),
        Err(error) => {
            tracing::error!(%error, "the session cannot be read");
            (SessionSnapshot::Unavailable, Vec::new())
        }
    };
    let is_unavailable_page =
        snapshot == SessionSnapshot::Unavailable && !request.uri().path().starts_with("/api/");
    if !set_cookies.is_empty() {
        state.auth.apply_to_request(&set_cookies, request.headers_mut());
    }
    request.extensions_mut().insert(snapshot);
    let mut response = next.run(request).await;
    set_first(&mut response, set_cookies);
    if is_unavailable_page {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// Sets the renewed cookie in front of the others: what the handler itself sets, a sign-out for example, has the
/// last word.
fn set_first(response: &mut Response, set_cookies: Vec<HeaderValue>) {
    if set_cookies.is_empty() {
        return;
    }
    let headers = response.headers_mut();
    let of_handler: Vec<_> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in set_cookies.into_iter().chain(of_handler) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handler_has_the_last_word() {
        let mut response = Response::new(axum::body::Body::empty());
        response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_static("s=; Max-Age=0"));
        set_first(&mut response, vec![HeaderValue::from_static("s=renewed")]);
        let cookies: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(cookies, ["s=renewed", "s=; Max-Age=0"]);
    }
}
