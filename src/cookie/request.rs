//! The cookies of a request.
//!
//! Rule: the header is bytes that other software wrote as well. It is split as bytes, and each pair is decoded alone, so
//! a pair that cannot be read never hides another one. Of several cookies with one name each is a candidate: the caller
//! says which is valid.

use std::borrow::Cow;

use http::{HeaderMap, header};
use percent_encoding::{percent_decode, percent_decode_str};

/// Cookies of one name that are looked at. Browsers send those with the longer path first, then the older ones, and an
/// application leaves one or two.
const MAX_CANDIDATES: usize = 16;
/// Paths of an address under which cookies are removed.
const MAX_PATHS: usize = 6;

/// The cookies of a request: parsed only as far as they are asked for. And the session token that a program sends as
/// `Authorization: Bearer` (RFC 6750 section 2.1): if it is valid, the session cookie is not looked at.
pub struct Cookies<'h> {
    headers: Vec<&'h [u8]>,
    bearer: Option<&'h str>,
    path: &'h str,
}

impl<'h> Cookies<'h> {
    /// From request headers.
    #[must_use]
    pub fn of(headers: &'h HeaderMap) -> Self {
        Self::at(headers, "/")
    }

    /// The same for a request to that path, under which other software may have set a cookie of the same name.
    #[must_use]
    pub fn at(headers: &'h HeaderMap, path: &'h str) -> Self {
        let all = headers.get_all(header::COOKIE).iter();
        Self { headers: all.map(|value| value.as_bytes()).collect(), bearer: bearer(headers), path }
    }

    /// Whether there is a bearer token, ours or not.
    #[must_use]
    pub fn has_bearer(&self) -> bool {
        self.bearer.is_some()
    }

    /// The bearer token, ours or not; `None` if it is not text.
    pub(super) fn bearer(&self) -> Option<String> {
        percent_decode_str(self.bearer?).decode_utf8().ok().map(Cow::into_owned)
    }

    /// The decoded values of the cookies with exactly that name, each once and at most 16. One that is empty or
    /// cannot be decoded is left out.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        let mut values = Vec::new();
        let decoded = self.named(name).filter_map(|value| percent_decode(value).decode_utf8().ok());
        for value in decoded.filter(|value| !value.is_empty()) {
            if values.len() == MAX_CANDIDATES {
                break;
            }
            if values.iter().all(|other| *other != value) {
                values.push(value.into_owned());
            }
        }
        values
    }

    /// What `read` makes of the first cookie with that name that it accepts.
    pub fn find<T>(&self, name: &str, read: impl FnMut(&str) -> Option<T>) -> Option<T> {
        self.values(name).iter().map(String::as_str).find_map(read)
    }

    /// Whether a cookie with exactly that name is there, even an empty one.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.count(name) > 0
    }

    /// How many cookies have exactly that name.
    pub(super) fn count(&self, name: &str) -> usize {
        self.named(name).count()
    }

    /// The paths that a cookie of this request can have: `/`, and each start of the request's path up to a slash, with and
    /// without it.
    pub(super) fn paths(&self) -> Vec<&'h str> {
        let path = self.path;
        let mut paths = vec!["/"];
        for (at, _) in path.match_indices('/').skip(1) {
            paths.extend([&path[..at], &path[..=at]]);
        }
        if path.len() > 1 && !path.ends_with('/') {
            paths.push(path);
        }
        paths.retain(|path| path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';'));
        paths.truncate(MAX_PATHS);
        paths
    }

    /// Of cookies that have a name of their own for each attempt, those that must go before one more is set, so that there
    /// are `most`: the ones that end first.
    pub(crate) fn excess(&self, prefix: &str, most: usize, end: impl Fn(&str) -> i64) -> Vec<String> {
        let names = self.pairs().filter_map(|(name, _)| std::str::from_utf8(name).ok());
        let mut names: Vec<_> = names.filter(|name| name.starts_with(prefix)).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < most {
            return Vec::new();
        }
        names.sort_by_cached_key(|name| end(name));
        let excess = names.len() + 1 - most;
        names.into_iter().take(excess).map(str::to_owned).collect()
    }

    fn named<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c [u8]> {
        self.pairs().filter(move |(candidate, _)| *candidate == name.as_bytes()).map(|(_, value)| value)
    }

    fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.headers.iter().flat_map(|header| header.split(|byte| *byte == b';')).filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            Some((pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()))
        })
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
