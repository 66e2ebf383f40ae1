//! The pages of the app, rendered by Leptos. `app/src/routes.rs` lists them.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::{MethodRouter, any},
};
use http::{Method, StatusCode, request::Parts};
use leptos::prelude::{AnyView, IntoAny, provide_context, use_context};
use leptos_auth::language;
use leptos_auth_app::{App, shell};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context,
    render_route_with_context,
};
use tower::ServiceExt;

use crate::{assets, error_page, middleware::session, state::AppState};

/// Listed once in a process. Leptos draws the whole app for it, and meanwhile lets no page of the process load its data:
/// a render that asks at that moment never ends (leptos-rs/leptos#4773), so a second server must not list them again.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// One route for each page.
pub fn routes(state: &AppState) -> Router<AppState> {
    let pages = pages(state);
    let handler = render_route_with_context::<AppState, _>(pages.clone(), context(state), app(state));
    let router = Router::new()
        .leptos_routes_with_handler(pages, handler)
        .route_layer(from_fn_with_state(state.clone(), session::session));
    if state.auth.config().pages.is_empty() {
        return router;
    }
    router.route_layer(from_fn_with_state(state.clone(), moved))
}

/// Sends on to the page that stands in for this one (`AUTH_PAGES_…`), with all that the address says.
async fn moved(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let uri = request.uri();
    let Some(to) = state.auth.config().pages.moved(uri.path()) else { return next.run(request).await };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::temporary(&format!("{to}{query}")).into_response()
}

/// For every other address: a static file, or the app's own page that says there is nothing.
pub fn file_or_not_found(state: &AppState) -> MethodRouter<AppState> {
    any(render_app_async_with_context(context(state), app(state)))
        .layer(from_fn_with_state(state.clone(), session::session))
        .layer(from_fn_with_state(state.clone(), file))
}

/// What server functions and pages find by `use_context`. The request's parts are there as well.
pub fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let state = state.clone();
    move || {
        provide_context(state.auth.clone());
        provide_context(state.assets.names.clone());
        // There is none while the router lists its routes.
        if let Some(parts) = use_context::<Parts>() {
            provide_context(language::of_request(&parts.headers));
        }
    }
}

fn app(state: &AppState) -> impl Fn() -> AnyView + Clone + Send + Sync + 'static {
    let options = state.leptos.clone();
    move || shell(options.clone()).into_any()
}

/// The list of the router. What is only for development does not exist in production.
fn pages(state: &AppState) -> Vec<AxumRouteListing> {
    let mut pages = PAGES.clone();
    if state.leptos.env == leptos::config::Env::PROD {
        pages.retain(|page| !is_for_development(page.path()));
    }
    pages
}

#[cfg(feature = "dev")]
pub(super) fn is_for_development(path: &str) -> bool {
    path.starts_with("/dev/") || path.starts_with("/api/fn/dev_")
}

#[cfg(not(feature = "dev"))]
fn is_for_development(_: &str) -> bool {
    false
}

/// Answers with a file if there is one. Programs that mistyped an address of the API get a short answer instead of
/// a page, and so does whoever sends something to nowhere.
async fn file(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || path.starts_with("/api/") || is_for_development(path) {
        return error_page::answer(
            &state,
            StatusCode::NOT_FOUND,
            error_page::wanted(request.headers()),
            None,
        );
    }
    if !assets::may_be_file(&request) {
        return next.run(request).await;
    }
    let path = path.to_owned();
    let Ok(file) = state.files.clone().oneshot(request).await;
    if file.status() == StatusCode::NOT_FOUND {
        return error_page::answer(&state, StatusCode::NOT_FOUND, None, None);
    }
    let mut response = file.map(axum::body::Body::new);
    assets::set_headers(&mut response, &state.assets, &path);
    response
}
