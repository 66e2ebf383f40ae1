//! A password field with a button that shows what was typed.

use leptos::{html, prelude::*};
use leptos_auth::types::ErrorCode;
use leptos_auth_locales::password_field;

use super::{
    field::{describe, show_help},
    use_forms,
};
use crate::{
    component::{Icon, Mark},
    text::{language, t, t_with},
};

/// A field for a password: by default the one that somebody has.
#[island]
pub fn PasswordField(
    /// Name of the field.
    #[prop(optional, into)]
    name: Option<String>,
    /// Its id, where that is not the name.
    #[prop(optional, into)]
    id: Option<String>,
    /// What it is for.
    #[prop(optional, into)]
    label: Option<String>,
    /// The autocomplete token of the HTML standard.
    #[prop(optional, into)]
    autocomplete: Option<String>,
    /// How to fill it in, below the label.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What to say when it is empty or too short.
    #[prop(optional, into)]
    help: Option<String>,
    /// Characters that it must have.
    #[prop(optional)]
    min_length: Option<usize>,
    /// Whether it may stay empty.
    #[prop(optional)]
    is_optional: Option<bool>,
    /// What went wrong when it was what was typed here; the notice says why.
    #[prop(into)]
    refused_by: Vec<ErrorCode>,
) -> impl IntoView {
    let name = name.unwrap_or_else(|| "password".to_owned());
    let label = label.unwrap_or_else(|| t(password_field::LABEL).to_owned());
    let help = help.unwrap_or_else(|| t(password_field::HELP).to_owned());
    let input = NodeRef::<html::Input>::new();
    let (is_shown, is_invalid) = (RwSignal::new(false), RwSignal::new(false));
    let forms = use_forms();
    let is_refused = forms.is_refused(refused_by);
    let show = move |shown: bool| {
        is_shown.set(shown);
        if let Some(input) = input.get_untracked() {
            set_type(&input, if shown { "text" } else { "password" });
        }
    };
    // Nobody leaves a readable password on the screen by sending it.
    Effect::new(move |_| {
        if forms.is_pending.get() {
            show(false);
        }
    });
    let (id, has_hint) = (id.unwrap_or_else(|| name.clone()), hint.is_some());
    let (help_id, described, show_label) = (format!("{id}-help"), id.clone(), show_text(&label));
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            <div class="input-with-button">
                <input
                    class="input"
                    id=id
                    name=name
                    type="password"
                    autocomplete=autocomplete.unwrap_or_else(|| "current-password".to_owned())
                    minlength=min_length.map(|length| length.to_string())
                    maxlength="1024"
                    required=!is_optional.unwrap_or_default()
                    aria-invalid=move || (is_invalid.get() || is_refused.get()).then_some("true")
                    aria-describedby=move || describe(&described, has_hint, is_invalid.get(), is_refused.get())
                    node_ref=input
                    on:invalid=move |event| show_help(&event, input, is_invalid)
                    on:input=move |_| is_invalid.set(false)
                />
                <button
                    type="button"
                    class="show-password needs-script"
                    aria-pressed=move || if is_shown.get() { "true" } else { "false" }
                    on:click=move |_| show(!is_shown.get_untracked())
                >
                    <span class="sr-only">{show_label}</span>
                    <Icon mark=Mark::Eye/>
                </button>
            </div>
            {move || is_invalid.get().then(|| view! { <p class="field-error" id=help_id.clone()>{help.clone()}</p> })}
        </div>
    }
}

/// Inside a sentence English writes the label small; other languages have it as it is, since German nouns stay big.
fn show_text(label: &str) -> String {
    let is_english = language().tag.starts_with("en");
    let label = if is_english { label.to_lowercase() } else { label.to_owned() };
    t_with(password_field::SHOW, &[("label", &label)])
}

/// Changes the type and keeps the caret, which some browsers move to the start.
fn set_type(input: &leptos::web_sys::HtmlInputElement, kind: &str) {
    let caret = (input.selection_start().ok().flatten(), input.selection_end().ok().flatten());
    input.set_type(kind);
    if let (Some(start), Some(end)) = caret {
        let _ = input.set_selection_range(start, end);
    }
}
