//! A field in the browser: shows what is wrong with its value, and can show a typed password.

use leptos::{ev, html, prelude::*};
use leptos_auth::types::ErrorCode;
use serde::{Deserialize, Serialize};

use super::forms::use_forms;
use crate::{
    component::{Icon, Mark},
    effect::effect,
};

/// As much as a password may have.
const LONGEST: &str = "1024";

/// What a field asks for.
#[derive(Serialize, Deserialize)]
pub(super) struct Question {
    pub id: String,
    pub name: String,
    pub label: String,
    pub kind: String,
    pub autocomplete: String,
    pub inputmode: Option<String>,
    pub pattern: Option<String>,
    pub hint: Option<String>,
    pub help: String,
    pub value: Option<String>,
    pub min_length: Option<usize>,
    pub is_required: bool,
    pub is_invalid: bool,
    pub refused_by: Vec<ErrorCode>,
    /// What the button says that shows a password.
    pub show_label: Option<String>,
}

/// The field. Its value is never written by scripts: password managers may have filled it already.
#[island]
pub(super) fn Input(question: Question) -> impl IntoView {
    let Question { id, name, label, kind, autocomplete, inputmode, hint, help, value, .. } = question;
    let input = NodeRef::<html::Input>::new();
    let is_invalid = RwSignal::new(question.is_invalid);
    let is_refused = use_forms().is_refused(question.refused_by);
    let (hint_id, help_id) = (format!("{id}-hint"), format!("{id}-help"));
    let (named_hint, named_help) = (hint.is_some().then(|| hint_id.clone()), help_id.clone());
    let described_by = move || {
        let hint = named_hint.as_deref();
        let help = is_invalid.get().then_some(named_help.as_str());
        let notice = is_refused.get().then_some("notice");
        let ids: Vec<_> = [hint, help, notice].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    };
    let is_password = question.show_label.is_some();
    let show = question.show_label.map(|label| view! { <ShowButton input label/> });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <div class=if is_password { "input-with-button" } else { "no-box" }>
                <input
                    class="input"
                    id=id
                    name=name
                    type=kind
                    value=value
                    autocomplete=autocomplete
                    inputmode=inputmode
                    pattern=question.pattern
                    autocapitalize="none"
                    spellcheck="false"
                    dir=(!is_password).then_some("ltr")
                    minlength=question.min_length.map(|length| length.to_string())
                    maxlength=is_password.then_some(LONGEST)
                    required=question.is_required
                    aria-invalid=move || (is_invalid.get() || is_refused.get()).then_some("true")
                    aria-describedby=described_by
                    node_ref=input
                    on:invalid=move |event| show_help(&event, input, is_invalid)
                    on:input=move |_| is_invalid.set(false)
                />
                {show}
            </div>
            <p class="field-error" id=help_id hidden=move || !is_invalid.get()>{help}</p>
        </div>
    }
}

/// Shows the password, and hides it again before it is sent: nobody leaves a readable one on the screen.
#[component]
fn ShowButton(input: NodeRef<html::Input>, label: String) -> impl IntoView {
    let is_shown = RwSignal::new(false);
    let is_pending = use_forms().is_pending;
    let show = move |shown: bool| {
        is_shown.set(shown);
        if let Some(input) = input.get_untracked() {
            set_type(&input, if shown { "text" } else { "password" });
        }
    };
    effect(move || {
        if is_pending.get() {
            show(false);
        }
    });
    view! {
        <button
            type="button"
            class="show-password needs-script"
            aria-pressed=move || if is_shown.get() { "true" } else { "false" }
            on:click=move |_| show(!is_shown.get_untracked())
        >
            <span class="sr-only">{label}</span>
            <Icon mark=Mark::Eye/>
        </button>
    }
}

/// The browser found the field empty or malformed: our words instead of its bubble, which is gone after seconds.
fn show_help(event: &ev::Event, input: NodeRef<html::Input>, is_invalid: RwSignal<bool>) {
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

/// Changes the type and keeps the caret, which some browsers move to the start.
fn set_type(input: &leptos::web_sys::HtmlInputElement, kind: &str) {
    let caret = (input.selection_start().ok().flatten(), input.selection_end().ok().flatten());
    input.set_type(kind);
    if let (Some(start), Some(end)) = caret {
        let _ = input.set_selection_range(start, end);
    }
}
