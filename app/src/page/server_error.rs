//! Something broke while a page was made.

use leptos::prelude::*;
use leptos_auth_locales::{server_error, way_on};

use crate::{
    component::{AuthCard, PageHeader},
    text::t,
};

/// The view.
#[component]
pub fn ServerErrorView() -> impl IntoView {
    view! {
        <AuthCard>
            <PageHeader title=t(server_error::TITLE)>{t(server_error::LEAD)}</PageHeader>
            <a class="button button-primary button-wide" href="/">{t(way_on::FRONT_PAGE)}</a>
        </AuthCard>
    }
}
