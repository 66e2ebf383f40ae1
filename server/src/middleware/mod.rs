//! What surrounds every request, from the outside in:
//!
//! 1. [`security_headers`]: on every answer, so also on those of the steps below;
//! 2. [`guard`]: a panic or a hanging handler becomes an answer, and log lines get the request's id;
//! 3. [`csrf`]: before anything is done or read.
//!
//! They are one layer and not three: each layer of axum costs an allocation and a clone of all that is inside it, which
//! for a session read is a tenth of the whole request.
//!
//! [`session`] is not around everything, as static files and the REST API need none: it is on the routes of pages and
//! server functions (`handler/page.rs`, `handler/server_fn.rs`). Add it to routes of your own in the same way.

pub mod csrf;
pub mod guard;
pub mod security_headers;
pub mod session;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};

use crate::state::AppState;

/// Puts all of it around a router.
pub fn surround(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router.layer(from_fn_with_state(state.clone(), around))
}

async fn around(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let policy = security_headers::Policy::of(&state, &request);
    let checked = |request: Request| async {
        let (method, path, headers) = (request.method(), request.uri().path(), request.headers());
        match csrf::refusal(&state, method, path, headers).await {
            None => next.run(request).await,
            Some(refusal) => refusal,
        }
    };
    let mut response = guard::guard(&state, request, checked).await;
    policy.set(response.headers_mut());
    response
}
