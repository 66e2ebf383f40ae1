//! No such page.

use leptos::prelude::*;
use leptos_auth_locales::{not_found, way_on};
use leptos_meta::Title;

use crate::{
    component::{AuthCard, PageHeader},
    text::{page_title, t},
};

/// The page; the response is a 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::server_fn::set_status(http::StatusCode::NOT_FOUND);
    view! {
        <Title text=page_title(t(not_found::TITLE))/>
        <AuthCard>
            <PageHeader title=t(not_found::TITLE)>{t(not_found::LEAD)}</PageHeader>
            <a class="button button-primary button-wide" href="/">{t(way_on::FRONT_PAGE)}</a>
        </AuthCard>
    }
}
