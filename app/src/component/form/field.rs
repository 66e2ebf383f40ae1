//! A labelled text field that says what is wrong with it.

use leptos::{ev, html, prelude::*};
use leptos_auth::types::ErrorCode;

use super::use_forms;

/// A text field. Its value is never written by scripts: password managers may have filled it already.
#[island]
pub fn Field(
    /// Name and id.
    #[prop(into)]
    name: String,
    /// What it is for.
    #[prop(into)]
    label: String,
    /// `text`, `email`, …
    #[prop(optional, into)]
    r#type: Option<String>,
    /// The autocomplete token of the HTML standard.
    #[prop(into)]
    autocomplete: String,
    /// What the keyboard of a phone should offer.
    #[prop(optional, into)]
    inputmode: Option<String>,
    /// How to fill it in, below the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What to say when it is empty or cannot be right.
    #[prop(into)]
    help: String,
    /// What stands in it at first.
    #[prop(optional_no_strip)]
    value: Option<String>,
    /// Whether it may stay empty.
    #[prop(optional)]
    is_optional: Option<bool>,
    /// Starts with the help shown (for the gallery).
    #[prop(optional)]
    is_invalid: Option<bool>,
    /// What went wrong when it was what was typed here; the notice says why.
    #[prop(into)]
    refused_by: Vec<ErrorCode>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let is_invalid = RwSignal::new(is_invalid.unwrap_or_default());
    let is_refused = use_forms().is_refused(refused_by);
    let (help_id, has_hint) = (format!("{name}-help"), hint.is_some());
    let described = name.clone();
    let described_by = move || describe(&described, has_hint, is_invalid.get(), is_refused.get());
    view! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            <input
                class="input"
                id=name.clone()
                name=name
                type=r#type.unwrap_or_else(|| "text".to_owned())
                value=value
                autocomplete=autocomplete
                inputmode=inputmode
                autocapitalize="none"
                spellcheck="false"
                dir="ltr"
                required=!is_optional.unwrap_or_default()
                aria-invalid=move || (is_invalid.get() || is_refused.get()).then_some("true")
                aria-describedby=described_by
                node_ref=input
                on:invalid=move |event| show_help(&event, input, is_invalid)
                on:input=move |_| is_invalid.set(false)
            />
            {move || is_invalid.get().then(|| view! { <p class="field-error" id=help_id.clone()>{help.clone()}</p> })}
        </div>
    }
}

/// Ids of the texts that belong to the field, or nothing.
pub(super) fn describe(name: &str, has_hint: bool, is_invalid: bool, is_refused: bool) -> Option<String> {
    let mut ids = Vec::new();
    if has_hint {
        ids.push(format!("{name}-hint"));
    }
    if is_invalid {
        ids.push(format!("{name}-help"));
    }
    if is_refused {
        ids.push("notice".to_owned());
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// The browser found the field empty or malformed: our words instead of its bubble, which is gone after seconds.
pub(super) fn show_help(event: &ev::Event, input: NodeRef<html::Input>, is_invalid: RwSignal<bool>) {
    event.prevent_default();
    is_invalid.set(true);
    #[cfg(feature = "hydrate")]
    if let Some(input) = input.get_untracked() {
        let form = input.form();
        let first = form.and_then(|form| form.query_selector("input:invalid").ok().flatten());
        if first.as_ref().is_some_and(|first| first.is_same_node(Some(&input))) {
            let _ = input.focus();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = input;
}
