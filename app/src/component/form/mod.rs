//! Forms that work as plain HTML and improve with scripts: a pending state, errors without a page reload.
//!
//! Rule: the browser's own POST always works. What scripts add is in `submit.rs` and may fail without harm.

mod field;
mod forms;
mod input;
#[cfg(feature = "passkey")]
mod passkey_button;
mod resend_button;
#[cfg(feature = "hydrate")]
mod submit;

use leptos::prelude::*;
use leptos_auth_locales::{account, submit_button};

use crate::text::t;

#[cfg(feature = "password")]
pub use field::NewPasswordField;
pub use field::{EmailField, Field, PasswordField};
pub use forms::AuthForms;
#[cfg(feature = "passkey")]
pub use passkey_button::PasskeyForm;
pub use resend_button::ResendButton;
#[cfg(all(feature = "hydrate", feature = "passkey"))]
pub use submit::fetch;
#[cfg(feature = "hydrate")]
pub use submit::post_in_background;

/// A form that POSTs to `/api/auth/…`, with the two hidden fields all of them have. Stands inside [`AuthForms`].
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
    /// Whether the page is of no use after it worked, and its address may be a secret (a link from an email): it leaves
    /// the history.
    #[prop(optional)]
    is_used_once: bool,
    /// Whether the response is a file that the browser saves: scripts then leave the form alone.
    #[prop(optional)]
    is_download: bool,
    /// Fields and the button.
    children: Children,
) -> impl IntoView {
    view! {
        <form
            method="post"
            action=action
            data-provider=provider
            data-used-once=is_used_once.then_some("")
            data-download=is_download.then_some("")
        >
            <input type="hidden" name="csrfToken" value=csrf_token/>
            <input type="hidden" name="callbackUrl" value=callback_url/>
            {is_shared.then(|| view! { <input type="hidden" name="remember" value="false"/> })}
            {children()}
        </form>
    }
}

/// The checkbox that signs out all other devices with a change of sign-in methods: on by default.
#[component]
pub fn EndOthersBox() -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name="endOtherSessions" value="true" checked/>
            <span>{t(account::END_OTHERS)}</span>
        </label>
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
    let class = match (is_primary, is_danger) {
        (_, true) => "button button-danger button-wide",
        (true, false) => "button button-primary button-wide",
        (false, false) => "button button-wide",
    };
    view! {
        <div class="submit">
            <button class=class formaction=action aria-describedby=is_last_used.then_some("last-used")>
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
    view! { <button class=class formaction=action>{children()}</button> }
}
