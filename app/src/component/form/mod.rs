//! Forms that work as plain HTML and get better with scripts: a pending state, errors without a reload.
//!
//! Rule: the browser's own POST always works. What scripts add is in `submit.rs` and can fail without harm.

mod field;
#[cfg(feature = "passkey")]
mod passkey_button;
mod password_field;
mod resend_button;
#[cfg(feature = "hydrate")]
mod submit;

use leptos::{context::Provider, ev::SubmitEvent, prelude::*};
use leptos_auth_locales::submit_button;

use crate::text::{Problem, t};

pub use field::Field;
#[cfg(feature = "passkey")]
pub use passkey_button::{PasskeyForm, use_passkeys};
pub use password_field::PasswordField;
pub use resend_button::ResendButton;
#[cfg(all(feature = "hydrate", feature = "passkey"))]
pub use submit::fetch;
#[cfg(feature = "hydrate")]
pub use submit::post_in_background;

/// Where the forms of a page put what went wrong. Shown by [`Notice`](super::Notice).
pub type FormFeedback = RwSignal<Option<Problem>>;

/// The state of one form.
#[derive(Clone, Copy)]
struct FormState {
    /// Sent, and no answer yet.
    is_pending: RwSignal<bool>,
    /// The last try by script reached nobody: the next one is left to the browser.
    is_left_to_browser: StoredValue<bool>,
    /// The page is of no use afterwards, and its address may be a secret: it leaves the history.
    is_used_once: bool,
    /// The address of the button that was pressed, where the form has several.
    pressed: RwSignal<Option<String>>,
    feedback: FormFeedback,
}

/// A form that POSTs to `/api/auth/…`, with the two hidden fields all of them have.
#[component]
pub fn AuthForm(
    /// Path to POST to.
    #[prop(into)]
    action: String,
    /// Hidden field `csrfToken`.
    csrf_token: String,
    /// Hidden field `callbackUrl`.
    callback_url: String,
    /// Id of the provider, where the form belongs to one.
    #[prop(optional, into)]
    provider: Option<String>,
    /// Whether the browser must forget the session when it is closed.
    #[prop(optional)]
    is_shared: bool,
    /// Whether the page is of no use after it worked (a link from an email).
    #[prop(optional)]
    is_used_once: bool,
    /// Where a failure is shown.
    feedback: FormFeedback,
    /// Fields and the button.
    children: Children,
) -> impl IntoView {
    let state = FormState {
        is_pending: RwSignal::new(false),
        is_left_to_browser: StoredValue::new(false),
        is_used_once,
        pressed: RwSignal::new(None),
        feedback,
    };
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| submit::stop_waiting_on_return(state));
    view! {
        <form method="post" action=action data-provider=provider on:submit=move |event| on_submit(&event, state)>
            <input type="hidden" name="csrfToken" value=csrf_token/>
            <input type="hidden" name="callbackUrl" value=callback_url/>
            {is_shared.then(|| view! { <input type="hidden" name="remember" value="false"/> })}
            <Provider value=state>{children()}</Provider>
        </form>
    }
}

/// The button of an [`AuthForm`]. Keeps its words while it waits.
#[component]
pub fn SubmitButton(
    /// Whether it is the main action of the page: there is one.
    #[prop(optional)]
    is_primary: bool,
    /// Whether it takes something away for good.
    #[prop(optional)]
    is_danger: bool,
    /// Whether this browser used this way last time.
    #[prop(optional)]
    is_last_used: bool,
    /// Path to POST to, where the form has several buttons: then each has one.
    #[prop(optional, into)]
    action: Option<String>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let state = form_state();
    let own = action.clone();
    let is_busy = move || {
        let is_pressed = own.is_none() || state.pressed.with(|pressed| *pressed == own);
        (state.is_pending.get() && is_pressed).then_some("true")
    };
    let class = match (is_primary, is_danger) {
        (_, true) => "button button-danger button-wide",
        (true, false) => "button button-primary button-wide",
        (false, false) => "button button-wide",
    };
    view! {
        <div class="submit">
            <button
                class=class
                formaction=action
                aria-busy=is_busy
                aria-describedby=is_last_used.then_some("last-used")
            >
                {children()}
            </button>
            {is_last_used.then(|| view! {
                <span id="last-used" class="badge">{t(submit_button::LAST_USED)}</span>
            })}
        </div>
    }
}

/// One of many buttons of one [`AuthForm`], each with a path of its own to POST to.
#[component]
pub fn ChoiceButton(
    /// Path to POST to.
    action: String,
    /// How it looks.
    #[prop(default = "choice")]
    class: &'static str,
    /// The words.
    children: Children,
) -> impl IntoView {
    let state = form_state();
    let own = action.clone();
    let is_busy = move || {
        let is_pressed = state.pressed.with(|pressed| pressed.as_deref() == Some(own.as_str()));
        (state.is_pending.get() && is_pressed).then_some("true")
    };
    view! { <button class=class formaction=action aria-busy=is_busy>{children()}</button> }
}

/// The state of the form around, or of no form at all.
fn form_state() -> FormState {
    use_context().unwrap_or_else(|| FormState {
        is_pending: RwSignal::new(false),
        is_left_to_browser: StoredValue::new(false),
        is_used_once: false,
        pressed: RwSignal::new(None),
        feedback: RwSignal::new(None),
    })
}

fn on_submit(event: &SubmitEvent, state: FormState) {
    #[cfg(feature = "hydrate")]
    submit::submit(event, state);
    #[cfg(not(feature = "hydrate"))]
    let _ = (event, state.is_left_to_browser, state.is_used_once, state.pressed, state.feedback);
}
