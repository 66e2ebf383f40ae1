//! `/second-step`: asks for the code of the app, and `/second-step/recovery-code` for a recovery code instead. A sign-in
//! of this browser waits for it; without one there is nothing to type.

use leptos::prelude::*;
use leptos_auth::types::{ErrorCode, SecondStepForm};
use leptos_meta::Title;

use super::{NotFoundPage, query_problem};
use crate::{
    component::{AuthForm, Field, FormFeedback, Mark, Notice, PageHeader, SubmitButton},
    server_fn::load_second_step_form,
    text::{ErrorText, Problem},
};

const ACTION: &str = "/api/auth/callback/totp";

/// Here it can only have been this kind of code.
const WRONG_RECOVERY_CODE: ErrorText = ErrorText {
    title: "This recovery code does not work",
    advice: "Check all 16 characters. Each code works once: if you have used this one, take the next.",
};

/// What the pages show.
#[derive(Clone)]
pub struct SecondStepSignIn {
    /// Whether there is anything to type, and what the form needs.
    pub form: SecondStepForm,
    /// Why the last try did not work.
    pub problem: Option<Problem>,
}

/// The page for a code of the app.
#[component]
pub fn SecondStepPage() -> impl IntoView {
    page(|sign_in| view! { <SecondStepView sign_in/> }.into_any())
}

/// The page for a recovery code.
#[component]
pub fn RecoveryCodePage() -> impl IntoView {
    page(|sign_in| view! { <RecoveryCodeView sign_in/> }.into_any())
}

fn page(view: fn(SecondStepSignIn) -> AnyView) -> AnyView {
    let content = match load_second_step_form() {
        Some(Some(form)) => {
            // That a code is asked for is what the page itself says.
            let problem = query_problem().filter(|problem| problem.code != ErrorCode::SecondStepRequired);
            view(SecondStepSignIn { form, problem })
        }
        Some(None) => return view! { <NotFoundPage/> }.into_any(),
        None => ().into_any(),
    };
    view! {
        <Title text="Second step · Leptos Auth"/>
        {content}
    }
    .into_any()
}

/// The view for a code of the app.
#[component]
pub fn SecondStepView(sign_in: SecondStepSignIn) -> impl IntoView {
    let SecondStepSignIn { form, problem } = sign_in;
    let feedback = RwSignal::new(problem);
    if !form.is_waiting {
        return view! { <NothingWaits/> }.into_any();
    }
    let remember = (!form.is_shared).then(|| {
        view! {
            <label class="check">
                <input type="checkbox" name="rememberDevice" value="true"/>
                <span>"Do not ask on this device for 30 days"</span>
            </label>
        }
    });
    view! {
        <div class="card card-narrow">
            <PageHeader mark=Mark::Key title="Enter your code">
                "Open your authenticator app and type the code that it shows for this site."
            </PageHeader>
            <Notice problem=feedback/>
            <AuthForm action=ACTION csrf_token=form.csrf_token callback_url="/".to_owned() feedback>
                <Field
                    name="code"
                    label="Code"
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    hint="6 digits from the app"
                    help="Enter the 6 digits from the app."
                    is_refused=is_refused(feedback)
                />
                {remember}
                <SubmitButton is_primary=true>"Sign in"</SubmitButton>
            </AuthForm>
            <section class="aside">
                <h2>"No phone at hand?"</h2>
                <a class="link" href="/second-step/recovery-code" rel="external">"Use a recovery code"</a>
                <a class="link" href="/signin" rel="external">"Sign in another way"</a>
            </section>
        </div>
    }
    .into_any()
}

/// The view for a recovery code.
#[component]
pub fn RecoveryCodeView(sign_in: SecondStepSignIn) -> impl IntoView {
    let SecondStepSignIn { form, problem } = sign_in;
    let feedback = RwSignal::new(problem);
    if !form.is_waiting {
        return view! { <NothingWaits/> }.into_any();
    }
    view! {
        <div class="card card-narrow">
            <PageHeader mark=Mark::Key title="Use a recovery code">
                "One of the codes that you saved when you set up the second step. Each works once."
            </PageHeader>
            <Notice problem=feedback own_text=(ErrorCode::SecondStep, WRONG_RECOVERY_CODE)/>
            <AuthForm action=ACTION csrf_token=form.csrf_token callback_url="/".to_owned() feedback>
                <Field
                    name="recoveryCode"
                    label="Recovery code"
                    autocomplete="off"
                    hint="16 characters, for example 7k2m-q9x4-c0wd-3fzt"
                    help="Enter the 16 characters of one recovery code."
                    is_refused=is_refused(feedback)
                />
                <SubmitButton is_primary=true>"Sign in"</SubmitButton>
            </AuthForm>
            <a class="quiet-link justify-center" href="/second-step" rel="external">"Use the app instead"</a>
        </div>
    }
    .into_any()
}

fn is_refused(feedback: FormFeedback) -> Signal<bool> {
    Signal::derive(move || feedback.get().is_some_and(|problem| problem.code == ErrorCode::SecondStep))
}

#[component]
fn NothingWaits() -> impl IntoView {
    view! {
        <div class="card card-narrow">
            <PageHeader mark=Mark::Key title="Nothing to confirm">
                "No sign-in in this browser waits for a code. It may be finished, or older than 10 minutes."
            </PageHeader>
            <a class="button button-primary button-wide" href="/signin" rel="external">"Sign in"</a>
        </div>
    }
}
