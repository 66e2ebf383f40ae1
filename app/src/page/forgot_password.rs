//! `/forgot-password`: asks for a mail with a link to a new password. The answer is the same for every address.

use leptos::prelude::*;
use leptos_auth::types::{Done, ErrorCode, PasswordForm};
use leptos_meta::Title;

use super::{not_found::NotFoundPage, query_done, query_problem};
use crate::{
    component::{AuthForm, DoneNotice, Field, Mark, Notice, PageHeader, SubmitButton},
    server_fn::load_password_form,
    text::Problem,
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
    let Some(form) = load_password_form(None) else {
        return view! { <NotFoundPage/> }.into_any();
    };
    view! {
        <Title text="Forgot your password? · Leptos Auth"/>
        <ForgotPasswordView state=ForgotPassword { form, problem: query_problem(), done: query_done() }/>
    }
    .into_any()
}

/// The view.
#[component]
pub fn ForgotPasswordView(state: ForgotPassword) -> impl IntoView {
    let feedback = RwSignal::new(state.problem);
    let is_refused =
        Signal::derive(move || feedback.get().is_some_and(|problem| problem.code == ErrorCode::EmailSignin));
    let PasswordForm { csrf_token, callback_url, .. } = state.form;
    view! {
        <div class="card card-narrow">
            <PageHeader mark=Mark::Key title="Forgot your password?">
                "We send you a link with which you choose a new one."
            </PageHeader>
            <Notice problem=feedback/>
            <DoneNotice done=state.done/>
            <AuthForm action="/api/auth/forgot-password" csrf_token callback_url feedback>
                <Field
                    name="email"
                    label="Email address"
                    r#type="email"
                    autocomplete="username"
                    help="Enter your email address, for example ada@example.com."
                    is_refused
                />
                <SubmitButton is_primary=true>"Email me the link"</SubmitButton>
            </AuthForm>
            <a class="quiet-link justify-center" href="/signin" rel="external">"Back to sign-in"</a>
        </div>
    }
}
