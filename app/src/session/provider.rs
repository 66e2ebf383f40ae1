//! The component that holds the session of the page. Put one around the whole app.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

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
    #[prop(default = DEFAULT_BASE_PATH.to_owned(), into)]
    base_path: String,
    /// The app.
    children: Children,
) -> impl IntoView {
    let settings = Settings {
        interval: refetch_interval,
        keep_alive,
        on_focus: refetch_on_window_focus,
        max_age: client_max_age,
        when_offline: refetch_when_offline,
        base_path,
    };
    let (snapshot, rendered) = (SessionSnapshot::of_request(), now());
    view! { <Holder snapshot rendered settings>{children()}</Holder> }
}

/// What the server hands to the browser beside the session.
#[derive(Clone, Serialize, Deserialize)]
struct Settings {
    interval: u32,
    keep_alive: u32,
    on_focus: bool,
    max_age: u32,
    when_offline: bool,
    base_path: String,
}

/// Holds the session for all islands inside. The snapshot comes with the page, so the first frame knows what the first
/// HTML knew; `rendered` is the time (ms) by the server's clock.
#[island]
fn Holder(snapshot: SessionSnapshot, rendered: f64, settings: Settings, children: Children) -> impl IntoView {
    let store = SessionStore::new(snapshot);
    provide_context(store);
    #[cfg(feature = "hydrate")]
    super::browser::install(
        store,
        rendered,
        super::browser::Options {
            interval: super::timing::interval([settings.interval, settings.keep_alive], settings.max_age),
            max_age: settings.max_age,
            on_focus: settings.on_focus,
            when_offline: settings.when_offline,
            base_path: settings.base_path,
        },
    );
    #[cfg(not(feature = "hydrate"))]
    let _ = (rendered, settings);
    children()
}

/// Ms since 1970, which a 64-bit float counts exactly.
#[cfg(feature = "ssr")]
fn now() -> f64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    (since.as_secs_f64() * 1_000.0).floor()
}

/// The page brings it.
#[cfg(not(feature = "ssr"))]
fn now() -> f64 {
    0.0
}
