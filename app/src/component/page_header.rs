//! The top of a page: its one `h1` and a sentence below.

use leptos::prelude::*;

use super::{Icon, Mark};

/// Heading of a page. The children are the sentence.
#[component]
pub fn PageHeader(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A picture above it.
    #[prop(optional)]
    mark: Option<Mark>,
    /// What the page is about, in one sentence.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="page-header">
            {mark.map(|mark| view! { <span class="badge-icon"><Icon mark/></span> })}
            <h1>{title}</h1>
            <p class="muted">{children()}</p>
        </div>
    }
}
