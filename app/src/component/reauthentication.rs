//! Shown in place of a form that needs a recent sign-in. It is shown before the user types anything, so that no input is
//! lost.

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
