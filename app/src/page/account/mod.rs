//! `/account/…`: what its owner can see and change. Each page is guarded twice: `RequireSession` decides what is drawn,
//! and the server function that gives out the data asks for the session itself. Forms POST to `/api/auth/account/…` and
//! come back with `?done=` or `?error=`.

mod activity;
mod data;
mod devices;
mod email;
mod link;
mod methods;
#[cfg(feature = "passkey")]
mod passkeys;
#[cfg(feature = "password")]
mod password;
mod profile;
#[cfg(feature = "totp")]
mod second_step;
mod undo;

pub use activity::ActivityPage;
pub use data::DataPage;
pub use devices::DevicesPage;
pub use email::{ConfirmEmailPage, EmailPage};
pub use link::LinkPage;
pub use methods::MethodsPage;
#[cfg(feature = "passkey")]
pub use passkeys::PasskeysPage;
#[cfg(feature = "password")]
pub use password::PasswordPage;
pub use profile::AccountPage;
#[cfg(feature = "totp")]
pub use second_step::SecondStepSettingsPage;
pub use undo::UndoPage;

#[cfg(all(feature = "dev", feature = "totp"))]
pub(crate) use second_step::SecondStepSettingsView;

#[cfg(all(feature = "dev", feature = "passkey"))]
pub(crate) use passkeys::PasskeysView;
#[cfg(all(feature = "dev", feature = "password"))]
pub(crate) use password::PasswordView;
#[cfg(feature = "dev")]
pub(crate) use {
    activity::ActivityView,
    data::DataView,
    devices::DevicesView,
    email::{ConfirmEmailView, EmailView},
    link::LinkView,
    methods::MethodsView,
    profile::ProfileView,
    undo::UndoView,
};

use leptos::prelude::*;
use leptos_auth::types::{Done, ErrorCode};
use leptos_auth_locales::{Key, account, fill};
use leptos_meta::Title;

use super::{query_done, query_problem, unavailable::UnavailableView};
use crate::{
    component::{AuthForms, DoneNotice},
    server_fn::{FnError, load_auth_form, load_pages_off},
    session::RequireSession,
    text::{Problem, page_title, t},
};

/// The pages, in the order of the navigation.
const PAGES: &[(&str, Key)] = &[
    ("/account", account::PROFILE),
    ("/account/methods", account::METHODS),
    ("/account/email", account::EMAIL),
    #[cfg(feature = "password")]
    ("/account/password", account::PASSWORD),
    #[cfg(feature = "passkey")]
    ("/account/passkeys", account::PASSKEYS),
    #[cfg(feature = "totp")]
    ("/account/second-step", account::SECOND_STEP),
    ("/account/devices", account::DEVICES),
    ("/account/activity", account::ACTIVITY),
    ("/account/data", account::DATA),
];

/// What every form of these pages needs.
#[derive(Clone)]
pub(crate) struct AccountForm {
    pub(crate) csrf_token: String,
    /// Why the last one did not work.
    pub(crate) problem: Option<Problem>,
    /// What the last form did.
    pub(crate) done: Option<Done>,
    /// Paths that the navigation leaves out.
    pub(crate) pages_off: Vec<String>,
}

/// A guarded page: reads its data on the server and draws it.
pub(crate) fn account_page<T, F>(
    title: &'static str,
    load: fn() -> F,
    view: fn(AccountForm, T) -> AnyView,
) -> impl IntoView
where
    T: Send + 'static,
    F: Future<Output = Result<T, FnError>> + Send + 'static,
{
    let form = AccountForm {
        csrf_token: load_auth_form(None).map(|form| form.csrf_token).unwrap_or_default(),
        problem: query_problem(),
        done: query_done(),
        pages_off: load_pages_off(),
    };
    view! {
        <Title text=page_title(title)/>
        <RequireSession unavailable=UnavailableView>
            <Loader form load view/>
        </RequireSession>
    }
}

#[component]
fn Loader<T, F>(form: AccountForm, load: fn() -> F, view: fn(AccountForm, T) -> AnyView) -> impl IntoView
where
    T: Send + 'static,
    F: Future<Output = Result<T, FnError>> + Send + 'static,
{
    view! {
        <Suspense>
            // No closure: it would be called more than once, and read the data each time.
            {Suspend::new(async move {
                match load().await {
                    Ok(data) => view(form, data),
                    // The session ended between two reads: `RequireSession` notices in the browser.
                    Err(FnError(ErrorCode::SessionRequired)) => ().into_any(),
                    Err(_) => view! { <UnavailableView/> }.into_any(),
                }
            })}
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
    let pages = PAGES.iter().filter(|(href, _)| !form.pages_off.iter().any(|off| off == href));
    let links = pages.map(|(href, label)| {
        let current = (*href == path).then_some("page");
        view! { <li><a class="account-link" href=*href aria-current=current>{t(*label)}</a></li> }
    });
    view! {
        <div class="page max-w-2xl">
            <nav aria-label=t(account::NAVIGATION)><ul class="account-nav">{links.collect_view()}</ul></nav>
            <div class="page-header">
                <h1>{title}</h1>
                <p class="muted">{lead}</p>
            </div>
            <AuthForms problem=form.problem>
                <DoneNotice done=form.done/>
                {children()}
            </AuthForms>
        </div>
    }
}

/// As [`t_around`](crate::text::t_around), for a text with values beside the element: these are filled.
fn around_filled(key: Key, element: &str, values: &[(&str, &str)]) -> (String, String) {
    let text = t(key);
    let (before, after) = text.split_once(element).unwrap_or((text, ""));
    (fill(before, values), fill(after, values))
}
