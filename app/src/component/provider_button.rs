//! "Continue with …": one form, one button.

use leptos::prelude::*;
use leptos_auth::types::ProviderInfo;

use super::{AuthForm, FormFeedback, ProviderMark, SubmitButton};

/// A button that goes to the provider.
#[component]
pub fn ProviderButton(
    /// The provider.
    provider: ProviderInfo,
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
    /// Where a failure is shown.
    feedback: FormFeedback,
) -> impl IntoView {
    let ProviderInfo { id, name, .. } = provider;
    let action = format!("/api/auth/signin/{id}");
    let label = format!("Continue with {name}");
    view! {
        <AuthForm provider=id.clone() action csrf_token callback_url is_shared feedback>
            <SubmitButton is_primary is_last_used>
                <ProviderMark id name/>
                {label}
            </SubmitButton>
        </AuthForm>
    }
}
