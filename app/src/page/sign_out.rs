//! `/signout`: asks once, then a POST ends the session. A link alone never signs anybody out.

use leptos::prelude::*;
use leptos_auth::types::SignInForm;
use leptos_meta::Title;

use super::query;
use crate::{
    component::{AuthForm, Notice, PageHeader, SubmitButton, display_name},
    server_fn::load_auth_form,
    session::use_session,
};

/// What the page shows.
#[derive(Clone, Default)]
pub struct SignOut {
    /// CSRF token and where to go afterwards.
    pub form: Option<SignInForm>,
    /// Name of whoever is signed in.
    pub signed_in_as: Option<String>,
}

/// The page.
#[component]
pub fn SignOutPage() -> impl IntoView {
    let form = load_auth_form(query("callbackUrl"));
    let session = use_session();
    let signed_in_as = Memo::new(move |_| session.data.get().map(|session| display_name(&session.user)));
    view! {
        <Title text="Sign out · Leptos Auth"/>
        {move || view! { <SignOutView state=SignOut { form: form.clone(), signed_in_as: signed_in_as.get() }/> }}
    }
}

/// The view.
#[component]
pub fn SignOutView(state: SignOut) -> impl IntoView {
    let feedback = RwSignal::new(None);
    let content = match (state.signed_in_as, state.form) {
        (Some(name), Some(form)) => view! {
            <PageHeader title="Sign out">
                "You are signed in as "<bdi>{name}</bdi>". Do you want to sign out on this device?"
            </PageHeader>
            <Notice problem=feedback/>
            <AuthForm action="/api/auth/signout" csrf_token=form.csrf_token callback_url=form.callback_url feedback>
                <SubmitButton is_primary=true>"Sign out"</SubmitButton>
            </AuthForm>
            <a class="quiet-link justify-center" href="/">"Stay signed in"</a>
        }
        .into_any(),
        _ => view! {
            <PageHeader title="You are signed out">"Nobody is signed in in this browser."</PageHeader>
            <a class="button button-primary button-wide" href="/signin" rel="external">"Sign in"</a>
        }
        .into_any(),
    };
    view! { <div class="card card-narrow">{content}</div> }
}
