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
    use http::HeaderValue;
    use leptos_auth::Auth;

    // `__Host-` is not needed: the word is checked against three, and nothing private hangs on it.
    let secure = if use_context::<Auth>().is_some_and(|auth| auth.is_secure()) { "; Secure" } else { "" };
    let (word, max_age) = (theme.as_str(), 365 * 24 * 60 * 60);
    let cookie = format!("theme={word}; Path=/; Max-Age={max_age}; SameSite=Lax; HttpOnly{secure}");
    super::context::append_cookies(HeaderValue::from_str(&cookie).into_iter().collect());
    leptos_axum::redirect(own_path(&back));
    Ok(())
}

/// The address if it is a plain path of this site, else the front page. Never a host, never a header of its own.
#[cfg(feature = "ssr")]
fn own_path(address: &str) -> &str {
    let is_path = address.starts_with('/') && !address.starts_with("//");
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain && address.len() <= 2048 { address } else { "/" }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::own_path;

    #[test]
    fn lp_10_only_own_paths() {
        for path in ["/", "/signin?callbackUrl=%2Faccount", "/a/b"] {
            assert_eq!(own_path(path), path);
        }
        for other in
            ["", "//evil.test", "/\\evil.test", "https://evil.test", "/a\r\nb", "javascript:1", "/\tx"]
        {
            assert_eq!(own_path(other), "/");
        }
    }
}
