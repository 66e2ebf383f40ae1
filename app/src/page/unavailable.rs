//! A part of the site (mostly the database) is away: nobody is signed out by that, and nobody let in.

use leptos::prelude::*;

use crate::component::PageHeader;

/// Shown in place of a page that needs to know who asks.
#[component]
pub fn UnavailableView() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server_fn::set_status(http::StatusCode::SERVICE_UNAVAILABLE);
    view! {
        <div class="card card-narrow" role="status">
            <PageHeader title="Back in a moment">
                "A part of this site is away, so we cannot open this page. You are not signed out and nothing is lost."
            </PageHeader>
            <a class="button button-primary button-wide" href="" rel="external">"Try again"</a>
        </div>
    }
}
