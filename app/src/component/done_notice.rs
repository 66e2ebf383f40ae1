//! What the last form of a page has done.

use leptos::prelude::*;
use leptos_auth::types::Done;

use crate::text::done_text;

/// Says so, if there was one. It is announced, and interrupts nobody.
#[component]
pub fn DoneNotice(
    /// What was done.
    done: Option<Done>,
) -> impl IntoView {
    done.map(|done| view! { <p class="notice" role="status">{done_text(done)}</p> })
}
