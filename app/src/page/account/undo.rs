//! `/account/undo`: where the link "This wasn't me" of a mail leads. Opening it changes nothing, for programs open links too;
//! the button does. It needs no session: the owner may have none any more.

use leptos::prelude::*;
use leptos_auth::types::SignInForm;
use leptos_meta::Title;

use crate::{
    component::{AuthForm, Mark, Notice, PageHeader, SubmitButton},
    page::{query, query_problem},
    server_fn::load_auth_form,
};

/// The page.
#[component]
pub fn UndoPage() -> impl IntoView {
    let link = query("token").filter(|token| !token.is_empty()).zip(load_auth_form(None));
    view! {
        <Title text="This wasn't me · Leptos Auth"/>
        <UndoView link problem=RwSignal::new(query_problem())/>
    }
}

/// The view.
#[component]
pub(crate) fn UndoView(
    /// The token of the link, and what forms need.
    link: Option<(String, SignInForm)>,
    /// What went wrong with the form.
    problem: crate::component::FormFeedback,
) -> impl IntoView {
    let content = match link {
        Some((token, form)) => view! {
            <p>"If you press the button:"</p>
            <ul class="points">
                <li>"what the mail tells of is undone, where that is possible;"</li>
                <li>"everybody is signed out of your account, on all devices;"</li>
                <li>"the account is locked until you open it with a mail to your address."</li>
            </ul>
            <AuthForm
                action="/api/auth/account/undo"
                csrf_token=form.csrf_token
                callback_url=form.callback_url
                is_used_once=true
                feedback=problem
            >
                <input type="hidden" name="token" value=token/>
                <SubmitButton is_danger=true>"Undo and lock my account"</SubmitButton>
            </AuthForm>
            <a class="quiet-link justify-center" href="/">"It was me after all"</a>
        }
        .into_any(),
        None => view! {
            <p>"Open the link of the mail once more, or sign in and look at your account."</p>
            <a class="button" href="/account/activity" rel="external">"To your account"</a>
        }
        .into_any(),
    };
    view! {
        <div class="card card-narrow">
            <PageHeader mark=Mark::Key title="This wasn't me">
                "A mail told you of something in your account that you did not do."
            </PageHeader>
            <Notice problem/>
            {content}
        </div>
    }
}
