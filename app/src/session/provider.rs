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
    /// Read again when the page is looked at again, at most every 5 seconds.
    #[prop(default = true)]
    refetch_on_window_focus: bool,
    /// Go on asking while the browser says that it is offline. Unlike in Auth.js, off by default.
    #[prop(optional)]
    refetch_when_offline: bool,
    /// Where the REST API lives.
    #[prop(default = DEFAULT_BASE_PATH)]
    base_path: &'static str,
    /// The app.
    children: Children,
) -> impl IntoView {
    let store = SessionStore::new(SessionSnapshot::shared());
    provide_context(store);
    #[cfg(feature = "hydrate")]
    super::browser::install(
        store,
        super::browser::Options {
            interval: refetch_interval,
            on_focus: refetch_on_window_focus,
            when_offline: refetch_when_offline,
            base_path,
        },
    );
    #[cfg(not(feature = "hydrate"))]
    let _ = (refetch_interval, refetch_on_window_focus, refetch_when_offline, base_path);
    children()
}
