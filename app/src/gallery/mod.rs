//! Development only: every page in every state, at `/dev/gallery`. What is drawn is the pages' own views with
//! made-up props, so what looks right here is right there.

mod hook;
mod sample;
#[cfg(feature = "totp")]
mod second_step;
mod state;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::{component::PageHeader, page::NotFoundPage};
use state::{STATES, State};

/// All of them.
fn states() -> impl Iterator<Item = &'static State> {
    let states = STATES.iter();
    #[cfg(feature = "totp")]
    let states = states.chain(second_step::STATES);
    states
}

/// The list of states.
#[component]
pub fn GalleryPage() -> impl IntoView {
    let links = states().map(|state| {
        view! {
            <li><a class="link" href=format!("/dev/gallery/{}", state.name) rel="external">{state.title}</a></li>
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
