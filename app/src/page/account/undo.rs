//! `/account/undo`: the page of the link "This wasn't me" in a security email. Opening it changes nothing, because mail
//! scanners open links; its button does. It needs no session, because the owner may not have one anymore.

use leptos::prelude::*;
use leptos_auth::types::SignInForm;
use leptos_auth_locales::account_undo;
use leptos_meta::Title;

use crate::{
    component::{AuthCard, AuthForm, AuthForms, Mark, PageHeader, SubmitButton},
    page::{
        mail_link::{MailLink, has_sealed_shape},
        query_problem,
    },
    server_fn::load_auth_form,
    text::{Problem, page_title, t},
};

/// The page.
#[component]
pub fn UndoPage() -> impl IntoView {
    let link = MailLink::token_of_address(has_sealed_shape).zip(load_auth_form(None));
    view! {
        <Title text=page_title(t(account_undo::TITLE))/>
        <UndoView link problem=query_problem()/>
    }
}

/// The view.
#[component]
pub(crate) fn UndoView(
    /// The token of the link, and what forms need.
    link: Option<(String, SignInForm)>,
    /// What went wrong with the form.
    problem: Option<Problem>,
) -> impl IntoView {
    let content = match link {
        Some((token, form)) => view! {
            <p>{t(account_undo::BEFORE)}</p>
            <ul class="points">
                <li>{t(account_undo::UNDONE)}</li>
                <li>{t(account_undo::SECOND_STEP)}</li>
                <li>{t(account_undo::SIGNED_OUT)}</li>
                <li>{t(account_undo::LOCKED)}</li>
            </ul>
            <AuthForm
                action="/api/auth/account/undo"
                csrf_token=form.csrf_token
                callback_url=form.callback_url
                is_used_once=true
            >
                <input type="hidden" name="token" value=token/>
                <SubmitButton is_danger=true>{t(account_undo::BUTTON)}</SubmitButton>
            </AuthForm>
            <a class="quiet-link justify-center" href="/">{t(account_undo::WAS_ME)}</a>
        }
        .into_any(),
        None => view! {
            <p>{t(account_undo::NO_LINK)}</p>
            <a class="button" href="/account/activity">{t(account_undo::TO_ACCOUNT)}</a>
        }
        .into_any(),
    };
    view! {
        <AuthCard>
            <PageHeader mark=Mark::Key title=t(account_undo::TITLE)>{t(account_undo::LEAD)}</PageHeader>
            <AuthForms problem>{content}</AuthForms>
        </AuthCard>
    }
}
