//! Cookies: names, prefixes, attributes and chunks as Auth.js has them, read by their exact names only.
//!
//! On https the session is `__Secure-authjs.session-token` (the name that Auth.js reads too) and all cookies that
//! no other software needs are `__Host-`. Every cookie is HttpOnly, SameSite=Lax, Path=/ and without Domain.
//! Of two cookies with one name the first counts, and a cookie under a neighbouring name is never looked at.

use std::{borrow::Cow, time::Duration};

use cookie::Cookie;
pub use cookie::SameSite;
use http::{HeaderMap, HeaderValue, header};
use percent_encoding::percent_decode_str;

use crate::clock::Timestamp;

/// What a browser surely stores in one cookie is 4096 bytes; Auth.js leaves 160 for name and attributes.
pub(crate) const CHUNK_LENGTH: usize = 4096 - 160;
/// More chunks than this are neither written nor read: together they would exceed what proxies accept.
const MAX_CHUNKS: usize = 5;
/// The longest token that cookies carry.
pub(crate) const LONGEST_TOKEN: usize = MAX_CHUNKS * CHUNK_LENGTH;

/// Where the session cookie goes along. The other cookies never leave the host that made them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCookiePolicy {
    /// Its name without the prefix. `AUTH_COOKIE_NAME`, `authjs.session-token`; the salt of stateless sessions too.
    pub name: String,
    /// Its `Domain`: all hosts under it share the session. `AUTH_COOKIE_DOMAIN`, this host only.
    pub domain: Option<String>,
    /// Its `SameSite`. `AUTH_COOKIE_SAME_SITE`, `lax`.
    pub same_site: SameSite,
    /// Whether the prefix is `__Host-` instead of `__Secure-`: no other host can plant it. `AUTH_COOKIE_HOST_PREFIX`.
    pub host_prefix: bool,
}

impl SessionCookiePolicy {
    /// Whether it has the name of NextAuth.js v4, so that clients are of that version as well.
    #[must_use]
    pub fn is_of_v4(&self) -> bool {
        self.name.starts_with("next-auth.")
    }
}

impl Default for SessionCookiePolicy {
    fn default() -> Self {
        let name = "authjs.session-token".to_owned();
        Self { name, domain: None, same_site: SameSite::Lax, host_prefix: false }
    }
}

/// The names in force, and whether they are secure ones.
pub struct CookieNames {
    secure: bool,
    domain: Option<String>,
    same_site: SameSite,
    /// The session token: one cookie, or `.0`, `.1`, … when it is long.
    pub session: String,
    /// The double-submit CSRF token.
    pub csrf: String,
    /// Where the browser wants to go after signing in.
    pub callback_url: String,
    /// Prefix of the OAuth transactions: one cookie for each attempt.
    pub transaction: String,
    /// The e-mail sign-in that this browser waits for.
    pub verify_request: String,
    /// The sign-in of this browser that waits for its second step.
    pub second_step: String,
    /// What is being set up of a second step.
    pub second_step_setup: String,
    /// That this browser is not asked for the second step.
    pub remembered_device: String,
    /// A sign-in that waits to be linked to the account of its address.
    pub pending_link: String,
    /// Prefix of what passkeys are to sign: one cookie for each time they are asked.
    pub challenge: String,
    /// The provider used last: a name, no identity.
    pub last_provider: String,
    /// Who has signed in by this browser before.
    pub familiar_browser: String,
    /// Tells a browser that signed in before from all others; opens nothing.
    pub known_browser: String,
}

impl CookieNames {
    /// Names for an https origin (`secure`) or for http on loopback.
    #[must_use]
    pub fn new(secure: bool, policy: &SessionCookiePolicy) -> Self {
        let (prefix, host) = if secure { ("__Secure-", "__Host-") } else { ("", "") };
        let of_session = if policy.host_prefix { host } else { prefix };
        Self {
            secure,
            domain: policy.domain.clone(),
            same_site: policy.same_site,
            session: format!("{of_session}{}", policy.name),
            csrf: format!("{host}authjs.csrf-token"),
            callback_url: format!("{prefix}authjs.callback-url"),
            transaction: format!("{host}authjs.transaction."),
            verify_request: format!("{host}authjs.verify-request"),
            second_step: format!("{host}authjs.second-step"),
            second_step_setup: format!("{host}authjs.second-step-setup"),
            remembered_device: format!("{host}authjs.remembered-device"),
            pending_link: format!("{host}authjs.pending-link"),
            challenge: format!("{host}authjs.challenge."),
            last_provider: format!("{host}authjs.last-provider"),
            familiar_browser: format!("{host}authjs.familiar-browser"),
            known_browser: format!("{host}authjs.known-browser"),
        }
    }

