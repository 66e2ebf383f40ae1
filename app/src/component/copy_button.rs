//! Development only: copies a text. Without scripts there is no button, and a click on the text selects it whole.

use leptos::prelude::*;

/// The text, and a button that copies it.
#[component]
pub fn Copyable(
    /// What to copy.
    text: String,
    /// What it is, for who does not see where the button stands.
    label: String,
) -> impl IntoView {
    let is_copied = RwSignal::new(false);
    let copied = text.clone();
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let copied = copied.clone();
            leptos::task::spawn_local(async move {
                let clipboard = window().navigator().clipboard();
                let done = wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&copied)).await;
                is_copied.set(done.is_ok());
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = &copied;
    };
    view! {
        <span class="copyable">
            <code>{text}</code>
            <button type="button" class="copy needs-script" aria-label=format!("Copy {label}") on:click=copy>
                {move || if is_copied.get() { "Copied" } else { "Copy" }}
            </button>
            <span class="sr-only" role="status">{move || is_copied.get().then_some("Copied")}</span>
        </span>
    }
}
