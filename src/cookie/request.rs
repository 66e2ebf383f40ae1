//! The cookies of a request.
//!
//! Rule: the header contains bytes that other software wrote. It is split as bytes, and each pair is decoded on its own, so
//! a pair that cannot be read never hides another one. If several cookies have the same name, each is a candidate: the
//! caller decides which is valid.

use std::borrow::Cow;

use http::{HeaderMap, header};
use percent_encoding::{percent_decode, percent_decode_str};

/// The most cookies with one name that are read. Browsers send those with the longest path first, then the oldest, and an
/// application leaves only one or two.
const MAX_CANDIDATES: usize = 16;
/// The most paths under which a cookie is removed.
const MAX_PATHS: usize = 6;

/// The cookies of a request, parsed on demand, and the session token that a program sends as `Authorization: Bearer`
/// (RFC 6750 section 2.1). If that token is valid, the session cookie is ignored.
pub struct Cookies<'h> {
    headers: Vec<&'h [u8]>,
    bearer: Option<&'h str>,
    path: &'h str,
}

impl<'h> Cookies<'h> {
    /// Reads request headers.
    #[must_use]
    pub fn of(headers: &'h HeaderMap) -> Self {
        Self::at(headers, "/")
    }

    /// Reads the headers of a request to `path`, under which other software may have set a cookie of the same name.
    #[must_use]
    pub fn at(headers: &'h HeaderMap, path: &'h str) -> Self {
        let all = headers.get_all(header::COOKIE).iter();
        Self { headers: all.map(|value| value.as_bytes()).collect(), bearer: bearer(headers), path }
    }

    /// Returns whether there is a bearer token, valid or not.
    #[must_use]
    pub fn has_bearer(&self) -> bool {
        self.bearer.is_some()
    }

    /// Returns the bearer token, valid or not; `None` if it is not text.
    pub(super) fn bearer(&self) -> Option<String> {
        percent_decode_str(self.bearer?).decode_utf8().ok().map(Cow::into_owned)
    }

    /// Returns the decoded values of the cookies with exactly this name, without duplicates and at most 16. Empty values and
    /// those that cannot be decoded are left out.
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

    /// Returns the result of `read` for the first cookie with this name that it accepts.
    pub fn find<T>(&self, name: &str, read: impl FnMut(&str) -> Option<T>) -> Option<T> {
        self.values(name).iter().map(String::as_str).find_map(read)
    }

    /// Returns whether there is a cookie with exactly this name, even an empty one.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.count(name) > 0
    }

    /// Returns whether there are more cookies with this name than are read.
    pub(super) fn has_unread(&self, name: &str) -> bool {
        self.count(name) > MAX_CANDIDATES
    }

    /// Returns how many cookies have exactly this name.
    pub(super) fn count(&self, name: &str) -> usize {
        self.named(name).count()
    }

    /// Returns the paths that a cookie of this request can have: `/`, and each parent of the request's path, with and without
    /// a slash at the end.
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

    /// Returns the cookies to remove before one more is set, for cookies with a separate name for each attempt, so that at
    /// most `most` remain: those that expire first.
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

/// Returns the token that a program sends instead of cookies. A valid one needs no CSRF token: a page of another site
/// cannot make a browser send it. An invalid one may come from a proxy: see
/// [`Auth::has_bearer_session`](crate::Auth::has_bearer_session).
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty()).then_some(token)
}
