//! The theme switch in the footer. A plain form: it works without scripts.

use leptos::prelude::*;

use super::FnError;
use crate::theme::Theme;

/// Remembers the theme for a year and goes back to the page where the switch was used.
///
/// # Errors
/// None of its own.
#[server(prefix = "/api/fn", endpoint = "set_theme")]
pub async fn set_theme(theme: Theme, back: String) -> Result<(), FnError> {
    super::preference::remember("theme", theme.as_str(), &back);
    Ok(())
}
