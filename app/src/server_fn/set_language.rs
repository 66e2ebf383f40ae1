//! The choice of a language in the footer. A plain form: it works without scripts.

use leptos::prelude::*;

use super::FnError;

/// Remembers the language for a year and goes back to the page where it was chosen. A tag that is none of the site's
/// languages changes nothing.
///
/// # Errors
/// None of its own.
#[server(prefix = "/api/fn", endpoint = "set_language")]
pub async fn set_language(language: String, back: String) -> Result<(), FnError> {
    let known = leptos_auth_locales::Language::of_tag(&language);
    let tag = known.map_or_else(|| crate::text::language().tag, |language| language.tag);
    super::preference::remember(leptos_auth_locales::COOKIE, tag, &back);
    Ok(())
}
