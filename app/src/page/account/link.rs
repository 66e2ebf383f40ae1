//! `/account/link`: whoever signed in at a new provider with the address of this account, and then the way they did
//! before, is asked whether to link the two.

use leptos::prelude::*;
use leptos_auth::types::{LinkOffer, SignInMethod};
use leptos_auth_locales::account_link;

use super::{AccountForm, account_page, around_filled};
use crate::{
    component::{AuthCard, AuthForm, AuthForms, PageHeader, SubmitButton},
    server_fn::link_offer,
    text::{t, t_with},
};

/// The page.
#[component]
pub fn LinkPage() -> impl IntoView {
    account_page(t(account_link::PAGE), link_offer, |form, offer| view! { <LinkView form offer/> }.into_any())
}

/// The view.
#[component]
pub(crate) fn LinkView(form: AccountForm, offer: LinkOffer) -> impl IntoView {
    let problem = form.problem;
    let content = match offer {
        LinkOffer::Ready { method, account_name, callback_url } => {
            view! { <Ready form method account_name callback_url/> }.into_any()
        }
        LinkOffer::OtherUser { method } => view! { <OtherUser name=method.name/> }.into_any(),
        LinkOffer::Nothing => view! { <Nothing/> }.into_any(),
    };
    view! {
        <AuthCard>
            <AuthForms problem>{content}</AuthForms>
        </AuthCard>
    }
}

#[component]
fn Ready(
    form: AccountForm,
    method: SignInMethod,
    account_name: Option<String>,
    callback_url: String,
) -> impl IntoView {
    let csrf_token = form.csrf_token;
    let name = method.name;
    let name = [("name", name.as_str())];
    let (title, label) = (t_with(account_link::TITLE, &name), t_with(account_link::LINK, &name));
    let note = match account_name {
        None => t_with(account_link::NOTE, &name).into_any(),
        Some(account) => {
            let (before, after) = around_filled(account_link::NOTE_ACCOUNT, "{account}", &name);
            view! { {before} <bdi>{account}</bdi> {after} }.into_any()
        }
    };
    view! {
        <PageHeader title>{note}</PageHeader>
        <AuthForm action="/api/auth/account/link" csrf_token callback_url=callback_url.clone()>
            <SubmitButton is_primary=true>{label}</SubmitButton>
        </AuthForm>
        <a class="button button-wide" href=callback_url>{t(account_link::NOT_NOW)}</a>
    }
}

#[component]
fn OtherUser(name: String) -> impl IntoView {
    let note = t_with(account_link::OTHER_NOTE, &[("name", &name)]);
    view! {
        <PageHeader title=t(account_link::OTHER_TITLE)>{note}</PageHeader>
        <a class="button button-primary button-wide" href="/account/methods">{t(account_link::TO_METHODS)}</a>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <PageHeader title=t(account_link::NOTHING_TITLE)>{t(account_link::NOTHING_NOTE)}</PageHeader>
        <a class="button button-primary button-wide" href="/account/methods">{t(account_link::TO_METHODS)}</a>
    }
}
