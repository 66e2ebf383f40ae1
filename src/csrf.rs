//! Protection against requests that another site makes with the user's cookies.
//!
//! Two rules, both must hold for everything that changes state:
//! 1. the browser's own word: `Sec-Fetch-Site` is `same-origin` or `none`, or, where a browser does not send it,
//!    `Origin` is ours or absent;
//! 2. a double-submit token, signed with AUTH_SECRET as Auth.js does it: the cookie holds `token|hash`, the form
//!    holds `token`. A pair cannot be made without the secret, and signing in or out replaces it.
//!
//! Sources: OWASP Cross-Site Request Forgery Prevention Cheat Sheet; Fetch Metadata (W3C).

use http::{HeaderMap, header};
use url::Url;

use crate::{hash, random, secret::Secret};

/// Makes and checks the tokens.
pub(crate) struct Csrf {
    secret: Secret,
}

/// The token of a browser, and the cookie's value when it has to be written.
pub(crate) struct CsrfToken {
    /// Goes into the form.
    pub(crate) token: String,
    /// Goes into the cookie, unless the browser has it already.
    pub(crate) new_cookie: Option<String>,
}

impl Csrf {
    /// Auth.js joins a list of secrets by commas.
    pub(crate) fn new(secrets: &[Secret]) -> Self {
        let joined = secrets.iter().map(Secret::expose).collect::<Vec<_>>().join(",");
        Self { secret: Secret::new(joined) }
    }

    /// The token of the first cookie that we signed, or a new one.
    pub(crate) fn token(&self, cookies: &[impl AsRef<str>]) -> CsrfToken {
        match cookies.iter().find_map(|cookie| self.signed_token(cookie.as_ref())) {
            Some(token) => CsrfToken { token: token.to_owned(), new_cookie: None },
            None => {
                let token = random::hex_token();
                let cookie = format!("{token}|{}", self.sign(&token));
                CsrfToken { token, new_cookie: Some(cookie) }
            }
        }
    }

    /// Whether the form's token is that of a cookie, and that cookie ours.
    pub(crate) fn verify(&self, cookies: &[impl AsRef<str>], form_token: Option<&str>) -> bool {
        let Some(form_token) = form_token else { return false };
        let mut tokens = cookies.iter().filter_map(|cookie| self.signed_token(cookie.as_ref()));
        tokens.any(|token| hash::equal(token, form_token))
    }

    fn signed_token<'c>(&self, cookie: &'c str) -> Option<&'c str> {
        let (token, signature) = cookie.split_once('|')?;
        (token.len() == 64 && hash::equal(&self.sign(token), signature)).then_some(token)
    }

    fn sign(&self, token: &str) -> String {
        hash::sha256_hex(&[token, self.secret.expose()])
    }
}

/// Whether the browser says that the request comes from our own pages, or says nothing (not a browser).
///
/// A page with `Referrer-Policy: no-referrer` posts with `Origin: null`; browsers that send `Sec-Fetch-Site`
/// tell the truth there, so that header decides, and a foreign `Origin` beside it is refused all the same.
pub(crate) fn is_same_origin(headers: &HeaderMap, base_url: &Url) -> bool {
    let origin = headers.get(header::ORIGIN).map(|value| value.as_bytes());
    let is_ours = |origin: &[u8]| origin == base_url.origin().ascii_serialization().as_bytes();
    match headers.get("sec-fetch-site").map(|value| value.as_bytes()) {
        Some(b"same-origin" | b"none") => origin.is_none_or(|origin| origin == b"null" || is_ours(origin)),
        Some(_) => false,
        None => origin.is_none_or(is_ours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &[&str] = &[];

    fn csrf() -> Csrf {
        Csrf::new(&[Secret::new("a"), Secret::new("b")])
    }

    #[test]
    fn hashes_as_authjs_does() {
        // printf '%s' "$(printf 'a%.0s' {1..64})a,b" | sha256sum
        assert_eq!(csrf().sign(&"a".repeat(64)), hash::sha256_hex(&[&"a".repeat(65), ",b"]));
    }

    #[test]
    fn a_pair_verifies_and_is_kept() {
        let made = csrf().token(NONE);
        let cookie = made.new_cookie.unwrap();
        assert!(csrf().verify(&[&cookie], Some(&made.token)));
        assert!(
            csrf().verify(&["", "x|y", &cookie], Some(&made.token)),
            "a foreign cookie hides none of ours"
        );
        let again = csrf().token(&["x|y", &cookie]);
        assert_eq!((again.token, again.new_cookie), (made.token, None));
    }

    #[test]
    fn cs_02_cs_03_forged_pairs_are_refused() {
        let made = csrf().token(NONE);
        let cookie = made.new_cookie.unwrap();
        let token = made.token.as_str();
        let foreign = Csrf::new(&[Secret::new("other")]).token(NONE);
        for (cookie, form) in [
            (None, Some(token)),
            (Some(cookie.as_str()), None),
            (Some(cookie.as_str()), Some("")),
            (Some(cookie.as_str()), Some("x")),
            (Some(token), Some(token)),
            (Some("|"), Some("")),
            (Some("||||||"), Some("")),
            (Some(&*format!("{token}|")), Some(token)),
            (Some(&*format!("|{}", csrf().sign(""))), Some("")),
            (foreign.new_cookie.as_deref(), Some(foreign.token.as_str())),
        ] {
            assert!(!csrf().verify(cookie.as_slice(), form), "{cookie:?} {form:?}");
        }
    }

    #[test]
    fn cs_07_origin_and_fetch_metadata() {
        let base = Url::parse("https://app.test").unwrap();
        let allowed = |pairs: &[(&'static str, &str)]| {
            let headers = pairs
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
            is_same_origin(&headers.collect(), &base)
        };
        assert!(allowed(&[]));
        assert!(allowed(&[("origin", "https://app.test")]));
        assert!(allowed(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!allowed(&[("origin", "null")]));
        assert!(!allowed(&[("origin", "https://evil.test")]));
        assert!(!allowed(&[("origin", "https://app.test.evil.test")]));
        assert!(!allowed(&[("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&[("sec-fetch-site", "same-site"), ("origin", "https://app.test")]));
        assert!(!allowed(&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.test")]));
    }
}
