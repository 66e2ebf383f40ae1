//! `pages` of Auth.js: which address shows what, where a page of your own stands in for one of the starter's.

use std::collections::BTreeMap;

use super::Reader;

/// Variable, the starter's page, and an example.
const VARIABLES: [(&str, &str, &str); 5] = [
    ("AUTH_PAGES_SIGN_IN", "/signin", "/login"),
    ("AUTH_PAGES_SIGN_OUT", "/signout", "/goodbye"),
    ("AUTH_PAGES_ERROR", "/error", "/oops"),
    ("AUTH_PAGES_VERIFY_REQUEST", "/verify-request", "/check-your-mail"),
    ("AUTH_PAGES_NEW_USER", "/welcome", "/onboarding"),
];

/// Pages that are elsewhere. Every redirect of the core goes there, and the server sends on whoever comes to the former
/// address, so links need no change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pages(BTreeMap<String, String>);

impl Pages {
    /// Moves a page of the starter, such as `/signup`, to a path of yours.
    ///
    /// # Errors
    /// One sentence if `to` is no plain path of this site.
    pub fn set(&mut self, page: &str, to: &str) -> Result<(), &'static str> {
        if !is_plain_path(to) {
            return Err("must be a path of this site, without a query");
        }
        if to != page {
            self.0.insert(page.to_owned(), to.to_owned());
        }
        Ok(())
    }

    /// Where that page of the starter is.
    #[must_use]
    pub fn path<'p>(&'p self, page: &'p str) -> &'p str {
        self.moved(page).unwrap_or(page)
    }

    /// The same, if it is elsewhere.
    #[must_use]
    pub fn moved(&self, page: &str) -> Option<&str> {
        self.0.get(page).map(String::as_str)
    }

    /// Whether all pages are where the starter has them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A host or a scheme in it would send people, with what the query says, to somewhere else.
fn is_plain_path(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(is_plain)
        && !path.starts_with("/api/")
}

impl Reader<'_> {
    pub(super) fn pages(&mut self) -> Pages {
        let mut pages = Pages::default();
        for (variable, page, example) in VARIABLES {
            let Some(to) = self.get(variable).map(str::to_owned) else { continue };
            if let Err(reason) = pages.set(page, &to) {
                self.wrong(variable, format!("{reason}. Example: {variable}={example}"));
            }
        }
        pages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_moved_within_this_site_only() {
        let mut pages = Pages::default();
        assert_eq!((pages.path("/signin"), pages.moved("/signin")), ("/signin", None));
        pages.set("/signin", "/login").unwrap();
        assert_eq!((pages.path("/signin"), pages.moved("/signin")), ("/login", Some("/login")));
        for elsewhere in
            ["", "login", "//evil.example", "https://evil.example", "/a?b", "/a\\b", "/a b", "/api/auth/x"]
        {
            assert!(pages.set("/error", elsewhere).is_err(), "{elsewhere}");
        }
        pages.set("/error", "/error").unwrap();
        assert_eq!(pages.moved("/error"), None, "a page is not sent on to itself");
    }
}
