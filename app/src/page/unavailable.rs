//! A part of the site (mostly the database) is away: nobody is signed out by that, and nobody let in.

use leptos::prelude::*;
use leptos_auth_locales::unavailable;

use crate::{component::PageHeader, text::t};

/// Shown in place of a page that needs to know who asks.
#[component]
pub fn UnavailableView() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server_fn::set_status(http::StatusCode::SERVICE_UNAVAILABLE);
    view! {
        <div class="card card-narrow" role="status">
            <PageHeader title=t(unavailable::TITLE)>{t(unavailable::LEAD)}</PageHeader>
            <a class="button button-primary button-wide" href="">{t(unavailable::AGAIN)}</a>
        </div>
    }
}
