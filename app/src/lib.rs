//! The application: pages, components and the session hook. The server draws the pages, the
//! browser wakes the islands in them.
//!
//! Start reading in `page/`: one file per page, each a loader and a plain view. `routes.rs` says which page is
//! where, `component/` holds the parts, `session/` the `use_session` hook, `claims.rs` what it says
//! about a user, `server_fn/` what runs on the server.

// A page is one nested type: the deepest ones pass the default of 128.
#![recursion_limit = "512"]

pub mod claims;
pub mod session;

#[cfg(feature = "ssr")]
mod brand_color;
mod component;
mod effect;
#[cfg(feature = "dev")]
mod gallery;
mod page;
#[cfg(feature = "passkey")]
mod passkey;
mod routes;
pub mod server_fn;
mod shell;
mod text;
mod theme;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::Router;

use crate::{component::Layout, routes::Pages, session::SessionProvider};

pub use crate::shell::{AssetNames, shell};

/// The whole app inside `<body>`: the session around everything, so that header and page agree on who is in.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            // Keepalive: whoever reads for long stays signed in, and a session ended elsewhere is noticed.
            <SessionProvider refetch_interval=300>
                <Layout>
                    <Pages/>
                </Layout>
            </SessionProvider>
        </Router>
    }
}

/// Called by the script in [`shell`] when the wasm and the texts of the page's language are loaded, before it wakes the
/// islands.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate(texts: Vec<String>) {
    text::set_texts(texts);
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
    #[cfg(feature = "passkey")]
    passkey::show_what_needs_them();
}
