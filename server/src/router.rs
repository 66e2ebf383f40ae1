//! What is where. The pages are in `app/src/routes.rs`; here is everything around them.

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::{any, get},
};
use http::StatusCode;

use crate::{
    error_page,
    handler::{health, me, page, rest, server_fn, texts},
    middleware,
    state::AppState,
};

/// All routes, without what surrounds them.
pub fn router(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/api/auth/{*action}", any(rest::rest))
        .merge(server_fn::routes(state))
        .route("/api/me", get(me::me))
        .route("/texts/{file}", get(texts::texts))
        .route("/health", get(health::live))
        .route("/ready", get(health::ready))
        .merge(page::routes(state))
        .fallback(page::file_or_not_found(state))
        .method_not_allowed_fallback(method_not_allowed)
}

/// Adds the middleware and the state.
pub fn finish(router: Router<AppState>, state: AppState) -> Router {
    middleware::surround(router, &state).with_state(state)
}

async fn method_not_allowed(State(state): State<AppState>, request: Request) -> Response {
    error_page::answer(&state, StatusCode::METHOD_NOT_ALLOWED, error_page::wanted(request.headers()), None)
}
