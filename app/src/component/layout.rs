//! What is on every page: skip link, header with the user menu, footer with help and the theme switch.

use leptos::prelude::*;
use leptos_auth_locales::frame;
use leptos_router::hooks::use_location;

use super::{FoldMenusOnEscape, LanguageMenu, Logo, OfflineRegion, ThemeSwitch, UserMenu};
use crate::{
    text::{APP_NAME, t},
    theme::Theme,
};

/// The frame around the page.
#[component]
pub fn Layout(children: Children) -> impl IntoView {
    let back = address();
    view! {
        <a class="skip-link" href="#main">{t(frame::SKIP)}</a>
        <header class="site-header">
            <a class="brand" href="/">
                <Logo/>
                {APP_NAME}
            </a>
            <UserMenu/>
        </header>
        <OfflineRegion/>
        <FoldMenusOnEscape/>
        <main id="main" tabindex="-1">{children()}</main>
        <footer class="site-footer">
            <a class="quiet-link" href="/#help">{t(frame::HELP)}</a>
            <div class="site-footer-choices">
                <LanguageMenu back=back.clone()/>
                {Theme::of_site().is_none().then(|| view! {
                    <ThemeSwitch><input type="hidden" name="back" value=back/></ThemeSwitch>
                })}
            </div>
        </footer>
    }
}

/// The address of this page, without the part after `#`.
fn address() -> String {
    let location = use_location();
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    if search.is_empty() { path } else { format!("{path}?{search}") }
}
