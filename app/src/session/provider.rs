//! The component that holds the session of the page. Put one around the whole app.

use leptos::prelude::*;

use super::{DEFAULT_BASE_PATH, SessionSnapshot, store::SessionStore};

/// Gives [`use_session`](super::use_session) to everything inside, and keeps the session fresh in the browser.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::SessionProvider;
///
/// #[component]
/// fn App() -> impl IntoView {
///     view! {
///         <SessionProvider refetch_interval=300>
///             <main>"…"</main>
///         </SessionProvider>
///     }
/// }
/// ```
#[component]
pub fn SessionProvider(
    /// Keepalive: seconds between two reads while somebody is signed in; 0 turns it off. One tab per browser
    /// asks, and only while it is visible.
    #[prop(optional)]
    refetch_interval: u32,
    /// The name of `refetch_interval` in NextAuth.js 3.
    #[prop(optional)]
    keep_alive: u32,
    /// Read again when the page is looked at again, at most every 5 seconds.
    #[prop(default = true)]
    refetch_on_window_focus: bool,
    /// Seconds: a session that is younger is read again neither on focus nor by the keepalive. From NextAuth.js 3.
    #[prop(optional)]
    client_max_age: u32,
    /// Go on asking while the browser says that it is offline. Unlike in Auth.js, off by default.
    #[prop(optional)]
    refetch_when_offline: bool,
    /// Where the REST API lives.
    #[prop(default = DEFAULT_BASE_PATH)]
    base_path: &'static str,
    /// The app.
    children: Children,
) -> impl IntoView {
    let (snapshot, rendered) = SessionSnapshot::shared();
    let store = SessionStore::new(snapshot);
    provide_context(store);
    #[cfg(feature = "hydrate")]
    super::browser::install(
        store,
        rendered,
        super::browser::Options {
            interval: super::timing::interval([refetch_interval, keep_alive], client_max_age),
            max_age: client_max_age,
            on_focus: refetch_on_window_focus,
            when_offline: refetch_when_offline,
            base_path,
        },
    );
    #[cfg(not(feature = "hydrate"))]
    let _ = (
        refetch_interval,
        keep_alive,
        refetch_on_window_focus,
        client_max_age,
        refetch_when_offline,
        base_path,
        rendered,
    );
    children()
}