    /// A `Set-Cookie` value. Without `lifetime` the cookie ends with the browser's session.
    pub(crate) fn set(
        &self,
        name: &str,
        value: &str,
        lifetime: Option<(Duration, Timestamp)>,
    ) -> HeaderValue {
        let mut cookie = Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .build();
        if self.is_session(name) {
            cookie.set_same_site(self.same_site);
            if let Some(domain) = &self.domain {
                cookie.set_domain(domain.clone());
            }
        }
        let mut text = cookie.encoded().to_string();
        if let Some((lifetime, now)) = lifetime {
            let expires = now.plus(lifetime).to_http_date();
            text.push_str(&format!("; Max-Age={}; Expires={expires}", lifetime.as_secs()));
        }
        header_value(&text)
    }

    /// A `Set-Cookie` value that removes the cookie: same path and prefix as when it was made.
    pub(crate) fn clear(&self, name: &str) -> HeaderValue {
        self.set(name, "", Some((Duration::ZERO, Timestamp::from_millis(0))))
    }

    /// Writes a session token, in chunks when it is long, and removes what is left of an older one.
    pub(crate) fn set_session(
        &self,
        token: &str,
        lifetime: Option<(Duration, Timestamp)>,
        request: &Cookies<'_>,
    ) -> Vec<HeaderValue> {
        let chunks: Vec<(String, &str)> = if token.len() <= CHUNK_LENGTH {
            vec![(self.session.clone(), token)]
        } else {
            // A token is base64url, so every byte is a character.
            token
                .as_bytes()
                .chunks(CHUNK_LENGTH)
                .enumerate()
                .map(|(index, chunk)| {
                    (self.chunk_name(index), std::str::from_utf8(chunk).unwrap_or_default())
                })
                .collect()
        };
        let mut headers: Vec<_> =
            chunks.iter().map(|(name, value)| self.set(name, value, lifetime)).collect();
        let written = |name: &str| chunks.iter().any(|(chunk, _)| chunk == name);
        headers.extend(
            self.session_cookies(request).filter(|name| !written(name)).map(|name| self.clear(&name)),
        );
        headers
    }

    /// Removes the session cookie and all its chunks, as far as the request brought them.
    pub(crate) fn clear_session(&self, request: &Cookies<'_>) -> Vec<HeaderValue> {
        self.session_cookies(request).map(|name| self.clear(&name)).collect()
    }

