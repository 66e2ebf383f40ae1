//! `use_session` and what keeps it up to date: in every tab, after sleep, offline and back online.
//!
//! The server reads the session before it renders and includes it in the page ([`SessionSnapshot`]), so the first HTML and
//! the first frame show who is signed in. After that, `browser/` keeps it fresh, with one trigger per file. Rule: only a
//! response of the server signs the user out. A network error, 429 or 5xx keeps the known session and marks it
//! `unconfirmed`.
//!
//! Decisions that need no browser (`message`, `outcome`, `target`, `timing`) are plain functions, tested on the host.

mod page_url;
mod pending;
mod provider;
mod require_session;
mod sign_in;
mod sign_out;
mod snapshot;
mod store;
mod use_session;

#[cfg(any(feature = "hydrate", test))]
mod message;
#[cfg(any(feature = "hydrate", test))]
mod outcome;
#[cfg(any(feature = "hydrate", test))]
mod target;
#[cfg(any(feature = "hydrate", test))]
mod timing;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "ssr")]
mod server;
#[cfg(all(test, feature = "ssr"))]
mod tests;

#[cfg(feature = "hydrate")]
pub(crate) use browser::tell_and_close;
pub(crate) use page_url::with_query;
pub use pending::Pending;
pub use provider::SessionProvider;
pub use require_session::RequireSession;
pub use sign_in::{SignInOptions, SignInResult, sign_in};
pub use sign_out::{SignOutOptions, SignOutResult, sign_out};
pub use snapshot::SessionSnapshot;
pub use use_session::{
    SessionStatus, UseSession, use_session, use_session_as, use_session_required, use_session_required_or,
};

/// Where the REST API lives, unless [`SessionProvider`] is told otherwise.
pub const DEFAULT_BASE_PATH: &str = "/api/auth";
