//! In place of a form for which the person has to prove anew who they are: asked before anything is typed, so that nothing
//! is lost.

use leptos::prelude::*;
use leptos_auth_locales::reauthentication;

use crate::{session::with_query, text::t};

/// Says so, and leads to the sign-in page and back.
#[component]
pub fn ReauthenticationNotice(
    /// The page to come back to.
    path: &'static str,
) -> impl IntoView {
    let href = with_query("/signin", &[("error", "ReauthenticationRequired"), ("callbackUrl", path)]);
    view! {
        <p>{t(reauthentication::LEAD)}</p>
        <a class="button" href=href>{t(reauthentication::CONFIRM)}</a>
    }
}
