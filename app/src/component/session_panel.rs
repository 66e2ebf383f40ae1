//! The live session as `use_session()` tells it: for readers, and for tests.

use leptos::prelude::*;
use leptos_auth_locales::session_panel;

use super::display_name;
use crate::{
    session::{SessionStatus, use_session},
    text::{date_time, t},
};

/// Status, user and end of the session; changes by itself in every tab.
#[island]
pub fn SessionPanel() -> impl IntoView {
    let session = use_session();
    let status = move || session.status.get().as_str();
    let details = move || {
        session.data.get().map(|session| {
            view! {
                <dt>{t(session_panel::NAME)}</dt>
                <dd>{display_name(&session.user)}</dd>
                {session.user.email.map(|email| view! {
                    <dt>{t(session_panel::EMAIL)}</dt>
                    <dd><bdi dir="ltr">{email}</bdi></dd>
                })}
                <dt>{t(session_panel::UNTIL)}</dt>
                <dd>{date_time(&session.expires)}</dd>
            }
        })
    };
    view! {
        <div data-session="" data-session-status=status>
            <dl class="facts">
                <dt>{t(session_panel::STATUS)}</dt>
                <dd class="session-status">{move || status_text(session.status.get())}</dd>
                {details}
            </dl>
        </div>
    }
}

fn status_text(status: SessionStatus) -> &'static str {
    t(match status {
        SessionStatus::Loading => session_panel::LOADING,
        SessionStatus::Authenticated => session_panel::AUTHENTICATED,
        SessionStatus::Unauthenticated => session_panel::UNAUTHENTICATED,
    })
}
