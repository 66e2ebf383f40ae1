//! No such page.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::component::PageHeader;

/// The page; the response is a 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server_fn::set_status(http::StatusCode::NOT_FOUND);
    view! {
        <Title text="Page not found · Leptos Auth"/>
        <div class="card card-narrow">
            <PageHeader title="Page not found">
                "The address may be mistyped, or the page has moved."
            </PageHeader>
            <a class="button button-primary button-wide" href="/">"Go to the front page"</a>
        </div>
    }
}
