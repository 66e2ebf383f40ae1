//! What every page around signing in stands in: one column in the middle. Change it here and all of them follow;
//! `docs/customizing.md` makes two columns of it.

use leptos::prelude::*;

/// The frame of one page.
#[component]
pub fn AuthCard(
    /// The page.
    children: Children,
) -> impl IntoView {
    view! { <div class="card card-narrow">{children()}</div> }
}
