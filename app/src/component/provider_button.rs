//! "Continue with …": one form, one button.

use leptos::prelude::*;
use leptos_auth::types::SignInMethod;
use leptos_auth_locales::provider_button;

use super::{AuthForm, ProviderMark, SubmitButton};
use crate::text::t_with;

/// A button that goes to the provider.
#[component]
pub fn ProviderButton(
    /// The provider.
    method: SignInMethod,
    /// CSRF token of the page.
    csrf_token: String,
    /// Where to go afterwards.
    callback_url: String,
    /// Whether the browser must forget the session when it is closed.
    is_shared: bool,
    /// Whether this browser used it last time.
    is_last_used: bool,
    /// Whether it is the only way in, and so the main action of the page.
    is_primary: bool,
) -> impl IntoView {
    let SignInMethod { id, name, mark, color, .. } = method;
    let action = format!("/api/auth/signin/{id}");
    let label = t_with(provider_button::CONTINUE, &[("name", &name)]);
    // A brand's colour can be seen on a plain button, not on that of our own brand.
    let color = color.filter(|_| !is_primary);
    view! {
        <AuthForm provider=id action csrf_token callback_url is_shared>
            <SubmitButton is_primary is_last_used>
                <ProviderMark name mark color/>
                <span class="min-w-0">{label}</span>
            </SubmitButton>
        </AuthForm>
    }
}
