//! Light, dark, or as the device is set. A form with three buttons; with scripts the page changes in place.

use leptos::prelude::*;
use leptos_auth_locales::footer;

use super::{Icon, Mark};
use crate::{text::t, theme::Theme};

/// The switch in the footer.
#[island]
pub fn ThemeSwitch(
    /// The field with the address of this page, to come back to.
    children: Children,
) -> impl IntoView {
    let chosen = RwSignal::new(Theme::of_request());
    view! {
        <form class="segments" method="post" action="/api/fn/set_theme" aria-label=t(footer::THEME)>
            {children()}
            <ThemeButton theme=Theme::Auto mark=Mark::Half label=t(footer::THEME_AUTO) chosen/>
            <ThemeButton theme=Theme::Light mark=Mark::Sun label=t(footer::THEME_LIGHT) chosen/>
            <ThemeButton theme=Theme::Dark mark=Mark::Moon label=t(footer::THEME_DARK) chosen/>
        </form>
    }
}

#[component]
fn ThemeButton(theme: Theme, mark: Mark, label: &'static str, chosen: RwSignal<Theme>) -> impl IntoView {
    let is_chosen = move || if chosen.get() == theme { "true" } else { "false" };
    view! {
        <button name="theme" value=theme.as_str() aria-pressed=is_chosen on:click=move |event| choose(&event, theme, chosen)>
            <Icon mark/>
            {label}
        </button>
    }
}

/// Changes the page at once and tells the server, which writes the cookie.
fn choose(event: &leptos::ev::MouseEvent, theme: Theme, chosen: RwSignal<Theme>) {
    event.prevent_default();
    chosen.set(theme);
    #[cfg(feature = "hydrate")]
    {
        theme.apply();
        super::form::post_in_background("/api/fn/set_theme", &format!("theme={}&back=/", theme.as_str()));
    }
}