    /// Takes the session token out of an answer's cookies, for who keeps it elsewhere.
    pub(crate) fn take_session(&self, answer: &mut HeaderMap) -> Option<HeaderValue> {
        let all: Vec<HeaderValue> = answer.get_all(header::SET_COOKIE).iter().cloned().collect();
        answer.remove(header::SET_COOKIE);
        let mut pairs = Vec::new();
        for cookie in all {
            let pair = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
            match pair.split_once('=') {
                Some((name, value)) if self.is_session(name) => {
                    pairs.extend((!value.is_empty()).then_some(pair))
                }
                _ => drop(answer.append(header::SET_COOKIE, cookie)),
            }
        }
        let sent = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&pairs.join("; ")).ok()?)]);
        HeaderValue::from_str(self.cookie_tokens(&Cookies::of(&sent)).first()?).ok()
    }

    /// Takes the ticket of a sign-in that waits for its second step out of an answer's cookies, likewise.
    pub(crate) fn take_second_step(&self, answer: &mut HeaderMap) -> Option<HeaderValue> {
        let all: Vec<HeaderValue> = answer.get_all(header::SET_COOKIE).iter().cloned().collect();
        answer.remove(header::SET_COOKIE);
        let mut ticket = None;
        for cookie in all {
            let pair = cookie.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            match pair.split_once('=') {
                Some((name, value)) if name == self.second_step => {
                    ticket = HeaderValue::from_str(value).ok().filter(|_| !value.is_empty());
                }
                _ => drop(answer.append(header::SET_COOKIE, cookie)),
            }
        }
        ticket
    }

    /// The session tokens that the request may mean; the caller takes the first valid one. A bearer token comes first.
    /// One that is not ours hides no cookie: a proxy may have added it.
    pub(crate) fn session_tokens(&self, request: &Cookies<'_>) -> Vec<String> {
        self.bearer_token(request).into_iter().chain(self.cookie_tokens(request)).collect()
    }

    /// The token in `Authorization`, ours or not.
    pub(crate) fn bearer_token(&self, request: &Cookies<'_>) -> Option<String> {
        percent_decode_str(request.bearer?).decode_utf8().ok().map(Cow::into_owned)
    }

    /// The session tokens in the cookies of the request.
    pub(crate) fn cookie_tokens(&self, request: &Cookies<'_>) -> Vec<String> {
        if let Some(token) = request.get(&self.session) {
            return vec![token];
        }
        let chunks: String =
            (0..MAX_CHUNKS).map_while(|index| request.get(&self.chunk_name(index))).collect();
        if chunks.is_empty() { Vec::new() } else { vec![chunks] }
    }

    /// Whether the request has a session cookie, valid or not.
    pub(crate) fn has_session_cookie(&self, request: &Cookies<'_>) -> bool {
        self.session_cookies(request).next().is_some()
    }

    /// Removes the session cookies from a request's headers, as the browser does when it gets the answer that clears them.
    pub(crate) fn strip_session(&self, headers: &mut HeaderMap) {
        let kept = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        let kept = kept.flat_map(|cookies| cookies.split(';')).map(str::trim);
        let is_other =
            |pair: &&str| pair.split_once('=').is_none_or(|(name, _)| !self.is_session(name.trim()));
        let kept = kept.filter(is_other).collect::<Vec<_>>().join("; ");
        headers.remove(header::COOKIE);
        if let Some(kept) = HeaderValue::from_str(&kept).ok().filter(|kept| !kept.is_empty()) {
            headers.insert(header::COOKIE, kept);
        }
    }

    fn session_cookies<'a>(&'a self, request: &'a Cookies<'_>) -> impl Iterator<Item = String> + 'a {
        std::iter::once(self.session.clone())
            .chain((0..10).map(|index| self.chunk_name(index)))
            .filter(|name| request.contains(name))
    }

    /// Whether a name is that of the session cookie or of one of its chunks, as far as any are looked for.
    fn is_session(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&self.session).map(str::as_bytes);
        matches!(rest, Some([] | [b'.', b'0'..=b'9']))
    }

    fn chunk_name(&self, index: usize) -> String {
        format!("{}.{index}", self.session)
    }
}

/// The cookies of a request: parsed only as far as they are asked for. And the session token that a program sends as
/// `Authorization: Bearer` (RFC 6750 section 2.1): if it is valid, the session cookie is not looked at.
pub struct Cookies<'h> {
    headers: Vec<&'h str>,
    bearer: Option<&'h str>,
}

impl<'h> Cookies<'h> {
    /// From request headers. A header that is not text is left out.
    #[must_use]
    pub fn of(headers: &'h HeaderMap) -> Self {
        Self {
            headers: headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).collect(),
            bearer: bearer(headers),
        }
    }

    /// Whether there is a bearer token, ours or not.
    #[must_use]
    pub fn has_bearer(&self) -> bool {
        self.bearer.is_some()
    }

    /// The decoded value of the first cookie with exactly that name; an empty one is no cookie.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let (name, value) = self.pairs().find(|(candidate, _)| *candidate == name)?;
        let cookie = Cookie::parse_encoded(format!("{name}={value}")).ok()?;
        (!cookie.value().is_empty()).then(|| cookie.value().to_owned())
    }

    /// Whether a cookie with exactly that name is there, even an empty one.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.pairs().any(|(candidate, _)| candidate == name)
    }

    /// Of cookies that have a name of their own for each attempt, those that must go before one more is set, so that there
    /// are `most`: the ones that end first.
    pub(crate) fn excess(&self, prefix: &str, most: usize, end: impl Fn(&str) -> i64) -> Vec<String> {
        let mut names: Vec<_> = self.pairs().map(|(name, _)| name).collect();
        names.retain(|name| name.starts_with(prefix));
        if names.len() < most {
            return Vec::new();
        }
        names.sort_by_cached_key(|name| end(name));
        let excess = names.len() + 1 - most;
        names.into_iter().take(excess).map(str::to_owned).collect()
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim()))
    }
}

/// The token that a program sends in place of cookies. A valid one needs no CSRF token: no page of another site can make a
/// browser send it. See [`Auth::has_bearer_session`](crate::Auth::has_bearer_session): a proxy may add any other.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}

