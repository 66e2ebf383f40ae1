//! The REST API under `/api/auth`: everything is decided in the core (`leptos_auth::Auth::respond`); here the body
//! is read, and where a person would be shown JSON, they get a page.

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, header};
use leptos_auth_locales::Language;

use crate::{body, error_page, state::AppState};

/// Answers any request to the API.
pub async fn rest(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let page_language = error_page::wanted(&parts.headers);
    let body = match body::read(body).await {
        Ok(body) => body,
        Err(status) => return error_page::answer(&state, status, page_language, None),
    };
    let response = state.auth.respond(Request::from_parts(parts, body)).await;
    match page_language {
        Some(language) if is_message(&response) => as_page(&state, language, response),
        _ => response.map(Body::from),
    }
}

/// Whether the answer only says what is wrong. Redirects do not: they lead to a page that says it.
fn is_message(response: &Response<Bytes>) -> bool {
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    is_error && response.body().starts_with(b"{\"message\"")
}

/// The same answer with a page; its other headers (cookies, `Retry-After`, caching) stay.
fn as_page(state: &AppState, language: &'static Language, response: Response<Bytes>) -> Response {
    let mut page = error_page::answer(state, response.status(), Some(language), None);
    let kept = response.headers().iter().filter(|(name, _)| **name != header::CONTENT_TYPE);
    let kept: HeaderMap = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    page.headers_mut().extend(kept);
    page
}
