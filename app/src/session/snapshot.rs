//! What the server knew about the session when it rendered the page. Rule: everything in here is written into
//! the HTML, so it holds the public [`Session`] and never a token.

#[cfg(feature = "ssr")]
use leptos::prelude::with_context;
use serde::{Deserialize, Serialize};

use crate::claims::Session;

/// The session as the server read it for one request.
///
/// A middleware puts it into the extensions of every page request, before anything is rendered:
///
/// ```rust,no_run
/// use leptos_auth_app::session::SessionSnapshot;
///
/// fn remember(request: &mut http::Request<()>) {
///     request.extensions_mut().insert(SessionSnapshot::Known(None));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SessionSnapshot {
    /// The server is sure: somebody is signed in, or nobody is.
    Known(Option<Session>),
    /// The server could not tell, because its store was away. Never the same as signed out.
    Unavailable,
}

impl SessionSnapshot {
    /// The snapshot of the request that is being answered. In the browser, and wherever there is no request (the
    /// run that lists the routes), nothing is known.
    pub(super) fn of_request() -> Self {
        #[cfg(feature = "ssr")]
        if let Some(Some(snapshot)) =
            with_context::<http::request::Parts, _>(|parts| parts.extensions.get::<Self>().cloned())
        {
            return snapshot;
        }
        Self::Unavailable
    }

    /// The session, as far as it is known.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Known(session) => session.as_ref(),
            Self::Unavailable => None,
        }
    }
}
