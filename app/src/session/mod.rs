//! `use_session` and everything that keeps it true: in every tab, after sleep, offline and back.
//!
//! The server reads the session before it renders and puts it into the page ([`SessionSnapshot`]), so the first
//! HTML and the first frame know who is signed in. From then on `browser/` keeps the answer fresh, one trigger
//! per file. Rule: only an answer of the server signs somebody out. A network error, 429 or 5xx leaves what is
//! known and marks it `unconfirmed`.
//!
//! What may be decided without a browser (`message`, `outcome`, `target`, `timing`) is plain functions, tested on
//! the host.

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
