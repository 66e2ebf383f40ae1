//! `/forgot-password`: requests an email with a link to set a new password. The response is the same for every address.

use leptos::prelude::*;
use leptos_auth::types::{Done, ErrorCode, PasswordForm};
use leptos_auth_locales::{forgot_password, sign_in};
use leptos_meta::Title;

use super::{not_found::NotFoundPage, query, query_done, query_problem, with_query};
use crate::{
    component::{AuthCard, AuthForm, AuthForms, DoneNotice, EmailField, Mark, PageHeader, SubmitButton},
    server_fn::load_password_form,
    text::{Problem, page_title, t},
};

/// What the page shows.
#[derive(Clone)]
pub struct ForgotPassword {
    /// The token.
    pub form: PasswordForm,
    /// Why the last try did not work.
    pub problem: Option<Problem>,
    /// What the last try did.
    pub done: Option<Done>,
}

/// The page.
#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let Some(form) = load_password_form(query("callbackUrl")) else {
        return view! { <NotFoundPage/> }.into_any();
    };
    view! {
        <Title text=page_title(t(forgot_password::TITLE))/>
        <ForgotPasswordView state=ForgotPassword { form, problem: query_problem(), done: query_done() }/>
    }
    .into_any()
}

/// The view.
#[component]
pub fn ForgotPasswordView(state: ForgotPassword) -> impl IntoView {
    let PasswordForm { csrf_token, callback_url, .. } = state.form;
    let sign_in_url = with_query("/signin", &[("callbackUrl", &callback_url)]);
    view! {
        <AuthCard>
            <PageHeader mark=Mark::Key title=t(forgot_password::TITLE)>
                {t(forgot_password::LEAD)}
            </PageHeader>
            <AuthForms problem=state.problem>
                <DoneNotice done=state.done/>
                <AuthForm action="/api/auth/forgot-password" csrf_token callback_url>
                    <EmailField
                        label=t(sign_in::EMAIL)
                        autocomplete="username"
                        help=t(sign_in::EMAIL_HELP)
                        refused_by=[ErrorCode::EmailSignin]
                    />
                    <SubmitButton is_primary=true>{t(forgot_password::SUBMIT)}</SubmitButton>
                </AuthForm>
            </AuthForms>
            <a class="quiet-link justify-center" href=sign_in_url>{t(forgot_password::BACK)}</a>
        </AuthCard>
    }
}
