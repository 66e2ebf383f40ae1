//! Headers that tell browsers what they must not do with an answer. On every answer; one that a handler has set
//! already stays (the app sets the Content-Security-Policy of its pages, with a nonce).

use axum::extract::Request;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY,
        X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};

use crate::state::AppState;

/// The pages that links of mails lead to. Their address holds a token: nothing may learn of it (ML-09).
const TOKEN_PAGES: [&str; 4] =
    ["/signin/email-link", "/reset-password", "/account/email/confirm", "/account/undo"];

const HEADERS: [(HeaderName, &str); 7] = [
    // What is called JSON is never run as a script or shown as a page (HD-09).
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Nobody frames us (HD-01); the second header is for old browsers.
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (X_FRAME_OPTIONS, "DENY"),
    // Other sites learn our origin at most. Forms without scripts need the whole address on our own site.
    (REFERRER_POLICY, "strict-origin-when-cross-origin"),
    // Windows and pages of other sites share no process and no data with ours.
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// What this request's answer needs.
pub struct Policy {
    is_token_page: bool,
    is_secure: bool,
}

impl Policy {
    /// Read before the request is given away.
    pub fn of(state: &AppState, request: &Request) -> Self {
        let is_token_page = TOKEN_PAGES.contains(&request.uri().path());
        Self { is_token_page, is_secure: state.auth.is_secure() }
    }

    /// Adds the headers to the answer.
    pub fn set(&self, headers: &mut HeaderMap) {
        headers.reserve(HEADERS.len() + 4);
        if self.is_token_page {
            headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
        }
        for (name, value) in HEADERS {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if self.is_secure {
            let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
            headers.insert(STRICT_TRANSPORT_SECURITY, two_years);
        }
        forbid_storing(headers);
    }
}

/// What does not say that it may be stored depends on who asks (HD-06).
fn forbid_storing(headers: &mut HeaderMap) {
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
}
