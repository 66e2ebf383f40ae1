//! Validates where the browser may be sent after signing in or out: to this origin only.
//!
//! A target is stored in cookies, so its length is measured as it is stored: parsed and percent-encoded. A longer target
//! is ignored, because a cookie that the browser rejects would break the sign-in.
//!
//! A target must be an absolute path or an absolute http(s) URL, and the parsed result must have exactly the origin of
//! AUTH_URL. The parsed, absolute form is returned, so that no later reader (browser, router, proxy) can interpret it
//! differently.

use url::Url;

use crate::cookie;

/// The longest target, both as received and as a parsed URL.
const MAX_LENGTH: usize = 2048;

/// The target, or `None` when the browser must not be sent there.
#[must_use]
pub fn check(base_url: &Url, target: &str) -> Option<Url> {
    if !may_be_target(target) || !has_known_shape(target) {
        return None;
    }
    let url = base_url.join(target).ok()?;
    let is_own = url.origin() == base_url.origin() && url.username().is_empty() && url.password().is_none();
    // `//` at the start of a path would name another host to whoever reads the path alone; and the API itself is
    // no page to come back to.
    let is_page = !url.path().starts_with("//") && !url.path().starts_with("/api/auth");
    (is_own && is_page && is_storable(&url)).then_some(url)
}

/// Returns whether the URL fits into a cookie.
pub(crate) fn is_storable(url: &Url) -> bool {
    url.as_str().len() <= MAX_LENGTH && cookie::fits(url.as_str())
}

/// Whether a text is short and plain enough to be looked at.
pub(crate) fn may_be_target(target: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    target.len() <= MAX_LENGTH && !target.chars().any(is_odd)
}

/// The first acceptable target, else the front page.
#[must_use]
pub fn resolve<'t>(base_url: &Url, targets: impl IntoIterator<Item = Option<&'t str>>) -> Url {
    let first = targets.into_iter().flatten().next();
    first.and_then(|target| check(base_url, target)).unwrap_or_else(|| base_url.clone())
}

fn has_known_shape(target: &str) -> bool {
    let starts_with =
        |scheme: &str| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    (target.starts_with('/') && !target.starts_with("//"))
        || starts_with("https://")
        || starts_with("http://")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> Url {
        Url::parse("https://app.test").unwrap()
    }

    #[test]
    fn own_pages_are_kept() {
        for (target, expected) in [
            ("/", "https://app.test/"),
            ("/account?tab=1#devices", "https://app.test/account?tab=1#devices"),
            ("https://app.test/ok", "https://app.test/ok"),
            ("HTTPS://APP.TEST:443/ok", "https://app.test/ok"),
            ("/a/../b", "https://app.test/b"),
        ] {
            assert_eq!(check(&base(), target).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn rd_everything_else_is_refused() {
        for target in [
            "https://evil.test/",
            "http://evil.test",
            "HTTPS://EVIL.TEST",
            "//evil.test",
            "///evil.test",
            "////evil.test/..",
            "/\\evil.test",
            "\\/evil.test",
            "\\\\evil.test",
            "/\\/evil.test",
            "https:evil.test",
            "https:/evil.test",
            "https:\\evil.test",
            "http:////evil.test",
            "https://app.test@evil.test",
            "https://app.test:443@evil.test/",
            "https://app.test%40evil.test",
            "@evil.test",
            "https://user@app.test/",
            "https://app.test.evil.test",
            "https://app.testevil",
            "https://evil.test/app.test",
            "https://evil.test?app.test",
            "https://evil.test#app.test",
            "/.//evil.test",
            "/..//evil.test",
            "/foo/../..//evil.test",
            ".//evil.test",
            "./\\evil.test",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "javascript://app.test/%0aalert(1)",
            "data:text/html,x",
            "blob:https://app.test/x",
            "file:///etc/passwd",
            "https://ａpp。evil",
            "https://xn--app-.test",
            "https://app.test.",
            "https://app.test:8443",
            "http://app.test",
            "https://[::ffff:127.0.0.1]",
            "https://2130706433",
            "https://[evil",
            "https://x.app.test",
            "http://",
            "http:///",
            "://",
            "[",
            "http://a b",
            "",
            " /",
            "/ok\r\nSet-Cookie: a=b",
            "\u{ff0f}\u{ff0f}evil.test",
            "/api/auth/signout?callbackUrl=//evil.test",
            "?x",
            "#x",
            "account",
        ] {
            assert_eq!(check(&base(), target), None, "{target}");
        }
        assert_eq!(check(&base(), &format!("/{}", "../".repeat(10_000))), None);
    }

    #[test]
    fn rd_15_the_first_value_decides_alone() {
        assert_eq!(resolve(&base(), [None, Some("//evil.test"), Some("/ok")]), base());
        assert_eq!(resolve(&base(), [None, Some("/ok"), Some("//evil.test")]).path(), "/ok");
    }

    #[test]
    fn f_b5_a_target_is_measured_as_it_is_stored() {
        assert!(check(&base(), &format!("/?q={}", "a".repeat(2000))).is_some(), "control");
        assert!(check(&base(), &format!("/?q={}", "é".repeat(300))).is_some(), "control");
        for (character, count) in
            [("é", 1000), ("é", 400), ("\u{1f469}", 200), ("/", 2000), ("\"", 800), ("=", 1500)]
        {
            assert_eq!(check(&base(), &format!("/?q={}", character.repeat(count))), None, "{character}");
        }
    }

    proptest! {
        #[test]
        fn f_b5_what_is_accepted_fits_into_a_cookie(target in "/\\PC{0,900}") {
            if let Some(url) = check(&base(), &target) {
                prop_assert!(cookie::fits(url.as_str()) && url.as_str().len() <= MAX_LENGTH);
            }
        }

        #[test]
        fn whatever_is_accepted_is_on_our_origin(target in "(https?:)?[/\\\\.@:a-z%#?]{0,12}(app|evil)?\\.?(test)?.{0,10}") {
            if let Some(url) = check(&base(), &target) {
                prop_assert_eq!(url.origin(), base().origin());
                prop_assert!(url.as_str().starts_with("https://app.test/"));
                prop_assert!(!url.as_str().starts_with("https://app.test//"));
            }
        }
    }
}
