//! Answers of the server itself when something is wrong: JSON for programs, a small page for people. Rule: our own
//! words only, never what the request or an error said (LG-04).

use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use leptos_auth::{html::escape, language};
use leptos_auth_locales::{Key, Language, fill, server};
use serde_json::json;

use crate::state::AppState;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Whether whoever asked is a browser that shows the answer to a person.
#[must_use]
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The language of the page for whoever asked, or nothing for a program.
#[must_use]
pub fn wanted(headers: &HeaderMap) -> Option<&'static Language> {
    is_wanted(headers).then(|| language::of_request(headers))
}

/// The answer with that status: a page if there is a language for one. The reference leads to the lines in the log.
#[must_use]
pub fn answer(
    state: &AppState,
    status: StatusCode,
    language: Option<&'static Language>,
    reference: Option<&str>,
) -> Response {
    let (title, advice) = words(status);
    let mut response = if let Some(language) = language {
        let page = Html(page(&state.assets.names.css, language, title, advice, reference));
        (status, [(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
    } else {
        // Programs get the same words everywhere.
        let english = Language::english();
        let (title, advice) = (english.text(title), english.text(advice));
        let mut message = json!({ "message": format!("{title}. {advice}") });
        if let Some(reference) = reference {
            message["reference"] = reference.into();
        }
        (status, Json(message)).into_response()
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// What happened, and what to do now.
const fn words(status: StatusCode) -> (Key, Key) {
    match status {
        StatusCode::FORBIDDEN => (server::FORBIDDEN_TITLE, server::FORBIDDEN_ADVICE),
        StatusCode::NOT_FOUND => (server::NOT_FOUND_TITLE, server::NOT_FOUND_ADVICE),
        StatusCode::METHOD_NOT_ALLOWED => {
            (server::METHOD_NOT_ALLOWED_TITLE, server::METHOD_NOT_ALLOWED_ADVICE)
        }
        StatusCode::REQUEST_TIMEOUT => (server::REQUEST_TIMEOUT_TITLE, server::REQUEST_TIMEOUT_ADVICE),
        StatusCode::PAYLOAD_TOO_LARGE => (server::PAYLOAD_TOO_LARGE_TITLE, server::PAYLOAD_TOO_LARGE_ADVICE),
        StatusCode::SERVICE_UNAVAILABLE => {
            (server::SERVICE_UNAVAILABLE_TITLE, server::SERVICE_UNAVAILABLE_ADVICE)
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            (server::INTERNAL_SERVER_ERROR_TITLE, server::INTERNAL_SERVER_ERROR_ADVICE)
        }
        _ => (server::BAD_REQUEST_TITLE, server::BAD_REQUEST_ADVICE),
    }
}

/// The reference is our own and needs no escaping; the texts are written by many hands.
fn page(css: &str, language: &Language, title: Key, advice: Key, reference: Option<&str>) -> String {
    let text = |key| escape(language.text(key));
    let (title, advice, front_page) = (text(title), text(advice), text(server::FRONT_PAGE));
    let reference = reference
        .map(|reference| {
            let line = fill(&text(server::REFERENCE), &[("reference", &format!("<code>{reference}</code>"))]);
            format!("<p class=\"hint\">{line}</p>")
        })
        .unwrap_or_default();
    let (tag, direction) = (language.tag, language.direction.as_str());
    format!(
        r#"<!DOCTYPE html>
<html lang="{tag}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Leptos Auth</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{css}">
</head>
<body>
<main>
<div class="card card-narrow">
<div class="page-header"><h1>{title}</h1><p class="muted">{advice}</p></div>
{reference}
<a class="button button-primary button-wide" href="/">{front_page}</a>
</div>
</main>
</body>
</html>
"#
    )
}
