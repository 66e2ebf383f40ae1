//! `/second-step`: asks for the code of the app, and `/second-step/recovery-code` for a recovery code instead. A sign-in
//! of this browser waits for it; without one there is nothing to type.

use leptos::prelude::*;
use leptos_auth::types::{ErrorCode, SecondStepForm};
use leptos_auth_locales::{second_step, way_on};
use leptos_meta::Title;

use super::{NotFoundPage, query_problem};
use crate::{
    component::{AuthCard, AuthForm, AuthForms, Field, Mark, PageHeader, SubmitButton},
    server_fn::load_second_step_form,
    text::{ErrorText, Problem, page_title, t},
};

const ACTION: &str = "/api/auth/callback/totp";

/// Here it can only have been this kind of code.
fn wrong_recovery_code() -> ErrorText {
    ErrorText::new(second_step::WRONG_RECOVERY_CODE_TITLE, second_step::WRONG_RECOVERY_CODE_ADVICE)
}

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
    let Some(form) = load_second_step_form() else {
        return view! { <NotFoundPage/> }.into_any();
    };
    // That a code is asked for is what the page itself says.
    let problem = query_problem().filter(|problem| problem.code != ErrorCode::SecondStepRequired);
    view! {
        <Title text=page_title(t(second_step::TITLE))/>
        {view(SecondStepSignIn { form, problem })}
    }
    .into_any()
}

/// The view for a code of the app.
#[component]
pub fn SecondStepView(sign_in: SecondStepSignIn) -> impl IntoView {
    let SecondStepSignIn { form, problem } = sign_in;
    if !form.is_waiting {
        return view! { <NothingWaits/> }.into_any();
    }
    let remember = (!form.is_shared).then(|| {
        view! {
            <label class="check">
                <input type="checkbox" name="rememberDevice" value="true"/>
                <span>{t(second_step::REMEMBER)}</span>
            </label>
        }
    });
    view! {
        <AuthCard>
            <PageHeader mark=Mark::Key title=t(second_step::ENTER_CODE)>
                {t(second_step::ENTER_CODE_LEAD)}
            </PageHeader>
            <AuthForms problem>
                <AuthForm action=ACTION csrf_token=form.csrf_token callback_url="/".to_owned()>
                    <Field
                        name="code"
                        label=t(second_step::CODE)
                        autocomplete="one-time-code"
                        inputmode="numeric"
                        hint=t(second_step::CODE_HINT)
                        help=t(second_step::CODE_HELP)
                        refused_by=[ErrorCode::SecondStep]
                    />
                    {remember}
                    <SubmitButton is_primary=true>{t(way_on::SIGN_IN)}</SubmitButton>
                </AuthForm>
            </AuthForms>
            <section class="aside">
                <h2>{t(second_step::NO_PHONE)}</h2>
                <a class="link" href="/second-step/recovery-code">
                    {t(second_step::USE_RECOVERY_CODE)}
                </a>
                <a class="link" href="/signin">{t(second_step::OTHER_WAY)}</a>
            </section>
        </AuthCard>
    }
    .into_any()
}

/// The view for a recovery code.
#[component]
pub fn RecoveryCodeView(sign_in: SecondStepSignIn) -> impl IntoView {
    let SecondStepSignIn { form, problem } = sign_in;
    if !form.is_waiting {
        return view! { <NothingWaits/> }.into_any();
    }
    view! {
        <AuthCard>
            <PageHeader mark=Mark::Key title=t(second_step::USE_RECOVERY_CODE)>
                {t(second_step::RECOVERY_CODE_LEAD)}
            </PageHeader>
            <AuthForms problem own_text=Some((ErrorCode::SecondStep, wrong_recovery_code()))>
                <AuthForm action=ACTION csrf_token=form.csrf_token callback_url="/".to_owned()>
                    <Field
                        name="recoveryCode"
                        label=t(second_step::RECOVERY_CODE)
                        autocomplete="off"
                        hint=t(second_step::RECOVERY_CODE_HINT)
                        help=t(second_step::RECOVERY_CODE_HELP)
                        refused_by=[ErrorCode::SecondStep]
                    />
                    <SubmitButton is_primary=true>{t(way_on::SIGN_IN)}</SubmitButton>
                </AuthForm>
            </AuthForms>
            <a class="quiet-link justify-center" href="/second-step">{t(second_step::USE_APP)}</a>
            <section class="aside">
                <h2>{t(second_step::NO_RECOVERY_CODES)}</h2>
                <p>{t(second_step::NO_RECOVERY_CODES_ADVICE)}</p>
            </section>
        </AuthCard>
    }
    .into_any()
}

#[component]
fn NothingWaits() -> impl IntoView {
    view! {
        <AuthCard>
            <PageHeader mark=Mark::Key title=t(second_step::NOTHING_WAITS)>
                {t(second_step::NOTHING_WAITS_LEAD)}
            </PageHeader>
            <a class="button button-primary button-wide" href="/signin">{t(way_on::SIGN_IN)}</a>
        </AuthCard>
    }
}
