//! What surrounds every request, from the outside in:
//!
//! 1. [`security_headers`]: on every answer, so also on those of the layers below;
//! 2. [`guard`]: a panic or a hanging handler becomes an answer, and log lines get the request's id;
//! 3. [`csrf`]: before anything is done or read.
//!
//! [`session`] is not around everything, as static files and the REST API need none: it is on the routes of pages and
//! server functions (`handler/page.rs`, `handler/server_fn.rs`). Add it to routes of your own in the same way.

pub mod csrf;
pub mod guard;
pub mod security_headers;
pub mod session;

use axum::{Router, middleware::from_fn_with_state};

use crate::state::AppState;

/// Puts the layers around a router. The layer that is added last is the outermost.
pub fn surround(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .layer(from_fn_with_state(state.clone(), csrf::csrf))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(from_fn_with_state(state.clone(), security_headers::security_headers))
}
