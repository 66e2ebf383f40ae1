//! Something broke while a page was made.

use leptos::prelude::*;

use crate::component::PageHeader;

/// The view.
#[component]
pub fn ServerErrorView() -> impl IntoView {
    view! {
        <div class="card card-narrow">
            <PageHeader title="Something went wrong">
                "That was our mistake, not yours. It has been written down for the people who mend it."
            </PageHeader>
            <a class="button button-primary button-wide" href="/" rel="external">"Go to the front page"</a>
        </div>
    }
}
