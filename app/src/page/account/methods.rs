//! `/account/methods`: lists the sign-in methods, and those that can be added. The last one cannot be removed.

use leptos::prelude::*;
use leptos_auth::types::{AccountMethods, EmailMethod, LinkedAccount, ProviderMethod, SignInMethod};
use leptos_auth_locales::account_methods;

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, EndOthersBox, ProviderMark, ReauthenticationNotice, SubmitButton},
    server_fn::account_methods,
    text::{date_time, t, t_around, t_with},
};

const PATH: &str = "/account/methods";

/// The page.
#[component]
pub fn MethodsPage() -> impl IntoView {
    account_page(t(account_methods::TITLE), account_methods, |form, methods| {
        view! { <MethodsView form methods/> }.into_any()
    })
}

/// The view.
#[component]
pub(crate) fn MethodsView(form: AccountForm, methods: AccountMethods) -> impl IntoView {
    let AccountMethods { providers, email, has_password, passkeys, last_used, is_fresh } = methods;
    let is_last_used = move |id: &str| last_used.as_deref() == Some(id);
    let has_own = email.is_some() || has_password.is_some() || passkeys.is_some();
    let is_empty = providers.is_empty() && !has_own;
    let own = has_own.then(|| {
        let is_last_used = is_last_used("email");
        view! {
            <section class="card">
                <h2>{t(account_methods::HERE)}</h2>
                <ul role="list">
                    {email.map(|email| view! { <EmailRow email is_last_used/> })}
                    {has_password.map(|has_password| view! { <PasswordRow has_password/> })}
                    {passkeys.map(|count| view! { <PasskeyRow count/> })}
                </ul>
            </section>
        }
    });
    let has_providers = !providers.is_empty();
    let rows = providers.into_iter().map(|provider| {
        let is_last_used = is_last_used(&provider.method.id);
        let form = form.clone();
        view! { <ProviderRows form provider is_last_used is_fresh/> }
    });
    let elsewhere = has_providers.then(|| {
        view! {
            <section class="card">
                <h2>{t(account_methods::ELSEWHERE)}</h2>
                {(!is_fresh).then(|| view! { <ReauthenticationNotice path=PATH/> })}
                <ul role="list">{rows.collect_view()}</ul>
            </section>
        }
    });
    view! {
        <AccountLayout path=PATH title=t(account_methods::TITLE) lead=t(account_methods::LEAD) form=form.clone()>
            {is_empty.then(|| view! { <p class="card">{t(account_methods::NO_LIST)}</p> })}
            {elsewhere}
            {own}
        </AccountLayout>
    }
}

/// A provider: each account there, or the button that links one.
#[component]
fn ProviderRows(
    form: AccountForm,
    provider: ProviderMethod,
    is_last_used: bool,
    is_fresh: bool,
) -> impl IntoView {
    let ProviderMethod { method, can_link, accounts } = provider;
    if accounts.is_empty() {
        let action = (can_link && is_fresh)
            .then(|| view! { <Link form id=method.id.clone() name=method.name.clone()/> });
        return view! {
            <li class="row">
                <Name method is_last_used/>
                <span class="row-note muted">{t(account_methods::NOT_LINKED)}</span>
                {action}
            </li>
        }
        .into_any();
    }
    let rows = accounts.into_iter().map(|account| {
        let LinkedAccount { id, name, since, is_last } = account;
        let action = (is_fresh && !is_last).then(|| {
            let (form, provider) = (form.clone(), method.id.clone());
            let label = format!("{} {}", method.name, name.as_deref().unwrap_or_default());
            view! { <Unlink form provider account=id label/> }
        });
        view! {
            <li class="row">
                <Name method=method.clone() is_last_used/>
                <span class="row-note muted">
                    {name.map(|name| view! { <bdi>{name}</bdi> ", " })}
                    {t_with(account_methods::LINKED, &[("date", &date_time(&since))])}
                </span>
                {is_last.then(|| view! { <span class="row-note">{t(account_methods::ONLY_ONE)}</span> })}
                {action}
            </li>
        }
    });
    rows.collect_view().into_any()
}

