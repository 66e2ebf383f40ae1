//! The middleware around every request, from the outside in:
//!
//! 1. [`security_headers`]: on every response, including those of the steps below;
//! 2. [`guard`]: turns a panic or a hanging handler into a response, and adds the request id to log lines;
//! 3. [`csrf`]: runs before anything is done or read.
//!
//! They are one layer instead of three: each axum layer costs an allocation and a clone of everything inside it, which for
//! a session read is a tenth of the whole request.
//!
//! [`session`] does not run for every request, because static files and the REST API do not need it. It is on the routes of
//! pages and server functions (`handler/page.rs`, `handler/server_fn.rs`). Add it to your own routes in the same way.

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
