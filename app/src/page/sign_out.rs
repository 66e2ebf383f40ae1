//! `/signout`: asks once, then a POST ends the session. A link alone never signs anybody out.

use leptos::prelude::*;
use leptos_auth::types::SignInForm;
use leptos_auth_locales::{sign_out, way_on};
use leptos_meta::Title;

use super::query;
use crate::{
    component::{AuthCard, AuthForm, AuthForms, PageHeader, SubmitButton, display_name},
    server_fn::load_auth_form,
    session::use_session,
    text::{page_title, t, t_around},
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
    let user = use_session().data.get_untracked().map(|session| session.user);
    let signed_in_as = user.as_ref().map(display_name);
    view! {
        <Title text=page_title(t(sign_out::TITLE))/>
        <SignOutView state=SignOut { form, signed_in_as }/>
    }
}

/// The view.
#[component]
pub fn SignOutView(state: SignOut) -> impl IntoView {
    let (before, after) = t_around(sign_out::ASK);
    let content = match (state.signed_in_as, state.form) {
        (Some(name), Some(form)) => view! {
            <PageHeader title=t(sign_out::TITLE)>{before}<bdi>{name}</bdi>{after}</PageHeader>
            <AuthForms problem=None>
                <AuthForm action="/api/auth/signout" csrf_token=form.csrf_token callback_url=form.callback_url>
                    <SubmitButton is_primary=true>{t(sign_out::SUBMIT)}</SubmitButton>
                </AuthForm>
            </AuthForms>
            <a class="quiet-link justify-center" href="/">{t(sign_out::STAY)}</a>
        }
        .into_any(),
        _ => view! {
            <PageHeader title=t(sign_out::DONE)>{t(sign_out::DONE_LEAD)}</PageHeader>
            <a class="button button-primary button-wide" href="/signin">{t(way_on::SIGN_IN)}</a>
        }
        .into_any(),
    };
    view! { <AuthCard>{content}</AuthCard> }
}
