//! Cookies, with the names, prefixes, attributes and chunks of Auth.js, read by their exact names only.
//!
//! On https the session cookie is `__Secure-authjs.session-token`, the name that Auth.js reads too. All cookies that no
//! other software needs are `__Host-`. Every cookie is HttpOnly, SameSite=Lax, Path=/ and without Domain; settings can give
//! the session cookie another SameSite and a Domain.
//! A request may carry several cookies with the same name, left by an earlier configuration or another application. Each
//! is tried, and the valid one is used (`docs/decisions/0038-several-cookies-of-one-name.md`). A cookie with a similar
//! name is never read.

mod request;
#[cfg(test)]
mod tests;

use std::time::Duration;

use cookie::Cookie;
pub use cookie::SameSite;
use http::{HeaderMap, HeaderValue, header};
use url::{Host, Url};

use crate::clock::Timestamp;
pub use request::{Cookies, bearer};

/// What a browser surely stores in one cookie is 4096 bytes; Auth.js leaves 160 for name and attributes.
pub(crate) const CHUNK_LENGTH: usize = 4096 - 160;
/// More chunks than this are neither written nor read: together they would exceed what proxies accept.
const MAX_CHUNKS: usize = 5;
/// The most tokens that are assembled from the chunks of one request: each costs a decryption.
const MAX_COMBINATIONS: usize = 24;
/// The longest token that cookies carry.
pub(crate) const LONGEST_TOKEN: usize = MAX_CHUNKS * CHUNK_LENGTH;
/// The end of the session cookie's name. The part before it is the common prefix of all our cookies.
const SESSION_SUFFIX: &str = ".session-token";

/// Returns whether browsers store a cookie with this value.
pub(crate) fn fits(value: &str) -> bool {
    encoded_length(value) <= CHUNK_LENGTH
}

