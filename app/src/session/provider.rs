//! The component that holds the session of the page. Put one around the whole app.

use leptos::{prelude::*, serde_json};
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
    let page = Page {
        snapshot: SessionSnapshot::of_request(),
        rendered: now(),
        interval: refetch_interval,
        keep_alive,
        on_focus: refetch_on_window_focus,
        max_age: client_max_age,
        when_offline: refetch_when_offline,
        base_path,
    };
    let json = serde_json::to_string(&page).unwrap_or_default();
    provide_context(SessionStore::new(page.snapshot));
    view! { <Holder page=json>{children()}</Holder> }
}

/// What the server hands to the browser, so that the first frame knows what the first HTML knew.
#[derive(Serialize, Deserialize)]
struct Page {
    snapshot: SessionSnapshot,
    /// When that was, by the server's clock: ms since 1970.
    rendered: u64,
    interval: u32,
    keep_alive: u32,
    on_focus: bool,
    max_age: u32,
    when_offline: bool,
    base_path: String,
}

/// Holds the session for all islands inside. `page` is a [`Page`] as JSON: the browser only reads it, and what writes it is
/// not in the wasm.
#[island]
fn Holder(page: String, children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    if let Ok(page) = serde_json::from_str::<Page>(&page) {
        let store = SessionStore::new(page.snapshot);
        provide_context(store);
        super::browser::install(
            store,
            page.rendered as f64,
            super::browser::Options {
                interval: super::timing::interval([page.interval, page.keep_alive], page.max_age),
                max_age: page.max_age,
                on_focus: page.on_focus,
                when_offline: page.when_offline,
                base_path: page.base_path,
            },
        );
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = page;
    children()
}

#[cfg(feature = "ssr")]
fn now() -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    since.as_millis() as u64
}

/// The page brings it.
#[cfg(not(feature = "ssr"))]
fn now() -> u64 {
    0
}
