//! `/account/email`: another address, and the page that its mail leads to.

use leptos::prelude::*;
use leptos_auth::types::{AccountOverview, ErrorCode};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, Field, ReauthenticationNotice, SubmitButton},
    page::query,
    server_fn::account,
};

const PATH: &str = "/account/email";

/// The page.
#[component]
pub fn EmailPage() -> impl IntoView {
    account_page("Email address", account, |form, account| view! { <EmailView form account/> }.into_any())
}

/// The view.
#[component]
pub(crate) fn EmailView(form: AccountForm, account: AccountOverview) -> impl IntoView {
    let AccountOverview { email, is_email_proven, new_email, can_change_email, is_fresh, .. } = account;
    let feedback = form.feedback;
    let is_refused =
        Signal::derive(move || feedback.get().is_some_and(|problem| problem.code == ErrorCode::EmailSignin));
    let csrf_token = form.csrf_token.clone();
    let state = match email {
        None => view! { <p>"No address is known."</p> }.into_any(),
        Some(email) => view! {
            <p class="address"><bdi dir="ltr">{email}</bdi></p>
            {(!is_email_proven).then(|| view! { <p class="muted">"You have not shown yet that it is yours."</p> })}
        }
        .into_any(),
    };
    let change = move || {
        if !can_change_email {
            return view! { <p class="muted">"This site cannot send mails, so the address cannot be changed here."</p> }
                .into_any();
        }
        if !is_fresh {
            return view! { <ReauthenticationNotice path=PATH/> }.into_any();
        }
        let csrf_token = csrf_token.clone();
        view! {
            <AuthForm action="/api/auth/account/email" csrf_token callback_url=PATH.to_owned() feedback>
                <Field
                    name="email"
                    label="New email address"
                    r#type="email"
                    autocomplete="email"
                    hint="We send a link there. The address changes when you open it."
                    help="Enter an email address, for example ada@example.com."
                    is_refused
                />
                <SubmitButton is_primary=true>"Send the link"</SubmitButton>
            </AuthForm>
        }
        .into_any()
    };
    view! {
        <AccountLayout path=PATH title="Email address" lead="Where mails about your account go." form>
            <section class="card">
                <h2>"Your address"</h2>
                {state}
                {new_email.map(|new| view! {
                    <p role="status">"We are waiting for " <bdi dir="ltr">{new}</bdi> " to be confirmed: open the link in the mail there."</p>
                })}
            </section>
            <section class="card">
                <h2>"Change it"</h2>
                {change()}
            </section>
        </AccountLayout>
    }
}

/// The page of the link in the mail: it changes nothing until the button is pressed, for mail scanners open links too.
#[component]
pub fn ConfirmEmailPage() -> impl IntoView {
    account_page("Confirm your address", account, |form, account| {
        let token = query("token").unwrap_or_default();
        view! { <ConfirmEmailView form account token/> }.into_any()
    })
}

/// The view.
#[component]
pub(crate) fn ConfirmEmailView(form: AccountForm, account: AccountOverview, token: String) -> impl IntoView {
    let (feedback, csrf_token) = (form.feedback, form.csrf_token.clone());
    let content = match account.new_email {
        Some(new) => view! {
            <p>"From now on your account has this address:"</p>
            <p class="address"><bdi dir="ltr">{new}</bdi></p>
            <AuthForm
                action="/api/auth/account/confirm-email"
                csrf_token
                callback_url=PATH.to_owned()
                is_used_once=true
                feedback
            >
                <input type="hidden" name="token" value=token/>
                <SubmitButton is_primary=true>"Confirm this address"</SubmitButton>
            </AuthForm>
        }
        .into_any(),
        None => view! {
            <p>"No change of address waits for this link. It may be used already, older than 15 minutes, or of another account."</p>
            <a class="button" href=PATH rel="external">"To your address"</a>
        }
        .into_any(),
    };
    view! {
        <AccountLayout path=PATH title="Confirm your address" lead="The last step of the change." form>
            <section class="card">{content}</section>
        </AccountLayout>
    }
}
