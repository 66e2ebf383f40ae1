//! Leptos server functions, each at its own path under `/api/fn`. The CSRF middleware has already checked the request (see
//! `middleware/csrf.rs`).

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::on,
};
use http::{HeaderMap, Method, StatusCode, header};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::handle_server_fns_with_context;
use url::Url;

use super::page;
use crate::{body, error_page, middleware::session, state::AppState};

/// Adds one route for each function, with its own method only: other paths and methods are not found (LG-05, LP-03).
/// Development functions do not exist in production, and only this machine can call them.
pub fn routes(state: &AppState) -> Router<AppState> {
    let mut router = Router::new();
    for (path, method) in server_fn_paths() {
        let Ok(method) = method.try_into() else { continue };
        let route = on(method, call);
        #[cfg(feature = "dev")]
        let route = match (page::is_for_development(path), state.leptos.env == leptos::config::Env::PROD) {
            (true, true) => continue,
            (true, false) => route.layer(from_fn_with_state(state.clone(), crate::dev::only_here)),
            (false, _) => route,
        };
        router = router.route(path, route);
    }
    router.layer(from_fn_with_state(state.clone(), session::session))
}

async fn call(State(state): State<AppState>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = match body::read(body).await {
        Ok(body) => body,
        Err(status) => return error_page::answer(&state, status, None, None),
    };
    drop_foreign_referer(&mut parts.headers, state.auth.base_url());
    if parts.method == Method::HEAD {
        parts.method = Method::GET;
    }
    let request = Request::from_parts(parts, Body::from(body));
    let mut response = handle_server_fns_with_context(page::context(&state), request).await.into_response();
    // Arguments that cannot be read are an error of whoever sent them; Leptos answers 500. Functions of ours that
    // fail set a status themselves.
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}

/// A form without scripts is answered by a redirect to the page it came from, with an error in the query if there
/// was one. Leptos takes that page from `Referer`: it must not be another site's (LP-05, LP-10).
fn drop_foreign_referer(headers: &mut HeaderMap, base_url: &Url) {
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let is_own =
        referer.and_then(|url| Url::parse(url).ok()).is_some_and(|url| url.origin() == base_url.origin());
    if !is_own {
        headers.remove(header::REFERER);
    }
}
