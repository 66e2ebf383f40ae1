//! The theme: light, dark, or the device's setting. It is stored in the cookie `theme` and applied by the server, so that
//! the first paint is right. Without a cookie the media query in `style/theme.css` decides.

use serde::{Deserialize, Serialize};

/// Colours of the browser's own bars; the same as `--color-page` in `style/theme.css`.
const LIGHT: &str = "#f8faf9";
const DARK: &str = "#0d1110";

/// What `AUTH_THEME_…` says. The gallery shows some pages as other brands.
#[cfg(feature = "ssr")]
pub(crate) fn site_theme() -> leptos_auth::config::Theme {
    use leptos::prelude::use_context;

    #[cfg(feature = "dev")]
    if let Some(state) = use_context::<http::request::Parts>()
        .and_then(|parts| parts.uri.path().strip_prefix("/dev/gallery/").map(str::to_owned))
        && let Some(theme) = crate::gallery::theme_of(&state)
    {
        return theme;
    }
    use_context::<leptos_auth::Auth>().map(|auth| auth.config().theme.clone()).unwrap_or_default()
}

/// What the person chose in the footer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the device is set.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The word in the cookie and in the form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Anything that is not a known word is `Auto`.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// Value of `data-theme` on `<html>`; absent for `Auto`.
    pub(crate) fn attribute(self) -> Option<&'static str> {
        (self != Self::Auto).then_some(self.as_str())
    }

    pub(crate) const fn color_scheme(self) -> &'static str {
        match self {
            Self::Auto => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// `theme-color` when the device is set to light, and to dark.
    pub(crate) const fn browser_colors(self) -> (&'static str, &'static str) {
        match self {
            Self::Auto => (LIGHT, DARK),
            Self::Light => (LIGHT, LIGHT),
            Self::Dark => (DARK, DARK),
        }
    }

    /// What the configuration says for everybody (`AUTH_THEME_COLOR_SCHEME`), if that is not left to them.
    #[cfg(feature = "ssr")]
    pub(crate) fn of_site() -> Option<Self> {
        use leptos_auth::{Auth, config::ColorScheme};

        match leptos::prelude::use_context::<Auth>()?.config().theme.color_scheme {
            ColorScheme::Auto => None,
            ColorScheme::Light => Some(Self::Light),
            ColorScheme::Dark => Some(Self::Dark),
        }
    }

    /// Only the server asks.
    #[cfg(not(feature = "ssr"))]
    pub(crate) fn of_site() -> Option<Self> {
        None
    }

    /// The choice of whoever asks for this page.
    #[cfg(feature = "ssr")]
    pub(crate) fn of_request() -> Self {
        use leptos::prelude::use_context;
        use leptos_auth::cookie::Cookies;

        if let Some(theme) = Self::of_site() {
            return theme;
        }
        let parts = use_context::<http::request::Parts>();
        let known = |word: &str| Some(Self::parse(word)).filter(|theme| theme.as_str() == word);
        parts.and_then(|parts| Cookies::of(&parts.headers).find("theme", known)).unwrap_or_default()
    }

    /// The choice as the server wrote it into the page.
    #[cfg(not(feature = "ssr"))]
    pub(crate) fn of_request() -> Self {
        let html = leptos::prelude::document().document_element();
        html.and_then(|html| html.get_attribute("data-theme")).map_or(Self::Auto, |word| Self::parse(&word))
    }

    /// Shows the choice at once, without a reload.
    #[cfg(feature = "hydrate")]
    pub(crate) fn apply(self) {
        let document = leptos::prelude::document();
        if let Some(html) = document.document_element() {
            let _ = match self.attribute() {
                Some(word) => html.set_attribute("data-theme", word),
                None => html.remove_attribute("data-theme"),
            };
        }
        let (light, dark) = self.browser_colors();
        for (selector, content) in [
            ("meta[name=color-scheme]", self.color_scheme()),
            ("meta[name=theme-color][media*=light]", light),
            ("meta[name=theme-color][media*=dark]", dark),
        ] {
            if let Ok(Some(meta)) = document.query_selector(selector) {
                let _ = meta.set_attribute("content", content);
            }
        }
    }
}