fn header_value(text: &str) -> HeaderValue {
    // Names are constants and values are percent-encoded, so this is always text without line breaks.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    fn texts(headers: &[HeaderValue]) -> Vec<&str> {
        headers.iter().map(|header| header.to_str().unwrap()).collect()
    }

    #[test]
    fn ck_01_ck_02_attributes() {
        let secure = CookieNames::new(true, &SessionCookiePolicy::default());
        assert_eq!(
            secure.set(&secure.csrf, "a|b", None).to_str().unwrap(),
            "__Host-authjs.csrf-token=a%7Cb; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        let plain = CookieNames::new(false, &SessionCookiePolicy::default());
        let lifetime = Some((Duration::from_secs(60), Timestamp::from_millis(0)));
        assert_eq!(
            plain.set(&plain.session, "t", lifetime).to_str().unwrap(),
            "authjs.session-token=t; HttpOnly; SameSite=Lax; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:01:00 GMT"
        );
    }

    #[test]
    fn the_policy_is_for_the_session_cookie_alone() {
        let policy = SessionCookiePolicy {
            name: "next-auth.session-token".to_owned(),
            domain: Some("example.com".to_owned()),
            same_site: SameSite::Strict,
            host_prefix: false,
        };
        let names = CookieNames::new(true, &policy);
        let attributes = "HttpOnly; SameSite=Strict; Secure; Path=/; Domain=example.com";
        for name in ["__Secure-next-auth.session-token", "__Secure-next-auth.session-token.1"] {
            assert_eq!(names.set(name, "t", None).to_str().unwrap(), format!("{name}=t; {attributes}"));
            assert!(names.clear(name).to_str().unwrap().contains("Domain=example.com"), "CK-14");
        }
        for name in [&names.csrf, &names.callback_url, &names.verify_request, &names.transaction] {
            let cookie = names.set(name, "t", None);
            assert!(
                cookie.to_str().unwrap().ends_with("HttpOnly; SameSite=Lax; Secure; Path=/"),
                "{cookie:?}"
            );
        }
        let host = CookieNames::new(true, &SessionCookiePolicy { host_prefix: true, ..Default::default() });
        assert_eq!(host.session, "__Host-authjs.session-token");
    }

    #[test]
    fn ck_04_the_first_of_two_counts() {
        assert_eq!(Cookies::of(&request("s=good; s=bad")).get("s").unwrap(), "good");
        assert_eq!(Cookies::of(&request("s=; s=bad")).get("s"), None);
    }

    #[test]
    fn ck_05_ck_09_neighbours_are_not_read() {
        let names = CookieNames::new(true, &SessionCookiePolicy::default());
        for name in [
            "__secure-authjs.session-token",
            "authjs.session-token",
            "__Secure-authjs.session-token-other",
            "__Secure-authjs.session-token.00",
            "__Secure-authjs.session-token.x",
            "__Secure-authjs.session-token.1",
        ] {
            let headers = request(&format!("{name}=zzz"));
            assert_eq!(names.session_tokens(&Cookies::of(&headers)), [""; 0], "{name}");
        }
    }

    #[test]
    fn ck_06_ck_08_chunks_are_written_read_and_removed_by_exact_names() {
        let names = CookieNames::new(false, &SessionCookiePolicy::default());
        let token = "a".repeat(CHUNK_LENGTH * 2 + 1);
        let empty = HeaderMap::new();
        let set = names.set_session(&token, None, &Cookies::of(&empty));
        assert_eq!(set.len(), 3);
        assert!(texts(&set).iter().all(|cookie| cookie.len() <= 4096));

        let sent =
            texts(&set).iter().map(|cookie| cookie.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
        let headers = request(&sent);
        let cookies = Cookies::of(&headers);
        assert_eq!(names.session_tokens(&cookies), [token]);

        let smaller = names.set_session("short", None, &cookies);
        let cleared: Vec<_> =
            texts(&smaller).into_iter().filter(|cookie| cookie.contains("Max-Age=0")).collect();
        assert_eq!(cleared.len(), 3, "{smaller:?}");
        assert_eq!(names.clear_session(&cookies).len(), 3);
    }

    #[test]
    fn ck_10_ck_12_odd_cookie_headers_are_harmless() {
        for cookie in ["", ";", "=", ";;;=;", "a", "s=%ff%00", "s=%", "\"s\"=1"] {
            let headers = request(cookie);
            assert!(Cookies::of(&headers).get("authjs.session-token").is_none());
        }
        let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(b"s=\xff").unwrap())]);
        assert!(Cookies::of(&headers).get("s").is_none());
    }
}
