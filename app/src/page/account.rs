//! `/account`: an example of a protected page. It is guarded twice: `RequireSession` decides what is drawn, and
//! the server function that gives out the data asks for the session itself.

use leptos::prelude::*;
use leptos_auth::types::ErrorCode;
use leptos_meta::Title;

use super::unavailable::UnavailableView;
use crate::{
    component::{PageHeader, SessionPanel},
    server_fn::{Account, FnError, account},
    session::{RequireSession, use_session},
};

/// The page.
#[component]
pub fn AccountPage() -> impl IntoView {
    view! {
        <Title text="Account · Leptos Auth"/>
        <RequireSession unavailable=UnavailableView>
            <AccountLoader/>
        </RequireSession>
    }
}

#[component]
fn AccountLoader() -> impl IntoView {
    let account = Resource::new_blocking(|| (), |()| account());
    let session = use_session();
    view! {
        <Suspense fallback=|| view! { <p class="card" role="status">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match account.await {
                    Ok(account) => view! { <AccountView account/> }.into_any(),
                    // The session ended without a word to this page: `RequireSession` decides what happens now.
                    Err(FnError(ErrorCode::SessionRequired)) => {
                        session.update();
                        ().into_any()
                    }
                    Err(_) => view! { <UnavailableView/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// The view.
#[component]
pub fn AccountView(account: Account) -> impl IntoView {
    let Account { id, name, email } = account;
    let unknown = || view! { <span class="muted">"not given"</span> };
    view! {
        <div class="page max-w-2xl">
            <PageHeader title="Account">"What this site knows about you."</PageHeader>
            <section class="card">
                <h2>"Profile"</h2>
                <dl class="facts">
                    <dt>"Name"</dt>
                    <dd>{name.map_or_else(|| unknown().into_any(), |name| view! { <bdi>{name}</bdi> }.into_any())}</dd>
                    <dt>"Email"</dt>
                    <dd>
                        {email.map_or_else(|| unknown().into_any(), |email| view! { <bdi dir="ltr">{email}</bdi> }.into_any())}
                    </dd>
                    <dt>"User id"</dt>
                    <dd><code>{id}</code></dd>
                </dl>
            </section>
            <section class="card">
                <h2>"This session"</h2>
                <SessionPanel/>
                <form method="get" action="/signout">
                    <button class="button">"Sign out"</button>
                </form>
            </section>
        </div>
    }
}