/// Returns the length in bytes of a value as it is stored in the cookie, percent-encoded.
fn encoded_length(value: &str) -> usize {
    Cookie::new("", value).encoded().stripped().to_string().len().saturating_sub("=".len())
}

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
    /// Domains that a session cookie of an earlier configuration may have: the host of `AUTH_URL` and its parent domains.
    domains: Vec<String>,
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
    /// Creates the names for the origin of `AUTH_URL`: with prefixes on https, without them for http on loopback.
    ///
    /// If the session cookie is named `shop.session-token`, the other cookies are named `shop.…` too, so that two applications
    /// on one host (`localhost` with two ports) share no cookie. Otherwise they are named `authjs.…`.
    #[must_use]
    pub fn new(base_url: &Url, policy: &SessionCookiePolicy) -> Self {
        let secure = base_url.scheme() == "https";
        let (prefix, host) = if secure { ("__Secure-", "__Host-") } else { ("", "") };
        let of_session = if policy.host_prefix { host } else { prefix };
        let family = policy.name.strip_suffix(SESSION_SUFFIX);
        let family = family.filter(|family| !family.is_empty() && *family != "next-auth").unwrap_or("authjs");
        Self {
            secure,
            domain: policy.domain.clone(),
            same_site: policy.same_site,
            domains: if policy.host_prefix { Vec::new() } else { domains_of(base_url) },
            session: format!("{of_session}{}", policy.name),
            csrf: format!("{host}{family}.csrf-token"),
            callback_url: format!("{prefix}{family}.callback-url"),
            transaction: format!("{host}{family}.transaction."),
            verify_request: format!("{host}{family}.verify-request"),
            second_step: format!("{host}{family}.second-step"),
            second_step_setup: format!("{host}{family}.second-step-setup"),
            remembered_device: format!("{host}{family}.remembered-device"),
            pending_link: format!("{host}{family}.pending-link"),
            challenge: format!("{host}{family}.challenge."),
            last_provider: format!("{host}{family}.last-provider"),
            familiar_browser: format!("{host}{family}.familiar-browser"),
            known_browser: format!("{host}{family}.known-browser"),
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
        Self::header(&cookie, lifetime)
    }

    fn header(cookie: &Cookie<'_>, lifetime: Option<(Duration, Timestamp)>) -> HeaderValue {
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

    /// Writes a session token, in chunks if it is long, and removes every other session cookie of the request: chunks of an
    /// older token, and cookies that an earlier configuration set with another `Domain`.
    ///
    /// The removals come first: if `Domain` is the host itself and a public suffix, a browser treats the cookie as one
    /// without a domain, and would remove the new cookie.
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
        let is_written = |name: &str| chunks.iter().any(|(chunk, _)| chunk == name);
        let mut headers: Vec<_> = self
            .session_cookies(request)
            .flat_map(|name| self.remove(&name, request, is_written(&name)))
            .collect();
        headers.extend(chunks.iter().map(|(name, value)| self.set(name, value, lifetime)));
        headers
    }

    /// Removes cookies of no session. If there are more than are read, the session may be in one of the others: a neighboring
    /// host that plants cookies must not sign users out for good.
    pub(crate) fn clear_unknown_session(&self, request: &Cookies<'_>) -> Vec<HeaderValue> {
        if self.session_cookies(request).any(|name| request.has_unread(&name)) {
            return Vec::new();
        }
        self.clear_session(request)
    }

    /// Removes the session cookies of the request with all their chunks, including those of earlier configurations.
    pub(crate) fn clear_session(&self, request: &Cookies<'_>) -> Vec<HeaderValue> {
        self.session_cookies(request).flat_map(|name| self.remove(&name, request, false)).collect()
    }

    /// Returns whether the request carries more session cookies than one token needs.
    pub(crate) fn has_several_sessions(&self, request: &Cookies<'_>) -> bool {
        let has_plain = request.contains(&self.session);
        let has_chunks = request.contains(&self.chunk_name(0));
        (has_plain && has_chunks) || self.session_cookies(request).any(|name| request.count(&name) > 1)
    }

    /// Removes a cookie wherever it may be: on this host, under each parent domain, and, if the request carries several,
    /// under the parent paths of the request. With `keeps_own` the place where [`CookieNames::set`] puts it is left out.
    fn remove(&self, name: &str, request: &Cookies<'_>, keeps_own: bool) -> Vec<HeaderValue> {
        let paths = if request.count(name) > 1 { request.paths() } else { vec!["/"] };
        let domains = || std::iter::once(None).chain(self.domains.iter().map(|domain| Some(domain.as_str())));
        let is_own = |domain: Option<&str>, path: &str| path == "/" && domain == self.domain.as_deref();
        let removal = |domain: Option<&str>, path: &str| {
            let cookie = Cookie::build((name, "")).path(path).http_only(true).secure(self.secure);
            let mut cookie = cookie.same_site(self.same_site).build();
            if let Some(domain) = domain {
                cookie.set_domain(domain);
            }
            Self::header(&cookie, Some((Duration::ZERO, Timestamp::from_millis(0))))
        };
        let places = paths.iter().flat_map(|path| domains().map(move |domain| (domain, *path)));
        let places = places.filter(|(domain, path)| !(keeps_own && is_own(*domain, path)));
        places.map(|(domain, path)| removal(domain, path)).collect()
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

    /// Returns the session tokens of the request as candidates; the caller uses the first valid one. A bearer token comes
    /// first. An invalid one does not hide the cookies, because a proxy may have added it.
    pub(crate) fn session_tokens(&self, request: &Cookies<'_>) -> Vec<String> {
        self.bearer_token(request).into_iter().chain(self.cookie_tokens(request)).collect()
    }

    /// Returns the token in `Authorization`, valid or not.
    pub(crate) fn bearer_token(&self, request: &Cookies<'_>) -> Option<String> {
        request.bearer()
    }

    /// Returns the session tokens in the cookies of the request, in their order.
    pub(crate) fn cookie_tokens(&self, request: &Cookies<'_>) -> Vec<String> {
        let mut tokens = request.values(&self.session);
        tokens.extend(self.chunked_tokens(request));
        tokens
    }

    /// Returns whether the request has a session cookie, valid or not.
    pub(crate) fn has_session_cookie(&self, request: &Cookies<'_>) -> bool {
        self.session_cookies(request).next().is_some()
    }

    /// Changes the session cookies of a request as the browser does when it gets these `Set-Cookie` headers.
    pub(crate) fn apply_to_request(&self, set_cookies: &[HeaderValue], headers: &mut HeaderMap) {
        let is_session = |pair: &[u8]| {
            let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
            std::str::from_utf8(name.trim_ascii()).is_ok_and(|name| self.is_session(name))
        };
        let sent = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
        let kept =
            sent.flat_map(|cookies| cookies.split(|byte| *byte == b';')).filter(|pair| !is_session(pair));
        let set =
            set_cookies.iter().filter_map(|cookie| cookie.as_bytes().split(|byte| *byte == b';').next());
        // A `Set-Cookie` header without a value removes the cookie.
        let set = set.filter(|pair| is_session(pair) && !pair.ends_with(b"="));
        let cookies = kept.chain(set).map(<[u8]>::trim_ascii).collect::<Vec<_>>().join(&b"; "[..]);
        headers.remove(header::COOKIE);
        if let Some(cookies) = HeaderValue::from_bytes(&cookies).ok().filter(|cookies| !cookies.is_empty()) {
            headers.insert(header::COOKIE, cookies);
        }
    }

    /// Returns the tokens that the chunks can form. Chunks of one token usually have the same position among those of their
    /// name, so these are tried first. Then every other combination follows, up to [`MAX_COMBINATIONS`], also without the
    /// last chunks, which an older, longer token may have left.
    fn chunked_tokens(&self, request: &Cookies<'_>) -> Vec<String> {
        let chunks = (0..MAX_CHUNKS).map(|index| request.values(&self.chunk_name(index)));
        let chunks: Vec<_> = chunks.take_while(|values| !values.is_empty()).collect();
        let most = chunks.iter().map(Vec::len).max().unwrap_or_default();
        let in_place = (0..most)
            .map(|at| chunks.iter().map_while(|values| values.get(at)).map(String::as_str).collect());
        let lengths = (1..=chunks.len()).rev();
        let mut tokens: Vec<String> = Vec::new();
        for token in in_place.chain(lengths.flat_map(|length| combinations(&chunks[..length]))) {
            if tokens.len() == MAX_COMBINATIONS {
                break;
            }
            if !tokens.contains(&token) {
                tokens.push(token);
            }
        }
        tokens
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

/// Returns every text that joins one value of each chunk, in order.
fn combinations(chunks: &[Vec<String>]) -> Vec<String> {
    chunks.iter().fold(vec![String::new()], |starts, values| {
        let longer =
            starts.iter().flat_map(|start| values.iter().map(move |value| format!("{start}{value}")));
        longer.take(MAX_COMBINATIONS).collect()
    })
}

/// Returns the domains that a cookie for this host can have: `app.example.com` and `example.com`. There are none for an IP
/// address or a name without a dot.
fn domains_of(base_url: &Url) -> Vec<String> {
    let Some(Host::Domain(host)) = base_url.host() else { return Vec::new() };
    let above = std::iter::successors(Some(host), |domain| Some(domain.split_once('.')?.1));
    above.filter(|domain| domain.contains('.')).map(str::to_owned).collect()
}

fn header_value(text: &str) -> HeaderValue {
    // Names are constants and values are percent-encoded, so this is always text without line breaks.
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}
