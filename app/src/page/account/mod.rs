//! `/account/…`: what its owner can see and change. Each page is guarded twice: `RequireSession` decides what is drawn,
//! and the server function that gives out the data asks for the session itself. Forms POST to `/api/auth/account/…` and
//! come back with `?done=` or `?error=`.

mod data;
mod email;
#[cfg(feature = "passkey")]
mod passkeys;
mod profile;

pub use data::DataPage;
pub use email::{ConfirmEmailPage, EmailPage};
#[cfg(feature = "passkey")]
pub use passkeys::PasskeysPage;
pub use profile::AccountPage;

#[cfg(all(feature = "dev", feature = "passkey"))]
pub(crate) use passkeys::PasskeysView;
#[cfg(feature = "dev")]
pub(crate) use {
    data::DataView,
    email::{ConfirmEmailView, EmailView},
    profile::ProfileView,
};

use leptos::prelude::*;
use leptos_auth::types::{Done, ErrorCode};
use leptos_meta::Title;
use serde::{Serialize, de::DeserializeOwned};

use super::{query, query_problem, unavailable::UnavailableView};
use crate::{
    component::{FormFeedback, Notice},
    server_fn::{FnError, load_auth_form},
    session::{RequireSession, use_session},
    text::done_text,
};

/// The pages, in the order of the navigation.
const PAGES: &[(&str, &str)] = &[
    ("/account", "Profile"),
    ("/account/email", "Email"),
    #[cfg(feature = "passkey")]
    ("/account/passkeys", "Passkeys"),
    ("/account/data", "Your data"),
];

/// What every form of these pages needs.
#[derive(Clone)]
pub(crate) struct AccountForm {
    pub(crate) csrf_token: String,
    /// Where a failure is shown.
    pub(crate) feedback: FormFeedback,
    /// What the last form did.
    pub(crate) done: Option<Done>,
}

/// A guarded page: reads its data on the server and draws it.
pub(crate) fn account_page<T, F>(
    title: &'static str,
    load: fn() -> F,
    view: fn(AccountForm, T) -> AnyView,
) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    F: Future<Output = Result<T, FnError>> + Send + 'static,
{
    let form = AccountForm {
        csrf_token: load_auth_form(None).map(|form| form.csrf_token).unwrap_or_default(),
        feedback: RwSignal::new(query_problem()),
        done: query("done").and_then(|word| Done::parse(&word)),
    };
    view! {
        <Title text=format!("{title} · Leptos Auth")/>
        <RequireSession unavailable=UnavailableView>
            <Loader form=form.clone() load view/>
        </RequireSession>
    }
}

#[component]
fn Loader<T, F>(form: AccountForm, load: fn() -> F, view: fn(AccountForm, T) -> AnyView) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
    F: Future<Output = Result<T, FnError>> + Send + 'static,
{
    let data = Resource::new_blocking(|| (), move |()| load());
    let session = use_session();
    view! {
        <Suspense fallback=|| view! { <p class="card" role="status">"Loading…"</p> }>
            {move || {
                let form = form.clone();
                Suspend::new(async move {
                    match data.await {
                        Ok(data) => view(form, data),
                        // The session ended without a word to this page: `RequireSession` decides what happens now.
                        Err(FnError(ErrorCode::SessionRequired)) => {
                            session.update();
                            ().into_any()
                        }
                        Err(_) => view! { <UnavailableView/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

/// Navigation, heading and notices around the content of a page.
#[component]
pub(crate) fn AccountLayout(
    /// The path of the page.
    path: &'static str,
    /// The heading.
    title: &'static str,
    /// What the page is about, in one sentence.
    lead: &'static str,
    form: AccountForm,
    children: Children,
) -> impl IntoView {
    let links = PAGES.iter().map(|(href, label)| {
        let current = (*href == path).then_some("page");
        view! { <li><a class="account-link" href=*href rel="external" aria-current=current>{*label}</a></li> }
    });
    view! {
        <div class="page max-w-2xl">
            <nav aria-label="Account"><ul class="account-nav">{links.collect_view()}</ul></nav>
            <div class="page-header">
                <h1>{title}</h1>
                <p class="muted">{lead}</p>
            </div>
            <Notice problem=form.feedback/>
            {form.done.map(|done| view! { <p class="notice" role="status">{done_text(done)}</p> })}
            {children()}
        </div>
    }
}
