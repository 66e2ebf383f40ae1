//! Development only: every page in every state, at `/dev/gallery`. What is drawn is the pages' own views with
//! made-up props, so what looks right here is right there.

#[cfg(feature = "ssr")]
mod brand;
mod hook;
#[cfg(feature = "password")]
mod password;
mod sample;
#[cfg(feature = "totp")]
mod second_step;
mod state;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[cfg(feature = "ssr")]
pub(crate) use brand::theme_of;

use crate::{component::PageHeader, page::NotFoundPage};
use state::State;

/// The states of all pages that are built in.
fn states() -> impl Iterator<Item = &'static State> {
    let all = [
        state::STATES,
        #[cfg(feature = "password")]
        password::STATES,
        #[cfg(feature = "totp")]
        second_step::STATES,
    ];
    all.into_iter().flatten()
}

/// The list of states.
#[component]
pub fn GalleryPage() -> impl IntoView {
    let links = states().map(|state| {
        view! {
            <li><a class="link" href=format!("/dev/gallery/{}", state.name)>{state.title}</a></li>
        }
    });
    view! {
        <Title text="Gallery · Leptos Auth"/>
        <div class="page">
            <PageHeader title="Page gallery">"Every page in every state. Switch the theme below."</PageHeader>
            <ul class="card plain-list">{links.collect_view()}</ul>
        </div>
    }
}

/// One state.
#[component]
pub fn StatePage() -> impl IntoView {
    let name = use_params_map().with_untracked(|parameters| parameters.get("state")).unwrap_or_default();
    match states().find(|state| state.name == name) {
        Some(state) => view! { <Title text="Gallery · Leptos Auth"/> {(state.view)()} }.into_any(),
        None => view! { <NotFoundPage/> }.into_any(),
    }
}
