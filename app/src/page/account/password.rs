//! `/account/password`: sets, changes or removes the password.

use leptos::prelude::*;
use leptos_auth::types::{ErrorCode, PasswordOverview};
use leptos_auth_locales::{account_email, account_password};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{
        AuthForm, EndOthersBox, NewPasswordField, PasswordField, ReauthenticationNotice, SubmitButton,
    },
    server_fn::password,
    text::{date_time, t, t_with},
};

const PATH: &str = "/account/password";

/// The page.
#[component]
pub fn PasswordPage() -> impl IntoView {
    account_page(t(account_password::TITLE), password, |form, password| {
        view! { <PasswordView form password/> }.into_any()
    })
}

/// The view.
#[component]
pub(crate) fn PasswordView(form: AccountForm, password: PasswordOverview) -> impl IntoView {
    let own = form.clone();
    view! {
        <AccountLayout path=PATH title=t(account_password::TITLE) lead=t(account_password::LEAD) form>
            <Content form=own password/>
        </AccountLayout>
    }
}

/// A component, so that the fields are drawn inside of the layout: that tells them what went wrong.
#[component]
fn Content(form: AccountForm, password: PasswordOverview) -> impl IntoView {
    match password {
        PasswordOverview { min_length: None, .. } => {
            view! { <section class="card"><p>{t(account_password::NO_PASSWORDS)}</p></section> }.into_any()
        }
        PasswordOverview { email: None, .. } => view! {
            <section class="card">
                <p>{t(account_password::NO_ADDRESS)}</p>
                <a class="button" href="/account/email">{t(account_email::TO_ADDRESS)}</a>
            </section>
        }
        .into_any(),
        PasswordOverview { is_fresh: false, .. } => {
            view! { <section class="card"><ReauthenticationNotice path=PATH/></section> }.into_any()
        }
        PasswordOverview { min_length: Some(min_length), email: Some(email), changed, .. } => {
            let remove = changed.is_some().then(|| view! { <Remove form=form.clone()/> });
            view! {
                <Change form min_length email changed/>
                {remove}
            }
            .into_any()
        }
    }
}

#[component]
fn Change(form: AccountForm, min_length: usize, email: String, changed: Option<String>) -> impl IntoView {
    let csrf_token = form.csrf_token;
    let has_password = changed.is_some();
    let (heading, button) = if has_password {
        (t(account_password::CHANGE), t(account_password::CHANGE_BUTTON))
    } else {
        (t(account_password::SET), t(account_password::SET_BUTTON))
    };
    view! {
        <section class="card">
            <h2>{heading}</h2>
            {changed.map(|changed| view! {
                <p class="muted">{t_with(account_password::SET_ON, &[("date", &date_time(&changed))])}</p>
            })}
            <AuthForm action="/api/auth/account/password" csrf_token callback_url=PATH.to_owned()>
                // For password managers, which store it with the password.
                <input type="email" name="username" value=email autocomplete="username" readonly hidden/>
                {has_password.then(|| view! {
                    <PasswordField
                        name="currentPassword"
                        label=t(account_password::PRESENT)
                        refused_by=[ErrorCode::CredentialsSignin]
                    />
                })}
                <NewPasswordField label=t(account_password::NEW) min_length/>
                <SubmitButton is_primary=true>{button}</SubmitButton>
            </AuthForm>
            {has_password.then(|| view! {
                <a class="quiet-link" href="/forgot-password">{t(account_password::FORGOT)}</a>
            })}
        </section>
    }
}

#[component]
fn Remove(form: AccountForm) -> impl IntoView {
    let csrf_token = form.csrf_token;
    // Which of the two forms was refused is not known: the notice says it.
    let refused_by: Vec<ErrorCode> = Vec::new();
    view! {
        <section class="card">
            <h2>{t(account_password::REMOVE)}</h2>
            <p>{t(account_password::REMOVE_NOTE)}</p>
            <AuthForm action="/api/auth/account/remove-password" csrf_token callback_url=PATH.to_owned()>
                <PasswordField
                    name="currentPassword"
                    id="remove-password"
                    label=t(account_password::REMOVE_FIELD)
                    refused_by
                />
                <EndOthersBox/>
                <SubmitButton is_danger=true>{t(account_password::REMOVE_BUTTON)}</SubmitButton>
            </AuthForm>
        </section>
    }
}
