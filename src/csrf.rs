//! Protection against cross-site request forgery: requests that another site makes with the user's cookies.
//!
//! Everything that changes state must pass two checks:
//! 1. Fetch Metadata: `Sec-Fetch-Site` is `same-origin` or `none`. For browsers that do not send it, `Origin` is our
//!    origin or absent.
//! 2. A double-submit token: the cookie holds `token|hash`, the form holds `token`. Without a session the hash is that of
//!    Auth.js, which requires AUTH_SECRET. With a session it is an HMAC that also covers the session, so that a pair
//!    which an attacker obtained for themselves and planted in the browser is rejected (F-D3).
//!
//! Signing in or out replaces the token. A session rotation keeps the token and signs it again, so that forms in other
//! tabs still work.
//!
//! Sources: OWASP Cross-Site Request Forgery Prevention Cheat Sheet; Fetch Metadata (W3C).

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, header};
use sha2::Sha256;
use url::Url;

use crate::{
    hash,
    random::{self, to_hex},
    secret::Secret,
};

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

    /// Returns the token of the first cookie that is signed for this session, or a new token.
    pub(crate) fn token(&self, cookies: &[String], session: Option<&str>) -> CsrfToken {
        match self.signed_tokens(cookies, session).next() {
            Some(token) => CsrfToken { token: token.to_owned(), new_cookie: None },
            None => {
                let token = random::hex_token();
                let cookie = self.cookie(&token, session);
                CsrfToken { token, new_cookie: Some(cookie) }
            }
        }
    }

    /// Returns whether the form's token matches a cookie that is signed for the request's session.
    pub(crate) fn verify(&self, cookies: &[String], session: Option<&str>, form_token: Option<&str>) -> bool {
        let Some(form_token) = form_token else { return false };
        self.signed_tokens(cookies, session).any(|token| hash::equal(token, form_token))
    }

    /// Signs the token of a session's cookie again, for the same session under its new token. Returns the value of the
    /// cookie, or `None` if there is nothing to sign or nothing has changed.
    pub(crate) fn sign_again(&self, cookies: &[String], from: Option<&str>, to: &str) -> Option<String> {
        if from == Some(to) {
            return None;
        }
        let token = self.signed_tokens(cookies, from).next()?;
        Some(self.cookie(token, Some(to)))
    }

    fn cookie(&self, token: &str, session: Option<&str>) -> String {
        format!("{token}|{}", self.sign(token, session))
    }

    fn signed_tokens<'c>(
        &self,
        cookies: &'c [String],
        session: Option<&str>,
    ) -> impl Iterator<Item = &'c str> {
        cookies.iter().filter_map(move |cookie| {
            let (token, signature) = cookie.split_once('|')?;
            (token.len() == 64 && hash::equal(&self.sign(token, session), signature)).then_some(token)
        })
    }

    /// Returns the hash of Auth.js, or for a session the HMAC of the OWASP cheat sheet.
    fn sign(&self, token: &str, session: Option<&str>) -> String {
        let secret = self.secret.expose();
        let Some(session) = session else { return hash::sha256_hex(&[token, secret]) };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
        mac.update(format!("{}!{session}!{}!{token}", session.len(), token.len()).as_bytes());
        to_hex(&mac.finalize().into_bytes())
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

    fn csrf() -> Csrf {
        Csrf::new(&[Secret::new("a"), Secret::new("b")])
    }

    #[test]
    fn hashes_as_authjs_does() {
        // printf '%s' "$(printf 'a%.0s' {1..64})a,b" | sha256sum
        assert_eq!(csrf().sign(&"a".repeat(64), None), hash::sha256_hex(&[&"a".repeat(65), ",b"]));
    }

    #[test]
    fn a_pair_verifies_and_is_kept() {
        for session in [None, Some("s1")] {
            let made = csrf().token(&[], session);
            let cookies = [made.new_cookie.unwrap()];
            assert!(csrf().verify(&cookies, session, Some(&made.token)));
            let again = csrf().token(&cookies, session);
            assert_eq!((again.token, again.new_cookie), (made.token, None));
        }
    }

    #[test]
    fn f_d3_a_pair_is_of_one_session_and_a_rotation_keeps_the_token() {
        let made = csrf().token(&[], Some("s1"));
        let (cookies, token) = ([made.new_cookie.unwrap()], made.token);
        assert!(csrf().verify(&cookies, Some("s1"), Some(&token)), "control");
        for other in [None, Some("s2"), Some("s"), Some("s1!64!"), Some("")] {
            assert!(!csrf().verify(&cookies, other, Some(&token)), "{other:?}");
            assert!(csrf().token(&cookies, other).new_cookie.is_some(), "{other:?}");
            assert_eq!(csrf().sign_again(&cookies, other, "s3"), None, "{other:?}");
        }
        let again = [csrf().sign_again(&cookies, Some("s1"), "s2").unwrap()];
        assert!(
            csrf().verify(&again, Some("s2"), Some(&token))
                && !csrf().verify(&again, Some("s1"), Some(&token))
        );
    }

    #[test]
    fn cs_02_cs_03_forged_pairs_are_refused() {
        let made = csrf().token(&[], None);
        let cookie = made.new_cookie.unwrap();
        let token = made.token.as_str();
        let foreign = Csrf::new(&[Secret::new("other")]).token(&[], None);
        for (cookie, form) in [
            (None, Some(token)),
            (Some(cookie.as_str()), None),
            (Some(cookie.as_str()), Some("")),
            (Some(cookie.as_str()), Some("x")),
            (Some(token), Some(token)),
            (Some("|"), Some("")),
            (Some("||||||"), Some("")),
            (Some(&*format!("{token}|")), Some(token)),
            (Some(&*format!("|{}", csrf().sign("", None))), Some("")),
            (foreign.new_cookie.as_deref(), Some(foreign.token.as_str())),
        ] {
            let cookies: Vec<_> = cookie.into_iter().map(str::to_owned).collect();
            for session in [None, Some("s1")] {
                assert!(!csrf().verify(&cookies, session, form), "{cookie:?} {form:?}");
            }
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
