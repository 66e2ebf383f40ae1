//! Reads the members of JSON objects from providers, which may be hostile or malformed.
//!
//! Rule: a required member must be present with the right type, otherwise an error names it. An optional member that cannot
//! be used counts as absent: `null`, another type, an empty string. Errors contain names and never values.
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::jwt::NumericDate;

/// Why a member cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MemberError {
    /// The member is absent or `null`.
    #[error("the {0} lacks {1}")]
    Missing(&'static str, &'static str),
    /// The value has another type, or is out of range.
    #[error("{1} of the {0} has the wrong type")]
    WrongType(&'static str, &'static str),
    /// The document is not a JSON object.
    #[error("the {0} is not a JSON object")]
    NoObject(&'static str),
}

/// The members of one object. `document` is its name in errors, for example "ID token".
#[derive(Clone, Copy)]
pub(super) struct Members<'m> {
    document: &'static str,
    members: &'m Map<String, Value>,
}

/// Parses a JSON object. A byte order mark before it is ignored (RFC 8259 section 8.1).
pub(super) fn object(document: &'static str, json: &[u8]) -> Result<Map<String, Value>, MemberError> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    serde_json::from_slice(json).map_err(|_| MemberError::NoObject(document))
}

impl<'m> Members<'m> {
    pub(super) const fn new(document: &'static str, members: &'m Map<String, Value>) -> Self {
        Self { document, members }
    }

    /// Returns whether the member is present, even if it is `null`.
    pub(super) fn contains(self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Returns the value of a member that is present and not `null`.
    pub(super) fn value(self, name: &str) -> Option<&'m Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// Returns a required member, read by `read`.
    pub(super) fn required<T>(
        self,
        name: &'static str,
        read: impl FnOnce(&'m Value) -> Option<T>,
    ) -> Result<T, MemberError> {
        self.checked(name, read)?.ok_or(MemberError::Missing(self.document, name))
    }

    /// Returns an optional member, which must be valid if it is present.
    pub(super) fn checked<T>(
        self,
        name: &'static str,
        read: impl FnOnce(&'m Value) -> Option<T>,
    ) -> Result<Option<T>, MemberError> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or(MemberError::WrongType(self.document, name)),
        }
    }

    /// Returns an optional string; `None` if it is empty or not a string.
    pub(super) fn text(self, name: &str) -> Option<&'m str> {
        self.members.get(name).and_then(text).filter(|text| !text.is_empty())
    }

    /// Returns an optional list of strings; other entries are dropped, and a list without strings counts as absent.
    pub(super) fn texts(self, name: &str) -> Option<Vec<String>> {
        let list = self.members.get(name)?.as_array()?;
        let texts: Vec<_> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        (!texts.is_empty()).then_some(texts)
    }

    /// Returns an optional boolean. The strings `"true"` and `"false"` count as booleans; everything else is `false`.
    pub(super) fn flag(self, name: &str) -> bool {
        match self.members.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }

    /// Returns an optional URL; `None` if requests to it are not allowed.
    pub(super) fn url(self, name: &str) -> Option<Url> {
        self.text(name).and_then(|url| Url::parse(url).ok())
    }
}

/// Reads a string.
pub(super) fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

/// Reads a time, in seconds (RFC 7519 section 2).
pub(super) fn time(value: &Value) -> Option<i64> {
    NumericDate::deserialize(value).ok().map(|NumericDate(seconds)| seconds)
}
