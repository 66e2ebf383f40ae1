//! The session hook to try by hand, and for the browser tests: everything it can do, on one page.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    component::{PageHeader, SessionPanel},
    session::{RequireSession, SignInOptions, SignOutOptions, sign_in, sign_out, use_session},
};

/// Ten components that use the hook, and its functions.
#[island]
pub fn HookView() -> impl IntoView {
    let session = use_session();
    let answer = RwSignal::new(String::new());
    let with_password = move |password: &'static str| {
        let options = SignInOptions::default().field("username", "demo").field("password", password);
        spawn_local(async move { answer.set(format!("{:?}", sign_in("credentials", options.stay()).await)) });
    };
    let update = move || spawn_local(async move { answer.set(format!("{:?}", session.update().await)) });
    let leave = move || {
        let options = SignOutOptions { redirect: false, callback_url: None };
        spawn_local(async move { answer.set(format!("{:?}", sign_out(options).await)) });
    };
    let at_provider = || sign_in("dev", SignInOptions::default().callback_url("/account?from=hook"));
    let in_popup = |provider: &'static str| sign_in(provider, SignInOptions::default().popup());
    view! {
        <div class="page">
            <PageHeader title="The session hook">"Ten components that use it, and what it can do."</PageHeader>
            <section class="card">
                <div class="flex flex-wrap gap-3">
                    <button class="button" on:click=move |_| with_password("demo-password")>"Sign in"</button>
                    <button class="button" on:click=move |_| with_password("wrong")>"Sign in, wrong password"</button>
                    <button class="button" on:click=move |_| drop(at_provider())>"Sign in at Dev ID"</button>
                    <button class="button" on:click=move |_| drop(in_popup("dev"))>"Dev ID in a window"</button>
                    <button class="button" on:click=move |_| drop(in_popup(""))>"Choose in a window"</button>
                    <button class="button" on:click=move |_| update()>"Update"</button>
                    <button class="button" on:click=move |_| leave()>"Sign out and stay"</button>
                </div>
                <p class="muted wrap-anywhere" role="status">{answer}</p>
            </section>
            <section class="card">{(0..10).map(|_| view! { <SessionPanel/> }).collect_view()}</section>
        </div>
    }
}

/// A page that keeps what was typed when the session ends.
#[component]
pub fn LongFormView() -> impl IntoView {
    let ended = || {
        view! {
            <p class="notice" role="alert">
                <span>"You are signed out. Sign in in another tab to go on: what you wrote is kept."</span>
            </p>
        }
    };
    view! {
        <RequireSession ended=ended>
            <div class="page">
                <PageHeader title="A long form">"It stays when the session ends."</PageHeader>
                <div class="field">
                    <label for="text">"Your text"</label>
                    <textarea class="input" id="text" name="text" rows="5"></textarea>
                </div>
            </div>
        </RequireSession>
    }
}
