//! `/reset-password`: the page of the link in a reset email. Opening it uses nothing up, because mail scanners open links;
//! sending the form does, and only with a password that is accepted.

use leptos::prelude::*;
use leptos_auth::types::PasswordForm;
use leptos_auth_locales::reset_password;
use leptos_meta::Title;

use super::{
    mail_link::{IncompleteLinkView, MailLink, with_target},
    not_found::NotFoundPage,
    query_problem,
};
use crate::{
    component::{AuthCard, AuthForm, AuthForms, Mark, NewPasswordField, PageHeader, SubmitButton},
    server_fn::load_password_form,
    text::{Problem, page_title, t},
};

/// What the page shows.
#[derive(Clone)]
pub struct ResetPassword {
    /// The token of the form.
    pub form: PasswordForm,
    /// Token of the link.
    pub token: String,
    /// Whose password it is.
    pub email: String,
    /// Why the last try did not work.
    pub problem: Option<Problem>,
}

/// The page.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let Some(form) = load_password_form(None) else {
        return view! { <NotFoundPage/> }.into_any();
    };
    let content = match MailLink::of_address() {
        Some(MailLink { token, email, .. }) => {
            let state = ResetPassword { form, token, email, problem: query_problem() };
            view! { <ResetPasswordView state/> }.into_any()
        }
        None => view! { <IncompleteLinkView new_email=with_target("/forgot-password")/> }.into_any(),
    };
    view! {
        <Title text=page_title(t(reset_password::TITLE))/>
        {content}
    }
    .into_any()
}

/// The view.
#[component]
pub fn ResetPasswordView(state: ResetPassword) -> impl IntoView {
    let ResetPassword { form, token, email, problem } = state;
    let PasswordForm { csrf_token, callback_url, min_length } = form;
    view! {
        <AuthCard>
            <PageHeader mark=Mark::Key title=t(reset_password::TITLE)>
                {t(reset_password::LEAD)}
            </PageHeader>
            <p class="address"><bdi dir="ltr">{email.clone()}</bdi></p>
            <AuthForms problem>
                <AuthForm action="/api/auth/reset-password" csrf_token callback_url is_used_once=true>
                    <input type="hidden" name="token" value=token/>
                    // For password managers, which store it with the password.
                    <input type="email" name="email" value=email autocomplete="username" readonly hidden/>
                    <NewPasswordField label=t(reset_password::PASSWORD) min_length/>
                    <SubmitButton is_primary=true>{t(reset_password::SUBMIT)}</SubmitButton>
                </AuthForm>
            </AuthForms>
        </AuthCard>
    }
}
