//! In place of a form for which the person has to prove anew who they are: asked before anything is typed, so that nothing
//! is lost.

use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// Says so, and leads to the sign-in page and back.
#[component]
pub fn ReauthenticationNotice(
    /// The page to come back to.
    path: &'static str,
) -> impl IntoView {
    let query: ParamsMap =
        [("error", "ReauthenticationRequired"), ("callbackUrl", path)].into_iter().collect();
    view! {
        <p>"For your safety, confirm first that it is you."</p>
        <a class="button" href=format!("/signin{}", query.to_query_string()) rel="external">"Confirm that it is you"</a>
    }
}
