//! Data that the server writes into a page, for the view and for its hydration.
//!
//! The auth pages are documents: links to them carry `rel="external"`, so the browser loads them and the server
//! sets their cookies. That is also what password managers wait for.

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// What `read` gave on the server. `None` only after a navigation inside the browser: then the page is loaded
/// from the server in place, and nothing needs to be shown.
pub(crate) fn page_data<T>(read: impl FnOnce() -> Option<T>) -> Option<T>
where
    T: Serialize + DeserializeOwned + 'static,
{
    SharedValue::new(|| {
        let data = read();
        #[cfg(feature = "hydrate")]
        load_document();
        data
    })
    .into_inner()
}

/// Asks the server for the page that the router is about to show.
#[cfg(feature = "hydrate")]
fn load_document() {
    // While the page is taken over it was just loaded: loading it again would not end.
    if Owner::current_shared_context().is_some_and(|page| page.during_hydration()) {
        return;
    }
    let location = leptos_router::hooks::use_location();
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    let address = if search.is_empty() { path } else { format!("{path}?{search}") };
    let _ = window().location().replace(&address);
}
