//! A password field with a button that shows what was typed.

use leptos::{html, prelude::*};

use super::{field::show_help, form_state};

/// The field `password`.
#[component]
pub fn PasswordField(
    /// Whether the server refused what was typed; the notice says why.
    #[prop(into)]
    is_refused: Signal<bool>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let (is_shown, is_invalid) = (RwSignal::new(false), RwSignal::new(false));
    let form = form_state();
    let show = move |shown: bool| {
        is_shown.set(shown);
        if let Some(input) = input.get_untracked() {
            set_type(&input, if shown { "text" } else { "password" });
        }
    };
    // Nobody leaves a readable password on the screen by sending it.
    Effect::new(move |_| {
        if form.is_pending.get() {
            show(false);
        }
    });
    view! {
        <div class="field">
            <label for="password">"Password"</label>
            <div class="input-with-button">
                <input
                    class="input"
                    id="password"
                    name="password"
                    type="password"
                    autocomplete="current-password"
                    required
                    aria-invalid=move || (is_invalid.get() || is_refused.get()).then_some("true")
                    aria-describedby=move || {
                        if is_invalid.get() { Some("password-help") } else { is_refused.get().then_some("notice") }
                    }
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
                    <span class="sr-only">"Show password"</span>
                    <super::super::Icon mark=super::super::Mark::Eye/>
                </button>
            </div>
            {move || is_invalid.get().then(|| view! { <p class="field-error" id="password-help">"Enter your password."</p> })}
        </div>
    }
}

/// Changes the type and keeps the caret, which some browsers move to the start.
fn set_type(input: &leptos::web_sys::HtmlInputElement, kind: &str) {
    let caret = (input.selection_start().ok().flatten(), input.selection_end().ok().flatten());
    input.set_type(kind);
    if let (Some(start), Some(end)) = caret {
        let _ = input.set_selection_range(start, end);
    }
}
