//! `/account/link`: whoever signed in at a new provider with the address of this account, and then the way they did
//! before, is asked whether to link the two.

use leptos::prelude::*;
use leptos_auth::types::{LinkOffer, SignInMethod};

use super::{AccountForm, account_page};
use crate::{
    component::{AuthForm, Notice, PageHeader, SubmitButton},
    server_fn::link_offer,
};

/// The page.
#[component]
pub fn LinkPage() -> impl IntoView {
    account_page("Link an account", link_offer, |form, offer| view! { <LinkView form offer/> }.into_any())
}

/// The view.
#[component]
pub(crate) fn LinkView(form: AccountForm, offer: LinkOffer) -> impl IntoView {
    let feedback = form.feedback;
    let content = match offer {
        LinkOffer::Ready { method, account_name, callback_url } => {
            view! { <Ready form method account_name callback_url/> }.into_any()
        }
        LinkOffer::OtherUser { method } => view! { <OtherUser name=method.name/> }.into_any(),
        LinkOffer::Nothing => view! { <Nothing/> }.into_any(),
    };
    view! {
        <div class="card card-narrow">
            <Notice problem=feedback/>
            {content}
        </div>
    }
}

#[component]
fn Ready(
    form: AccountForm,
    method: SignInMethod,
    account_name: Option<String>,
    callback_url: String,
) -> impl IntoView {
    let AccountForm { csrf_token, feedback, .. } = form;
    let name = method.name;
    let (title, label) = (format!("Link {name} to your account?"), format!("Link {name}"));
    let account = account_name.map(|account| view! { " (" <bdi>{account}</bdi> ")" });
    view! {
        <PageHeader title>
            "From now on you can sign in with " {name} {account} " as well. If that is not yours, do not link it."
        </PageHeader>
        <AuthForm action="/api/auth/account/link" csrf_token callback_url=callback_url.clone() feedback>
            <SubmitButton is_primary=true>{label}</SubmitButton>
        </AuthForm>
        <a class="button button-wide" href=callback_url rel="external">"Not now"</a>
    }
}

#[component]
fn OtherUser(name: String) -> impl IntoView {
    view! {
        <PageHeader title="Nothing was linked">
            {name} " told us another email address than the one of this account. You can link it on the page of your sign-in methods if it is yours."
        </PageHeader>
        <a class="button button-primary button-wide" href="/account/methods" rel="external">"To your sign-in methods"</a>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    view! {
        <PageHeader title="Nothing waits to be linked">
            "It may be linked already, or more than 15 minutes have passed. You can link it on the page of your sign-in methods."
        </PageHeader>
        <a class="button button-primary button-wide" href="/account/methods" rel="external">"To your sign-in methods"</a>
    }
}
