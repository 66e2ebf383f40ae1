//! `/account/password`: a password is set, changed or taken away.

use leptos::prelude::*;
use leptos_auth::types::{ErrorCode, PasswordOverview};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, PasswordField, ReauthenticationNotice, SubmitButton},
    server_fn::password,
    text::{date_time, is_about_password, password_hint},
};

const PATH: &str = "/account/password";

/// The page.
#[component]
pub fn PasswordPage() -> impl IntoView {
    account_page("Password", password, |form, password| view! { <PasswordView form password/> }.into_any())
}

/// The view.
#[component]
pub(crate) fn PasswordView(form: AccountForm, password: PasswordOverview) -> impl IntoView {
    let lead = "One of your ways to sign in.";
    let content = match password {
        PasswordOverview { min_length: None, .. } => {
            view! { <section class="card"><p>"People sign in to this site without passwords."</p></section> }
                .into_any()
        }
        PasswordOverview { email: None, .. } => view! {
            <section class="card">
                <p>"A password goes with an address that is yours. Prove yours first."</p>
                <a class="button" href="/account/email" rel="external">"To your address"</a>
            </section>
        }
        .into_any(),
        PasswordOverview { is_fresh: false, .. } => {
            view! { <section class="card"><ReauthenticationNotice path=PATH/></section> }.into_any()
        }
        PasswordOverview { min_length: Some(min_length), email: Some(email), changed, .. } => {
            let remove = changed.is_some().then(|| view! { <Remove form=form.clone()/> });
            view! {
                <Change form=form.clone() min_length email changed/>
                {remove}
            }
            .into_any()
        }
    };
    view! { <AccountLayout path=PATH title="Password" lead form>{content}</AccountLayout> }
}

#[component]
fn Change(form: AccountForm, min_length: usize, email: String, changed: Option<String>) -> impl IntoView {
    let AccountForm { csrf_token, feedback, .. } = form;
    let has = move |is_meant: fn(ErrorCode) -> bool| {
        Signal::derive(move || feedback.get().is_some_and(|problem| is_meant(problem.code)))
    };
    let has_password = changed.is_some();
    let (heading, button) =
        if has_password { ("Change it", "Change the password") } else { ("Set one", "Set the password") };
    view! {
        <section class="card">
            <h2>{heading}</h2>
            {changed.map(|changed| view! { <p class="muted">"Set on "{date_time(&changed)}"."</p> })}
            <AuthForm action="/api/auth/account/password" csrf_token callback_url=PATH.to_owned() feedback>
                // For password managers, which store it with the password.
                <input type="email" name="username" value=email autocomplete="username" readonly hidden/>
                {has_password.then(|| view! {
                    <PasswordField
                        name="currentPassword"
                        label="Present password"
                        is_refused=has(|code| code == ErrorCode::CredentialsSignin)
                    />
                })}
                <PasswordField
                    label="New password"
                    autocomplete="new-password"
                    hint=password_hint(min_length)
                    help="Enter a longer password."
                    min_length
                    is_refused=has(is_about_password)
                />
                <SubmitButton is_primary=true>{button}</SubmitButton>
            </AuthForm>
            {has_password.then(|| view! {
                <a class="quiet-link" href="/forgot-password" rel="external">"Forgot your password?"</a>
            })}
        </section>
    }
}

#[component]
fn Remove(form: AccountForm) -> impl IntoView {
    let AccountForm { csrf_token, feedback, .. } = form;
    // Which of the two forms was refused is not known: the notice says it.
    let is_refused = Signal::derive(|| false);
    view! {
        <section class="card">
            <h2>"Remove it"</h2>
            <p>"You sign in by the link or code of an email then, or by your other ways."</p>
            <AuthForm action="/api/auth/account/remove-password" csrf_token callback_url=PATH.to_owned() feedback>
                <PasswordField
                    name="currentPassword"
                    id="remove-password"
                    label="Your password"
                    is_refused
                />
                <SubmitButton is_danger=true>"Remove the password"</SubmitButton>
            </AuthForm>
        </section>
    }
}
