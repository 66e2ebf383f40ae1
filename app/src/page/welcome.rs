//! `/welcome`: somebody signed in for the first time.

use leptos::prelude::*;
#[cfg(feature = "passkey")]
use leptos_auth::types::ProviderType;
use leptos_auth::types::SignInForm;
use leptos_auth_locales::welcome;
use leptos_meta::Title;

use super::query;
#[cfg(feature = "passkey")]
use super::query_problem;
use crate::{
    component::{AuthCard, Mark, PageHeader, display_name},
    server_fn::load_sign_in_form,
    session::use_session,
    text::{APP_NAME, page_title, t, t_with},
};
#[cfg(feature = "passkey")]
use crate::{
    component::{AuthForms, PasskeyForm},
    passkey::PasskeyAction,
};

/// The page.
#[component]
pub fn WelcomePage() -> impl IntoView {
    let form = load_sign_in_form(query("callbackUrl"));
    let user = use_session().data.get_untracked().map(|session| session.user);
    let name = user.as_ref().map(display_name);
    view! {
        <Title text=page_title(t(welcome::TITLE))/>
        <WelcomeView name form/>
    }
}

/// The view.
#[component]
pub fn WelcomeView(
    /// Who is signed in.
    name: Option<String>,
    /// Where to go, and which methods there are.
    form: Option<SignInForm>,
) -> impl IntoView {
    let title = name.as_ref().map_or_else(
        || t(welcome::TITLE).to_owned(),
        |name| t_with(welcome::TITLE_NAMED, &[("name", name.as_str())]),
    );
    let callback_url = form.as_ref().map_or_else(|| "/".to_owned(), |form| form.callback_url.clone());
    let offer = form.filter(|_| name.is_some()).and_then(passkey);
    view! {
        <AuthCard>
            <PageHeader mark=Mark::Check title>
                {t_with(welcome::LEAD, &[("app", APP_NAME)])}
            </PageHeader>
            {offer}
            <a class="button button-primary button-wide" href=callback_url>{t(welcome::GO_ON)}</a>
            <a class="quiet-link justify-center" href="/account">{t(welcome::SEE_ACCOUNT)}</a>
        </AuthCard>
    }
}

/// One click, and the next sign-in needs neither a mail nor a password.
#[cfg(feature = "passkey")]
fn passkey(form: SignInForm) -> Option<AnyView> {
    form.providers.iter().find(|provider| provider.r#type == ProviderType::WebAuthn)?;
    let offer = view! {
        <section class="stack" data-needs-passkeys="" hidden aria-label=t(welcome::PASSKEY)>
            <AuthForms problem=query_problem()>
                <p>{t(welcome::PASSKEY_OFFER)}</p>
                <PasskeyForm
                    action=PasskeyAction::Register
                    csrf_token=form.csrf_token
                    callback_url=form.callback_url
                    label=t(welcome::ADD_PASSKEY)
                />
            </AuthForms>
        </section>
    };
    Some(offer.into_any())
}

#[cfg(not(feature = "passkey"))]
fn passkey(_: SignInForm) -> Option<AnyView> {
    None
}
