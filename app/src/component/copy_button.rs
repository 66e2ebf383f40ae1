//! Copies a text. Without scripts there is no button, and the text is there to be selected.

use leptos::prelude::*;
use leptos_auth_locales::copy_button;

use crate::text::{t, t_with};

/// The button.
#[island]
pub fn CopyButton(
    /// What to copy.
    #[prop(into)]
    text: String,
    /// What it is, for who does not see where the button stands.
    #[prop(into)]
    label: String,
    /// How it looks.
    #[prop(optional, into)]
    class: Option<String>,
) -> impl IntoView {
    let class = class.unwrap_or_else(|| "button".to_owned());
    let is_copied = RwSignal::new(false);
    let name = t_with(copy_button::COPY_LABEL, &[("label", &label)]);
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
        <button type="button" class=format!("{class} needs-script") aria-label=name on:click=copy>
            {move || t(if is_copied.get() { copy_button::COPIED } else { copy_button::COPY })}
        </button>
        <span class="sr-only" role="status">{move || is_copied.get().then(|| t(copy_button::COPIED))}</span>
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
