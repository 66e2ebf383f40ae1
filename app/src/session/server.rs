//! What the server does for pages that need a session. Rule: the status says so too (302, 503), so a page that
//! must not be read is not even answered with 200.

use http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{
    page_url,
    store::{Gate, SessionStore},
};

/// Seconds after which a page that could not be checked may be asked for again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// Sends whoever is not signed in to the sign-in page, and answers 503 when that cannot be known.
pub(super) fn refuse_unless_open(store: SessionStore) {
    redirect_when_closed(store);
    if untrack(|| store.gate()) == Gate::Unknown {
        with_response(|response| {
            response.set_status(StatusCode::SERVICE_UNAVAILABLE);
            response.insert_header(header::RETRY_AFTER, RETRY_AFTER);
        });
    }
}

/// 302 to the sign-in page when nobody is signed in. Not `leptos_axum::redirect`: that one answers 200 to a client
/// that does not ask for HTML.
pub(super) fn redirect_when_closed(store: SessionStore) {
    if untrack(|| store.gate()) != Gate::Closed {
        return;
    }
    let here = with_context::<Parts, _>(|parts| {
        parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string)
    });
    let target = here.and_then(|here| HeaderValue::try_from(page_url::session_required(&here)).ok());
    if let Some(target) = target {
        with_response(|response| {
            response.set_status(StatusCode::FOUND);
            response.insert_header(header::LOCATION, target);
        });
    }
}

fn with_response(change: impl FnOnce(&ResponseOptions)) {
    let _ = with_context::<ResponseOptions, _>(change);
}
