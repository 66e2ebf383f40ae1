//! `/signin/popup`: the window of a sign-in that runs beside the page (`SignInOptions::popup`). It waits, and when it comes back
//! with `?done` it closes: all other tabs know of the sign-in by then.

use leptos::prelude::*;
use leptos_auth_locales::popup;
use leptos_meta::Title;

use super::query;
use crate::{
    component::{AuthCard, Mark, PageHeader},
    session::{SessionStatus, use_session},
    text::{page_title, t},
};

/// The page.
#[component]
pub fn PopupPage() -> impl IntoView {
    let is_done = query("done").is_some();
    let is_signed_in = use_session().status.get_untracked() == SessionStatus::Authenticated;
    view! {
        <Title text=page_title(t(popup::PAGE))/>
        <PopupView state=match (is_done, is_signed_in) {
            (true, true) => Popup::Done,
            (true, false) => Popup::NotSignedIn,
            (false, _) => Popup::Waiting,
        }/>
        {(is_done && is_signed_in).then(|| view! { <TellAndClose/> })}
    }
}

/// The other tabs go on; this window is of no use any more.
#[island]
fn TellAndClose() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    crate::session::tell_and_close();
}

/// Where the sign-in is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Popup {
    /// The provider's page is on its way.
    Waiting,
    /// It worked.
    Done,
    /// It came back, and nobody is signed in: cookies may be blocked.
    NotSignedIn,
}

/// The view.
#[component]
pub fn PopupView(state: Popup) -> impl IntoView {
    match state {
        Popup::Waiting => view! {
            <AuthCard>
                <PageHeader title=t(popup::PAGE)><span role="status">{t(popup::WAITING)}</span></PageHeader>
            </AuthCard>
        }
        .into_any(),
        Popup::Done => view! {
            <AuthCard>
                <PageHeader mark=Mark::Check title=t(popup::DONE)>{t(popup::DONE_ADVICE)}</PageHeader>
            </AuthCard>
        }
        .into_any(),
        Popup::NotSignedIn => view! {
            <AuthCard>
                <PageHeader mark=Mark::Alert title=t(popup::FAILED)>{t(popup::FAILED_ADVICE)}</PageHeader>
                <a class="button button-primary button-wide" href="/signin">{t(popup::AGAIN)}</a>
            </AuthCard>
        }
        .into_any(),
    }
}
