//! `CurrentSession`: who calls a handler of your own.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use leptos_auth_server::{extract::CurrentSession, state::AppState};
//!
//! async fn hello(CurrentSession(session): CurrentSession) -> String {
//!     format!("Hello {}", session.user.name.unwrap_or_default())
//! }
//!
//! async fn maybe(session: Option<CurrentSession>) -> &'static str {
//!     if session.is_some() { "known" } else { "stranger" }
//! }
//!
//! let router: Router<AppState> = Router::new().route("/hello", get(hello)).route("/maybe", get(maybe));
//! ```
//!
//! Rule: when the store is away nobody knows who calls, so the handler does not run (AZ-05).

use std::time::Duration;

use axum::{
    Json,
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Redirect, Response},
};
use http::{StatusCode, header, request::Parts};
use leptos_auth::Auth;
use leptos_auth_app::{claims::Session, session::SessionSnapshot};
use serde_json::json;
use url::form_urlencoded;

use crate::error_page;

/// The session of whoever calls. Without one the handler is not run: programs get 401, browsers the sign-in page.
#[derive(Clone, Debug)]
pub struct CurrentSession(pub Session);

impl<S> FromRequestParts<S> for CurrentSession
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match read(parts, &Auth::from_ref(state)).await {
            SessionSnapshot::Known(Some(session)) => Ok(Self(session)),
            SessionSnapshot::Known(None) => Err(Refusal::signed_out(parts)),
            SessionSnapshot::Unavailable => Err(Refusal::Unavailable),
        }
    }
}

impl<S> OptionalFromRequestParts<S> for CurrentSession
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refusal> {
        match read(parts, &Auth::from_ref(state)).await {
            SessionSnapshot::Known(session) => Ok(session.map(Self)),
            SessionSnapshot::Unavailable => Err(Refusal::Unavailable),
        }
    }
}

/// The same for what a stolen or forgotten session must not do: its user signed in less than so many minutes ago.
/// Everybody else is sent to the sign-in page and back, or gets 401.
///
/// ```no_run
/// use leptos_auth_server::extract::FreshSession;
///
/// async fn delete_everything(FreshSession(session): FreshSession<10>) -> String {
///     format!("Goodbye {}", session.user.id)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct FreshSession<const MINUTES: u64>(pub Session);

impl<S, const MINUTES: u64> FromRequestParts<S> for FreshSession<MINUTES>
where
    S: Send + Sync,
    Auth: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let auth = Auth::from_ref(state);
        let read = auth.session(&parts.headers).await.map_err(|error| {
            tracing::error!(%error, "the session cannot be read");
            Refusal::Unavailable
        })?;
        let (Some(session), Some(details)) = (read.session, read.details) else {
            return Err(Refusal::signed_out(parts));
        };
        let age = Duration::from_secs(MINUTES * 60);
        auth.require_fresh(&details, age).map_err(|_| Refusal::signed_out(parts))?;
        Ok(Self(session.typed()))
    }
}

/// Why the handler was not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A program without a session: 401.
    SignedOut,
    /// A person without a session: to the sign-in page and back here.
    SignInFirst(String),
    /// Nobody can say who calls: 503.
    Unavailable,
}

impl Refusal {
    fn signed_out(parts: &Parts) -> Self {
        if !error_page::is_wanted(&parts.headers) {
            return Self::SignedOut;
        }
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("error", "SessionRequired")
            .append_pair("callbackUrl", here)
            .finish();
        Self::SignInFirst(format!("/signin?{query}"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut => {
                (StatusCode::UNAUTHORIZED, Json(json!({ "message": "Sign in first." }))).into_response()
            }
            Self::SignInFirst(page) => Redirect::to(&page).into_response(),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                [(header::RETRY_AFTER, "5")],
                Json(json!({ "message": "The service is away for a moment." })),
            )
                .into_response(),
        }
    }
}

/// What the session middleware found, or, on routes without it, what the cookie says. Only the middleware renews.
async fn read(parts: &Parts, auth: &Auth) -> SessionSnapshot {
    if let Some(snapshot) = parts.extensions.get::<SessionSnapshot>() {
        return snapshot.clone();
    }
    match auth.session(&parts.headers).await {
        Ok(read) => SessionSnapshot::Known(read.session.map(|session| session.typed())),
        Err(error) => {
            tracing::error!(%error, "the session cannot be read");
            SessionSnapshot::Unavailable
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use axum::{Router, body::Body, routing::get};
    use http::Request;
    use leptos_auth::{
        clock::{Clock, SystemClock, Timestamp},
        config::{Config, Environment, Mode},
        provider::{AuthorizedUser, CredentialsProvider},
    };
    use tower::ServiceExt;

    use super::*;

    /// The system's clock, moved by some seconds.
    #[derive(Default)]
    struct Later(AtomicI64);

    impl Clock for Later {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(SystemClock.now().as_millis() + self.0.load(Ordering::Relaxed) * 1000)
        }
    }

    #[derive(Clone)]
    struct State(Auth);

    impl FromRef<State> for Auth {
        fn from_ref(state: &State) -> Self {
            state.0.clone()
        }
    }

    /// The status and where it leads.
    async fn ask(router: &Router, token: &str, accept: &str) -> (u16, String) {
        let request = Request::get("/delete").header("accept", accept);
        let request = request.header("cookie", format!("authjs.session-token={token}"));
        let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location.unwrap_or_default())
    }

    #[tokio::test]
    async fn se_16_an_old_session_has_to_sign_in_once_more() {
        crate::tls::install();
        let clock = Arc::new(Later::default());
        let url = url::Url::parse("http://localhost:3000").unwrap();
        let config = Config::from_environment(&Environment::new(), Mode::Development, &url);
        let ada = CredentialsProvider::new("Ada", |_| async {
            Ok(Some(AuthorizedUser { id: "ada".to_owned(), ..AuthorizedUser::default() }))
        });
        let builder = Auth::builder(config.unwrap_or_else(|_| panic!("a configuration")));
        let auth = builder.credentials(ada).clock(clock.clone()).build().await.unwrap();
        let request = Request::post("/api/auth/callback/credentials").header("x-auth-return-token", "1");
        let answer = auth.respond(request.body(bytes::Bytes::new()).unwrap()).await;
        let token = answer.headers()["x-auth-session-token"].to_str().unwrap().to_owned();
        let router = Router::new()
            .route("/delete", get(|FreshSession(_): FreshSession<10>| async { "deleted" }))
            .with_state(State(auth));

        clock.0.store(9 * 60, Ordering::Relaxed);
        assert_eq!(ask(&router, &token, "*/*").await.0, 200, "control");
        clock.0.store(11 * 60, Ordering::Relaxed);
        assert_eq!(ask(&router, &token, "*/*").await.0, 401);
        let (status, location) = ask(&router, &token, "text/html").await;
        assert_eq!((status, location.as_str()), (303, "/signin?error=SessionRequired&callbackUrl=%2Fdelete"));
        assert_eq!(ask(&router, "nonsense", "*/*").await.0, 401, "nobody");
    }
}
