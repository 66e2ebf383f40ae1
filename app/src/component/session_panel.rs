//! The live session as `use_session()` tells it: for readers, and for tests.

use leptos::prelude::*;

use super::display_name;
use crate::{session::use_session, text::date_time};

/// Status, user and end of the session; changes by itself in every tab.
#[component]
pub fn SessionPanel() -> impl IntoView {
    let session = use_session();
    let status = move || session.status.get().as_str();
    let details = move || {
        session.data.get().map(|session| {
            view! {
                <dt>"Name"</dt>
                <dd>{display_name(&session.user)}</dd>
                {session.user.email.map(|email| view! { <dt>"Email"</dt><dd><bdi dir="ltr">{email}</bdi></dd> })}
                <dt>"Until"</dt>
                <dd>{date_time(&session.expires)}</dd>
            }
        })
    };
    view! {
        <div data-session="" data-session-status=status>
            <dl class="facts">
                <dt>"Status"</dt>
                <dd class="session-status">{status}</dd>
                {details}
            </dl>
        </div>
    }
}
