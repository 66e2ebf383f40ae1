//! What is on every page: skip link, header with the user menu, footer with help and the theme switch.

use leptos::prelude::*;
use leptos_auth_locales::frame;

use super::{LanguageMenu, Logo, OfflineRegion, ThemeSwitch, UserMenu};
use crate::{
    text::{APP_NAME, t},
    theme::Theme,
};

/// The frame around the page.
#[component]
pub fn Layout(children: Children) -> impl IntoView {
    view! {
        <a class="skip-link" href="#main" rel="external">{t(frame::SKIP)}</a>
        <header class="site-header">
            <a class="brand" href="/">
                <Logo/>
                {APP_NAME}
            </a>
            <UserMenu/>
        </header>
        <OfflineRegion/>
        <main id="main" tabindex="-1">{children()}</main>
        <footer class="site-footer">
            <a class="quiet-link" href="/#help" rel="external">{t(frame::HELP)}</a>
            <div class="site-footer-choices">
                <LanguageMenu/>
                {Theme::of_site().is_none().then(|| view! { <ThemeSwitch/> })}
            </div>
        </footer>
    }
}
