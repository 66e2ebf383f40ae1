//! `/welcome`: somebody signed in for the first time.

use leptos::prelude::*;
use leptos_meta::Title;

use super::query;
use crate::{
    component::{Mark, PageHeader, display_name},
    server_fn::load_sign_in_form,
    session::use_session,
    text::APP_NAME,
};

/// The page.
#[component]
pub fn WelcomePage() -> impl IntoView {
    // Only for its callback URL, which is checked.
    let form = load_sign_in_form(query("callbackUrl"));
    let user = use_session().data.get_untracked().map(|session| session.user);
    let name = user.as_ref().map(display_name);
    view! {
        <Title text="Welcome · Leptos Auth"/>
        <WelcomeView name callback_url=form.map_or_else(|| "/".to_owned(), |form| form.callback_url)/>
    }
}

/// The view.
#[component]
pub fn WelcomeView(name: Option<String>, callback_url: String) -> impl IntoView {
    let title = name.map_or_else(|| "Welcome".to_owned(), |name| format!("Welcome, {name}"));
    view! {
        <div class="card card-narrow">
            <PageHeader mark=Mark::Check title>
                "Your account on "{APP_NAME}" is ready. There is nothing else to fill in."
            </PageHeader>
            <a class="button button-primary button-wide" href=callback_url rel="external">"Continue"</a>
            <a class="quiet-link justify-center" href="/account">"See your account"</a>
        </div>
    }
}
