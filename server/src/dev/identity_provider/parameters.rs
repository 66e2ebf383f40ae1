//! Parameters of a request: each at most once (RFC 6749 section 3.1), an empty one counts as absent.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// Names and values.
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// From a query or a form; `None` when a name comes twice.
    pub fn parse(form: &[u8]) -> Option<Self> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(form) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self(parameters))
    }

    /// A value that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
