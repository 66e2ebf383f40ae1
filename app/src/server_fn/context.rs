//! What a server function knows of its request, and how it adds to the response.

use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_auth::{Auth, AuthError, types::ErrorCode};
use leptos_axum::ResponseOptions;

use super::FnError;
use crate::{claims::Session, session::SessionSnapshot};

/// The auth handle and the request's headers. Neither is there when the router lists its routes.
pub(super) fn auth_and_headers() -> Option<(Auth, HeaderMap)> {
    Some((use_context::<Auth>()?, use_context::<Parts>()?.headers))
}

/// Adds cookies; never replaces one that is there already.
pub(super) fn append_cookies(cookies: Vec<HeaderValue>) {
    if let Some(response) = use_context::<ResponseOptions>() {
        for cookie in cookies {
            response.append_header(header::SET_COOKIE, cookie);
        }
    }
}

/// Sets the status of the page that is being rendered.
pub(crate) fn set_status(status: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(status);
    }
}

/// The session of whoever calls, or a refusal with the fitting status.
pub(super) async fn require_session() -> Result<Session, FnError> {
    match read_session().await {
        Ok(Some(session)) => Ok(session),
        Ok(None) => Err(refuse(StatusCode::UNAUTHORIZED, ErrorCode::SessionRequired)),
        Err(code) => Err(refuse(StatusCode::SERVICE_UNAVAILABLE, code)),
    }
}

/// The middleware has read it for pages already; a direct call is read here.
async fn read_session() -> Result<Option<Session>, ErrorCode> {
    let parts = use_context::<Parts>().ok_or(ErrorCode::Configuration)?;
    match parts.extensions.get::<SessionSnapshot>() {
        Some(SessionSnapshot::Known(session)) => return Ok(session.clone()),
        Some(SessionSnapshot::Unavailable) => return Err(ErrorCode::Unavailable),
        None => {}
    }
    let auth = use_context::<Auth>().ok_or(ErrorCode::Configuration)?;
    let read = auth.session(&parts.headers).await.map_err(|error| error.code())?;
    append_cookies(read.set_cookies);
    Ok(read.session.map(|session| session.typed()))
}

/// A status replaces the redirect that answers a form without scripts, so it is only set for programs.
fn refuse(status: StatusCode, code: ErrorCode) -> FnError {
    let accept = use_context::<Parts>().and_then(|parts| parts.headers.get(header::ACCEPT).cloned());
    let is_page =
        accept.is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")));
    if !is_page {
        set_status(status);
    }
    FnError(code)
}

/// What `read` finds of whoever calls, or a refusal with the fitting status.
pub(super) async fn of_owner<T>(
    read: impl AsyncFnOnce(Auth, HeaderMap) -> Result<Option<T>, AuthError>,
) -> Result<T, FnError> {
    require_session().await?;
    let (auth, headers) = auth_and_headers().ok_or(FnError(ErrorCode::Configuration))?;
    match read(auth, headers).await {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(refuse(StatusCode::UNAUTHORIZED, ErrorCode::SessionRequired)),
        Err(error) => Err(refuse(StatusCode::SERVICE_UNAVAILABLE, error.code())),
    }
}
