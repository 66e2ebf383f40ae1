//! The language of this page. The server knows it from the request; the browser gets the texts with the page, before its
//! islands wake (see `shell.rs`).

use leptos_auth_locales::{Key, Language, fill};

/// The text in the language of this page.
///
/// ```ignore
/// view! { <h1>{t(sign_out::TITLE)}</h1> }
/// ```
pub fn t(key: Key) -> &'static str {
    #[cfg(feature = "ssr")]
    return language().text(key);
    #[cfg(not(feature = "ssr"))]
    browser::text(key)
}

/// The text with its placeholders filled: `t_with(count::LEFT, &[("count", "3")])` for `{count} left`.
pub fn t_with(key: Key, values: &[(&str, &str)]) -> String {
    fill(t(key), values)
}

/// What stands before and after the placeholder, for a text around an element: `You are signed in as {name}.`
pub fn t_around(key: Key) -> (&'static str, &'static str) {
    let text = t(key);
    let parts = text.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1)));
    parts.unwrap_or((text, ""))
}

/// The language of this page.
#[cfg(feature = "ssr")]
pub(crate) fn language() -> &'static Language {
    leptos::prelude::use_context::<&'static Language>().unwrap_or_else(Language::english)
}

/// The same, as the server wrote it into the page.
#[cfg(not(feature = "ssr"))]
pub(crate) fn language() -> &'static Language {
    let html = leptos::prelude::document().document_element();
    let tag = html.and_then(|html| html.get_attribute("lang"));
    tag.and_then(|tag| Language::of_tag(&tag)).unwrap_or_else(Language::english)
}

#[cfg(not(feature = "ssr"))]
pub(crate) mod browser {
    use std::sync::OnceLock;

    use leptos_auth_locales::Key;

    static TEXTS: OnceLock<Vec<String>> = OnceLock::new();

    /// Called once, before the first text is drawn.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "only a browser gets them"))]
    pub(crate) fn set_texts(texts: Vec<String>) {
        let _ = TEXTS.set(texts);
    }

    pub(super) fn text(key: Key) -> &'static str {
        TEXTS.get().and_then(|texts| texts.get(key.index())).map_or("", String::as_str)
    }
}
