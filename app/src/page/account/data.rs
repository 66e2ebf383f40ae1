//! `/account/data`: downloads the user's data, or deletes the account.

use leptos::prelude::*;
use leptos_auth::types::AccountOverview;
use leptos_auth_locales::account_data;

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, ReauthenticationNotice, SubmitButton},
    server_fn::account,
    text::{date_time, t, t_around, t_with},
};

const PATH: &str = "/account/data";

/// The page.
#[component]
pub fn DataPage() -> impl IntoView {
    account_page(t(account_data::TITLE), account, |form, account| {
        view! { <DataView form account/> }.into_any()
    })
}

/// The view.
#[component]
pub(crate) fn DataView(form: AccountForm, account: AccountOverview) -> impl IntoView {
    let deletion = match (account.deletion.clone(), account.is_fresh) {
        (Some(day), _) => view! { <Keep form=form.clone() day/> }.into_any(),
        (None, true) => view! { <Delete form=form.clone() days=account.deletion_grace_days/> }.into_any(),
        (None, false) => view! { <ReauthenticationNotice path=PATH/> }.into_any(),
    };
    let export = if account.is_fresh {
        view! {
            <AuthForm
                action="/api/auth/account/export"
                csrf_token=form.csrf_token.clone()
                callback_url=PATH.to_owned()
                is_download=true
            >
                <SubmitButton>{t(account_data::DOWNLOAD)}</SubmitButton>
            </AuthForm>
        }
        .into_any()
    } else {
        view! { <ReauthenticationNotice path=PATH/> }.into_any()
    };
    view! {
        <AccountLayout path=PATH title=t(account_data::TITLE) lead=t(account_data::LEAD) form>
            <section class="card">
                <h2>{t(account_data::DOWNLOAD)}</h2>
                <p>{t(account_data::DOWNLOAD_NOTE)}</p>
                {export}
            </section>
            <section class="card">
                <h2>{t(account_data::DELETE)}</h2>
                {deletion}
            </section>
        </AccountLayout>
    }
}

#[component]
fn Delete(form: AccountForm, days: u64) -> impl IntoView {
    let csrf_token = form.csrf_token;
    let when = match days {
        0 => t(account_data::DELETE_AT_ONCE).to_owned(),
        1 => t(account_data::DELETE_ONE).to_owned(),
        days => t_with(account_data::DELETE_OTHER, &[("days", &days.to_string())]),
    };
    view! {
        <p>{when}</p>
        <AuthForm action="/api/auth/account/delete" csrf_token callback_url=PATH.to_owned()>
            <label class="check">
                <input type="checkbox" name="confirm" value="delete" required/>
                <span>{t(account_data::DELETE_CONFIRM)}</span>
            </label>
            <SubmitButton is_danger=true>{t(account_data::DELETE)}</SubmitButton>
        </AuthForm>
    }
}

#[component]
fn Keep(form: AccountForm, day: String) -> impl IntoView {
    let csrf_token = form.csrf_token;
    let (before, after) = t_around(account_data::WAITING);
    view! {
        <p>{before} <strong>{date_time(&day)}</strong> {after}</p>
        <AuthForm action="/api/auth/account/keep" csrf_token callback_url=PATH.to_owned()>
            <SubmitButton is_primary=true>{t(account_data::KEEP)}</SubmitButton>
        </AuthForm>
    }
}