#[component]
fn Name(method: SignInMethod, is_last_used: bool) -> impl IntoView {
    let SignInMethod { name, mark, color, .. } = method;
    view! {
        <span class="row-name">
            <ProviderMark name=name.clone() mark color/>
            <span class="min-w-0">{name}</span>
            {is_last_used.then(|| view! { <span class="tag">{t(account_methods::LAST_USED)}</span> })}
        </span>
    }
}

#[component]
fn Link(form: AccountForm, id: String, name: String) -> impl IntoView {
    let csrf_token = form.csrf_token;
    view! {
        <AuthForm
            provider=id.clone()
            action=format!("/api/auth/signin/{id}")
            csrf_token
            callback_url=PATH.to_owned()
        >
            <input type="hidden" name="link" value="true"/>
            <SubmitButton>{t(account_methods::LINK)} <span class="sr-only">" "{name}</span></SubmitButton>
        </AuthForm>
    }
}

#[component]
fn Unlink(form: AccountForm, provider: String, account: String, label: String) -> impl IntoView {
    let csrf_token = form.csrf_token;
    view! {
        <AuthForm action="/api/auth/account/unlink" csrf_token callback_url=PATH.to_owned()>
            <input type="hidden" name="provider" value=provider/>
            <input type="hidden" name="account" value=account/>
            <EndOthersBox/>
            <SubmitButton is_danger=true>
                {t(account_methods::UNLINK)} <span class="sr-only">" "{label}</span>
            </SubmitButton>
        </AuthForm>
    }
}

#[component]
fn EmailRow(email: EmailMethod, is_last_used: bool) -> impl IntoView {
    let EmailMethod { address, is_proven } = email;
    let note = match (address, is_proven) {
        (Some(address), true) => view! { <bdi dir="ltr">{address}</bdi> }.into_any(),
        (Some(address), false) => {
            let (before, after) = t_around(account_methods::NOT_PROVEN);
            view! { {before} <bdi dir="ltr">{address}</bdi> {after} }.into_any()
        }
        (None, _) => t(account_methods::NO_ADDRESS).into_any(),
    };
    view! {
        <OwnRow
            name=t(account_methods::EMAIL)
            is_last_used
            href="/account/email"
            action=t(account_methods::CHANGE)
        >
            {note}
        </OwnRow>
    }
}

#[component]
fn PasswordRow(has_password: bool) -> impl IntoView {
    let (note, action) = if has_password {
        (t(account_methods::PASSWORD_SET), t(account_methods::CHANGE))
    } else {
        (t(account_methods::PASSWORD_NOT_SET), t(account_methods::SET_PASSWORD))
    };
    view! { <OwnRow name=t(account_methods::PASSWORD) href="/account/password" action>{note}</OwnRow> }
}

#[component]
fn PasskeyRow(count: u32) -> impl IntoView {
    let (note, action) = match count {
        0 => (t(account_methods::NO_PASSKEYS).to_owned(), t(account_methods::ADD_PASSKEY)),
        count => (count.to_string(), t(account_methods::MANAGE_PASSKEYS)),
    };
    view! { <OwnRow name=t(account_methods::PASSKEYS) href="/account/passkeys" action>{note}</OwnRow> }
}

/// A way of our own, which has a page of its own.
#[component]
fn OwnRow(
    name: &'static str,
    #[prop(optional)] is_last_used: bool,
    href: &'static str,
    action: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <li class="row">
            <span class="row-name">
                {name}
                {is_last_used.then(|| view! { <span class="tag">{t(account_methods::LAST_USED)}</span> })}
            </span>
            <span class="row-note muted">{children()}</span>
            <a class="button" href=href>{action} <span class="sr-only">": "{name}</span></a>
        </li>
    }
}
