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

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use leptos_auth::ClientAddress;
use tracing::{Instrument, Span, info_span};

use crate::{error_page, state::AppState};

const DEADLINE: Duration = Duration::from_secs(30);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The layer.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = RequestId::next();
    let is_page_wanted = error_page::is_wanted(request.headers());
    let span = span(id, &request);
    let answer = tokio::time::timeout(DEADLINE, AssertUnwindSafe(next.run(request)).catch_unwind());
    let failure = |status| error_page::answer(&state, status, is_page_wanted, Some(&id.to_string()));
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

/// What stands in front of the request's log lines. The path only: a query can hold a token.
///
/// Polling the session is by far the most frequent request and logs nothing, so it goes without.
fn span(id: RequestId, request: &Request) -> Span {
    let (method, path) = (request.method(), request.uri().path());
    if method == Method::GET && path == "/api/auth/session" {
        return Span::none();
    }
    let client = request.extensions().get::<ClientAddress>().map(|client| client.0);
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
