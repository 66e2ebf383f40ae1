//! Answers of the server itself when something is wrong: JSON for programs, a small page for people. Rule: our own
//! words only, never what the request or an error said (LG-04).

use axum::{
    Json,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
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

/// The answer with that status: a page if `is_page`. The reference leads to the lines in the log.
#[must_use]
pub fn answer(state: &AppState, status: StatusCode, is_page: bool, reference: Option<&str>) -> Response {
    let (title, advice) = words(status);
    let mut response = if is_page {
        let page = Html(page(&state.assets.names.css, title, advice, reference));
        (status, [(header::CONTENT_SECURITY_POLICY, POLICY)], page).into_response()
    } else {
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
const fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::FORBIDDEN => (
            "This request came from another site",
            "To protect you nothing was done. Open the page on this site and try again there.",
        ),
        StatusCode::NOT_FOUND => ("Page not found", "The address may be mistyped, or the page has moved."),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("That is not possible here", "This address cannot be used in that way.")
        }
        StatusCode::REQUEST_TIMEOUT => {
            ("That took too long", "The request did not arrive in time. Please try again.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("That is too much", "The request is larger than anything this site needs.")
        }
        StatusCode::SERVICE_UNAVAILABLE => (
            "Back in a moment",
            "A part of this site is away. You are not signed out and nothing was changed. Please try again.",
        ),
        StatusCode::INTERNAL_SERVER_ERROR => (
            "Something went wrong",
            "That was our mistake, not yours. It has been written down for the people who mend it.",
        ),
        _ => ("The request cannot be understood", "Go back and try again."),
    }
}

/// Only constants and our own reference stand in it, so nothing needs escaping.
fn page(css: &str, title: &str, advice: &str, reference: Option<&str>) -> String {
    let reference = reference
        .map(|reference| format!("<p class=\"hint\">Reference: <code>{reference}</code></p>"))
        .unwrap_or_default();
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
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
<a class="button button-primary button-wide" href="/">Go to the front page</a>
</div>
</main>
</body>
</html>
"#
    )
}
