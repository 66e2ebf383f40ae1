//! Copies a text. Without scripts there is no button, and the text is there to be selected.

use leptos::prelude::*;

/// The button.
#[component]
pub fn CopyButton(
    /// What to copy.
    #[prop(into)]
    text: String,
    /// What it is, for who does not see where the button stands.
    #[prop(into)]
    label: String,
    /// How it looks.
    #[prop(default = "button")]
    class: &'static str,
) -> impl IntoView {
    let is_copied = RwSignal::new(false);
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let text = text.clone();
            leptos::task::spawn_local(async move {
                let clipboard = window().navigator().clipboard();
                let done = wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text)).await;
                is_copied.set(done.is_ok());
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = &text;
    };
    view! {
        <button type="button" class=format!("{class} needs-script") aria-label=format!("Copy {label}") on:click=copy>
            {move || if is_copied.get() { "Copied" } else { "Copy" }}
        </button>
        <span class="sr-only" role="status">{move || is_copied.get().then_some("Copied")}</span>
    }
}

/// Development only: a text, and a button that copies it. A click on the text selects it whole.
#[cfg(feature = "dev")]
#[component]
pub fn Copyable(
    /// What to copy.
    text: String,
    /// What it is, for who does not see where the button stands.
    label: String,
) -> impl IntoView {
    view! {
        <span class="copyable">
            <code>{text.clone()}</code>
            <CopyButton text label class="copy"/>
        </span>
    }
}
