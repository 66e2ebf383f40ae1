//! The languages of the site, each by its own name. A form with a button for each: it works without scripts.

use leptos::prelude::*;
use leptos_auth_locales::{LANGUAGES, footer};

use super::{Icon, Mark};
use crate::text::{language, t};

/// The menu in the footer.
#[component]
pub fn LanguageMenu(
    /// The address of this page, to come back to.
    back: String,
) -> impl IntoView {
    let now = language();
    let offered = LANGUAGES.iter().filter(|language| !language.is_for_tests());
    let buttons = offered.map(|language| {
        let is_chosen = if language.tag == now.tag { "true" } else { "false" };
        let (tag, dir) = (language.tag, language.direction.as_str());
        view! {
            <button class="menu-item" name="language" value=tag lang=tag aria-pressed=is_chosen>
                <bdi dir=dir>{language.name}</bdi>
            </button>
        }
    });
    view! {
        <details class="menu menu-up">
            <summary class="quiet-link">
                <Icon mark=Mark::Globe/>
                <span class="sr-only">{t(footer::LANGUAGE)}": "</span>
                <bdi>{now.name}</bdi>
                <Icon mark=Mark::Chevron/>
            </summary>
            <form class="menu-panel" method="post" action="/api/fn/set_language" aria-label=t(footer::LANGUAGE)>
                <input type="hidden" name="back" value=back/>
                {buttons.collect_view()}
            </form>
        </details>
    }
}
