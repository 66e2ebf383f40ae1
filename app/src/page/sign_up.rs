//! `/signup`: creates an account with a password. The address is verified by email first; `/verify-request` waits for that.
//! The response is the same for an address that already has an account.

use leptos::prelude::*;
use leptos_auth::types::{ErrorCode, PasswordForm};
use leptos_auth_locales::{sign_in, sign_up};
use leptos_meta::Title;

use super::{not_found::NotFoundPage, query, query_is_shared, query_problem, with_query};
use crate::{
    component::{
        AuthCard, AuthForm, AuthForms, EmailField, Field, NewPasswordField, PageHeader, SubmitButton,
    },
    server_fn::load_password_form,
    text::{APP_NAME, Problem, page_title, t, t_with},
};

/// What the page shows.
#[derive(Clone)]
pub struct SignUp {
    /// The token, and where to go afterwards.
    pub form: PasswordForm,
    /// Why the last try did not work.
    pub problem: Option<Problem>,
    /// Whether this is a computer that others use as well.
    pub is_shared: bool,
}

/// The page.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let Some(form) = load_password_form(query("callbackUrl")) else {
        return view! { <NotFoundPage/> }.into_any();
    };
    view! {
        <Title text=page_title(t(sign_up::TITLE))/>
        <SignUpView state=SignUp { form, problem: query_problem(), is_shared: query_is_shared() }/>
    }
    .into_any()
}

/// The view.
#[component]
pub fn SignUpView(state: SignUp) -> impl IntoView {
    let PasswordForm { csrf_token, callback_url, min_length } = state.form;
    let sign_in_url = with_query("/signin", &[("callbackUrl", &callback_url)]);
    view! {
        <AuthCard>
            <PageHeader title=t(sign_up::TITLE)>
                {t_with(sign_up::LEAD, &[("app", APP_NAME)])}
            </PageHeader>
            <AuthForms problem=state.problem>
                <AuthForm
                    action="/api/auth/signup"
                    csrf_token
                    callback_url
                    is_shared=state.is_shared
                >
                    <Field
                        name="name"
                        label=t(sign_up::NAME)
                        autocomplete="name"
                        help=t(sign_up::NAME_HELP)
                        is_optional=true
                        refused_by=[ErrorCode::InvalidInput]
                    />
                    <EmailField
                        label=t(sign_in::EMAIL)
                        autocomplete="email"
                        help=t(sign_in::EMAIL_HELP)
                        refused_by=[ErrorCode::EmailSignin]
                    />
                    <NewPasswordField min_length/>
                    <SubmitButton is_primary=true>{t(sign_up::SUBMIT)}</SubmitButton>
                </AuthForm>
            </AuthForms>
            <a class="quiet-link justify-center" href=sign_in_url>{t(sign_up::SIGN_IN)}</a>
        </AuthCard>
    }
}
