//! What the footer remembers: a word in a cookie, then back to the page where it was chosen.

use http::HeaderValue;
use leptos::prelude::use_context;
use leptos_auth::Auth;

/// A year.
const MAX_AGE: u32 = 365 * 24 * 60 * 60;

/// Sets the cookie and redirects. `word` is one of our own. `__Host-` is not needed: whoever reads the cookie checks it
/// against a list, and nothing private hangs on it.
pub(super) fn remember(name: &str, word: &str, back: &str) {
    let secure = if use_context::<Auth>().is_some_and(|auth| auth.is_secure()) { "; Secure" } else { "" };
    let cookie = format!("{name}={word}; Path=/; Max-Age={MAX_AGE}; SameSite=Lax; HttpOnly{secure}");
    super::context::append_cookies(HeaderValue::from_str(&cookie).into_iter().collect());
    leptos_axum::redirect(own_path(back));
}

/// The address if it is a plain path of this site, else the front page. Never a host, never a header of its own.
fn own_path(address: &str) -> &str {
    let is_path = address.starts_with('/') && !address.starts_with("//");
    let is_plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain && address.len() <= 2048 { address } else { "/" }
}

#[cfg(test)]
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
