//! `/account/email`: changes the email address, and the page that the confirmation link leads to.

use leptos::prelude::*;
use leptos_auth::types::{AccountOverview, ErrorCode};
use leptos_auth_locales::{account_email, incomplete_link};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, EmailField, EndOthersBox, ReauthenticationNotice, SubmitButton},
    page::mail_link::{MailLink, has_token_shape},
    server_fn::account,
    text::{t, t_around},
};

const PATH: &str = "/account/email";

/// The page.
#[component]
pub fn EmailPage() -> impl IntoView {
    account_page(t(account_email::TITLE), account, |form, account| {
        view! { <EmailView form account/> }.into_any()
    })
}

/// The view.
#[component]
pub(crate) fn EmailView(form: AccountForm, account: AccountOverview) -> impl IntoView {
    let AccountOverview { email, is_email_proven, new_email, can_change_email, is_fresh, .. } = account;
    let own = form.clone();
    let state = match email {
        None => view! { <p>{t(account_email::NO_ADDRESS)}</p> }.into_any(),
        Some(email) => view! {
            <p class="address"><bdi dir="ltr">{email}</bdi></p>
            {(!is_email_proven).then(|| view! { <p class="muted">{t(account_email::NOT_PROVEN)}</p> })}
        }
        .into_any(),
    };
    view! {
        <AccountLayout path=PATH title=t(account_email::TITLE) lead=t(account_email::LEAD) form>
            <section class="card">
                <h2>{t(account_email::ADDRESS)}</h2>
                {state}
                {new_email.map(|new| {
                    let (before, after) = t_around(account_email::WAITING);
                    view! { <p role="status">{before} <bdi dir="ltr">{new}</bdi> {after}</p> }
                })}
            </section>
            <section class="card">
                <h2>{t(account_email::CHANGE)}</h2>
                <Change form=own can_change_email is_fresh/>
            </section>
        </AccountLayout>
    }
}

/// A component, so that the field is drawn inside of the layout: that tells it what went wrong.
#[component]
fn Change(form: AccountForm, can_change_email: bool, is_fresh: bool) -> impl IntoView {
    match (can_change_email, is_fresh) {
        (false, _) => view! { <p class="muted">{t(account_email::NO_MAILS)}</p> }.into_any(),
        (true, false) => view! { <ReauthenticationNotice path=PATH/> }.into_any(),
        (true, true) => view! {
            <AuthForm action="/api/auth/account/email" csrf_token=form.csrf_token callback_url=PATH.to_owned()>
                <EmailField
                    label=t(account_email::NEW)
                    autocomplete="email"
                    hint=t(account_email::NEW_HINT)
                    help=t(account_email::NEW_HELP)
                    refused_by=[ErrorCode::EmailSignin]
                />
                <SubmitButton is_primary=true>{t(account_email::SEND)}</SubmitButton>
            </AuthForm>
        }
        .into_any(),
    }
}

/// The page of the link in the mail: it changes nothing until the button is pressed, for mail scanners open links too.
#[component]
pub fn ConfirmEmailPage() -> impl IntoView {
    account_page(t(account_email::CONFIRM_TITLE), account, |form, account| {
        let token = MailLink::token_of_address(has_token_shape);
        view! { <ConfirmEmailView form account token/> }.into_any()
    })
}

/// The view.
#[component]
pub(crate) fn ConfirmEmailView(
    form: AccountForm,
    account: AccountOverview,
    token: Option<String>,
) -> impl IntoView {
    let csrf_token = form.csrf_token.clone();
    let content = match (account.new_email, token) {
        (Some(_), None) => view! {
            <p>{t(incomplete_link::LEAD_WITHOUT_CODE)}</p>
            <a class="button" href=PATH>{t(account_email::TO_ADDRESS)}</a>
        }
        .into_any(),
        (Some(new), Some(token)) => view! {
            <p>{t(account_email::CONFIRM_NEW)}</p>
            <p class="address"><bdi dir="ltr">{new}</bdi></p>
            <AuthForm
                action="/api/auth/account/confirm-email"
                csrf_token
                callback_url=PATH.to_owned()
                is_used_once=true
            >
                <input type="hidden" name="token" value=token/>
                <EndOthersBox/>
                <SubmitButton is_primary=true>{t(account_email::CONFIRM)}</SubmitButton>
            </AuthForm>
        }
        .into_any(),
        (None, _) => view! {
            <p>{t(account_email::NOTHING_WAITS)}</p>
            <a class="button" href=PATH>{t(account_email::TO_ADDRESS)}</a>
        }
        .into_any(),
    };
    view! {
        <AccountLayout path=PATH title=t(account_email::CONFIRM_TITLE) lead=t(account_email::CONFIRM_LEAD) form>
            <section class="card">{content}</section>
        </AccountLayout>
    }
}
