//! Where an answer of the server may send the browser. It comes from our own server, which has checked it; this
//! is the second lock, because a `javascript:` address would run with the rights of the page.

/// The parts of an address as the browser's own URL parser gives them.
pub(super) struct Target<'a> {
    /// With the colon: `https:`.
    pub protocol: &'a str,
    /// Without the port.
    pub hostname: &'a str,
    /// True when the origin is the page's own.
    pub same_origin: bool,
}

/// This site, an `https` authorization page, or one on this machine (a provider under development).
pub(super) fn may_follow(target: &Target<'_>) -> bool {
    match target.protocol {
        "https:" => true,
        "http:" => target.same_origin || matches!(target.hostname, "localhost" | "127.0.0.1" | "[::1]"),
        _ => false,
    }
}

/// The address without its fragment.
pub(super) fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follows(protocol: &str, hostname: &str, same_origin: bool) -> bool {
        may_follow(&Target { protocol, hostname, same_origin })
    }

    /// RD-10
    #[test]
    fn only_pages_are_followed() {
        assert!(follows("https:", "github.com", false));
        assert!(follows("http:", "localhost", false));
        assert!(follows("http:", "app.test", true));
        assert!(!follows("http:", "evil.test", false));
        for protocol in ["javascript:", "data:", "blob:", "file:", "vbscript:", "intent:", "ftp:", ""] {
            assert!(!follows(protocol, "", false), "{protocol}");
            assert!(!follows(protocol, "localhost", true), "{protocol}");
        }
    }

    #[test]
    fn the_fragment_is_cut() {
        assert_eq!(without_fragment("https://a.test/b?c#d#e"), "https://a.test/b?c");
        assert_eq!(without_fragment("https://a.test/"), "https://a.test/");
    }
}
