//! `/account/data`: taking one's data along, and leaving.

use leptos::prelude::*;
use leptos_auth::types::AccountOverview;

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, ReauthenticationNotice, SubmitButton},
    server_fn::account,
    text::date_time,
};

const PATH: &str = "/account/data";

/// The page.
#[component]
pub fn DataPage() -> impl IntoView {
    account_page("Your data", account, |form, account| view! { <DataView form account/> }.into_any())
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
        view! { <a class="button" href="/api/auth/account/export" rel="external" download="account.json">"Download"</a> }
            .into_any()
    } else {
        view! { <ReauthenticationNotice path=PATH/> }.into_any()
    };
    view! {
        <AccountLayout path=PATH title="Your data" lead="Take it along, or have it deleted." form>
            <section class="card">
                <h2>"Download"</h2>
                <p>"Everything that this site stores about you, in one JSON file. Secrets such as passwords are not in it."</p>
                {export}
            </section>
            <section class="card">
                <h2>"Delete the account"</h2>
                {deletion}
            </section>
        </AccountLayout>
    }
}

#[component]
fn Delete(form: AccountForm, days: u64) -> impl IntoView {
    let (feedback, csrf_token) = (form.feedback, form.csrf_token);
    let when = match days {
        0 => "Your account and all that belongs to it is deleted at once. This cannot be undone.".to_owned(),
        1 => "You are signed out everywhere, and your account is deleted after 1 day. Until then you can sign in and keep it.".to_owned(),
        days => format!("You are signed out everywhere, and your account is deleted after {days} days. Until then you can sign in and keep it."),
    };
    view! {
        <p>{when}</p>
        <AuthForm action="/api/auth/account/delete" csrf_token callback_url=PATH.to_owned() feedback>
            <label class="check">
                <input type="checkbox" name="confirm" value="delete" required/>
                <span>"Yes, delete my account"</span>
            </label>
            <SubmitButton is_danger=true>"Delete the account"</SubmitButton>
        </AuthForm>
    }
}

#[component]
fn Keep(form: AccountForm, day: String) -> impl IntoView {
    let (feedback, csrf_token) = (form.feedback, form.csrf_token);
    view! {
        <p>"This account will be deleted on " <strong>{date_time(&day)}</strong> "."</p>
        <AuthForm action="/api/auth/account/keep" csrf_token callback_url=PATH.to_owned() feedback>
            <SubmitButton is_primary=true>"Keep my account"</SubmitButton>
        </AuthForm>
    }
}
