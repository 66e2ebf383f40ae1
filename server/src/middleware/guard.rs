//! Whatever happens inside, outside there is an answer: a panic becomes a 500 and the process lives (LP-09), and
//! nothing runs for longer than half a minute.
//!
//! Each request gets an id. It stands in every line of the log that the request causes, and in the answer when
//! something went wrong, so that a person can quote it.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    panic::AssertUnwindSafe,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{extract::Request, response::Response};
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use leptos_auth::ClientAddress;
use tracing::{Instrument, Span, info_span};

use crate::{error_page, state::AppState};

const DEADLINE: Duration = Duration::from_secs(30);
const LONGEST_PATH: usize = 200;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs the rest of the request in safety.
pub async fn guard<A: Future<Output = Response>>(
    state: &AppState,
    mut request: Request,
    next: impl FnOnce(Request) -> A,
) -> Response {
    let id = RequestId::next();
    request.extensions_mut().insert(leptos_auth::RequestId(id.to_string()));
    let page_language = error_page::wanted(request.headers());
    let span = span(id, &request);
    let answer = tokio::time::timeout(DEADLINE, AssertUnwindSafe(next(request)).catch_unwind());
    let failure = |status| error_page::answer(state, status, page_language, Some(&id.to_string()));
    let mut response = match answer.instrument(span).await {
        Ok(Ok(response)) => response,
        Ok(Err(_panic)) => failure(StatusCode::INTERNAL_SERVER_ERROR),
        Err(_late) => {
            tracing::error!(%id, "a request took too long and was given up");
            failure(StatusCode::SERVICE_UNAVAILABLE)
        }
    };
    if response.status().is_server_error()
        && let Ok(id) = HeaderValue::from_str(&id.to_string())
    {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// What stands in front of the request's log lines. The path only: a query can hold a token. And its beginning only: no
/// path of ours is that long, and whoever sends long ones shall not fill the disk (OP-16).
///
/// Polling the session is by far the most frequent request and logs nothing, so it goes without.
fn span(id: RequestId, request: &Request) -> Span {
    let (method, path) = (request.method(), request.uri().path());
    if method == Method::GET && path == "/api/auth/session" {
        return Span::none();
    }
    let client = request.extensions().get::<ClientAddress>().map(|client| client.0);
    let path = &path[..path.floor_char_boundary(LONGEST_PATH)];
    info_span!("request", %id, %method, path, client = client.map(tracing::field::display))
}

/// Unique in this process, and unlikely to occur in another.
#[derive(Clone, Copy)]
struct RequestId(u64);

impl RequestId {
    fn next() -> Self {
        static SEED: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
        static COUNT: AtomicU64 = AtomicU64::new(0);
        // An odd factor keeps different numbers different and spreads neighbours.
        Self(COUNT.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ *SEED)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, routing::get};
    use leptos::config::LeptosOptions;
    use leptos_auth::{
        Auth,
        config::{Config, Environment, Mode},
    };
    use tower::ServiceExt;

    use super::*;
    use crate::{assets::Assets, middleware::surround};

    async fn state() -> AppState {
        crate::tls::install();
        let url = url::Url::parse("http://localhost:3000").unwrap();
        let config = Config::from_environment(&Environment::new(), Mode::Development, &url);
        let auth = Auth::builder(config.unwrap_or_else(|_| panic!("a configuration"))).build().await.unwrap();
        let site = std::path::Path::new("nowhere");
        AppState::new(auth, LeptosOptions::builder().output_name("x").build(), Assets::of(site), site)
    }

    async fn broken() -> &'static str {
        panic!("canary of the inside")
    }

    #[tokio::test]
    async fn lp_09_a_panic_is_an_answer() {
        let state = state().await;
        let router = Router::new().route("/broken", get(broken)).route("/fine", get(|| async { "fine" }));
        let router = surround(router, &state).with_state(state);
        for accept in ["text/html", "*/*"] {
            let request = Request::get("/broken").header("accept", accept).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let id = answer.headers()[REQUEST_ID].to_str().unwrap().to_owned();
            let body = crate::body::read(answer.into_body()).await.unwrap();
            let body = String::from_utf8(body.to_vec()).unwrap();
            assert!(body.contains(&id) && !body.contains("canary"), "{body}");
            assert_eq!(body.starts_with("<!DOCTYPE"), accept == "text/html");
        }
        let request = Request::get("/fine").body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        assert!(answer.status().is_success() && !answer.headers().contains_key(REQUEST_ID), "control");
    }

    #[test]
    fn ids_are_different() {
        let ids: std::collections::BTreeSet<_> = (0..1000).map(|_| RequestId::next().to_string()).collect();
        assert_eq!(ids.len(), 1000);
    }
}
