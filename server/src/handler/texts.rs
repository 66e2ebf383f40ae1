//! The texts of one language for the browser. They change with a release, and their address with them.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use leptos_auth_locales::Language;

use crate::assets::IMMUTABLE;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// `GET /texts/{language}.{hash}.json`.
pub async fn texts(request: Request) -> Response {
    let Some(language) = Language::of_file(request.uri().path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let accepted = request.headers().get_all(header::ACCEPT_ENCODING).iter();
    let takes_brotli = accepted
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|coding| coding.trim() == "br");
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, IMMUTABLE),
        (header::VARY, HeaderValue::from_static("Accept-Encoding")),
    ];
    if takes_brotli {
        let encoding = [(header::CONTENT_ENCODING, HeaderValue::from_static("br"))];
        return (headers, encoding, language.file.brotli).into_response();
    }
    (headers, language.file.json).into_response()
}
