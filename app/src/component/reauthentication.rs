//! In place of a form for which the person has to prove anew who they are: asked before anything is typed, so that nothing
//! is lost.

use leptos::prelude::*;
use leptos_auth_locales::reauthentication;
use leptos_router::params::ParamsMap;

use crate::text::t;

/// Says so, and leads to the sign-in page and back.
#[component]
pub fn ReauthenticationNotice(
    /// The page to come back to.
    path: &'static str,
) -> impl IntoView {
    let query: ParamsMap =
        [("error", "ReauthenticationRequired"), ("callbackUrl", path)].into_iter().collect();
    view! {
        <p>{t(reauthentication::LEAD)}</p>
        <a class="button" href=format!("/signin{}", query.to_query_string())>
            {t(reauthentication::CONFIRM)}
        </a>
    }
}
