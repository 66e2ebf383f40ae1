//! The members of a JSON object that a provider wrote: hostile, and often odd.
//!
//! Rule: what is needed must be there with the right type, or an error names it. What is not needed and cannot be used
//! counts as absent: `null`, another type, an empty text. Errors hold names and never values.

use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use crate::jwt::NumericDate;

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MemberError {
    /// It is not there, or `null`.
    #[error("the {0} lacks {1}")]
    Missing(&'static str, &'static str),
    /// Its value is of another type, or outside its range.
    #[error("{1} of the {0} has the wrong type")]
    WrongType(&'static str, &'static str),
    /// The whole is no JSON object.
    #[error("the {0} is no JSON object")]
    NoObject(&'static str),
}

/// The members of one object. `document` is what errors call it, for example "ID token".
#[derive(Clone, Copy)]
pub(super) struct Members<'m> {
    document: &'static str,
    members: &'m Map<String, Value>,
}

/// Reads a JSON object. A byte order mark in front of it is passed over (RFC 8259 section 8.1).
pub(super) fn object(document: &'static str, json: &[u8]) -> Result<Map<String, Value>, MemberError> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    serde_json::from_slice(json).map_err(|_| MemberError::NoObject(document))
}

impl<'m> Members<'m> {
    pub(super) const fn new(document: &'static str, members: &'m Map<String, Value>) -> Self {
        Self { document, members }
    }

    /// Whether it is there, `null` included.
    pub(super) fn contains(self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// A value that is there and not `null`.
    pub(super) fn value(self, name: &str) -> Option<&'m Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// What a needed member says, read by `read`.
    pub(super) fn required<T>(
        self,
        name: &'static str,
        read: impl FnOnce(&'m Value) -> Option<T>,
    ) -> Result<T, MemberError> {
        self.checked(name, read)?.ok_or(MemberError::Missing(self.document, name))
    }

    /// What a member says that may be absent but is checked when it is there.
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

    /// A text that is not needed: absent if it is empty or no text.
    pub(super) fn text(self, name: &str) -> Option<&'m str> {
        self.members.get(name).and_then(text).filter(|text| !text.is_empty())
    }

    /// A list of texts that is not needed: its other entries are left out, and a list without any text is absent.
    pub(super) fn texts(self, name: &str) -> Option<Vec<String>> {
        let list = self.members.get(name)?.as_array()?;
        let texts: Vec<_> = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        (!texts.is_empty()).then_some(texts)
    }

    /// A boolean that is not needed. The texts `"true"` and `"false"` are taken for what they say; all else is `false`.
    pub(super) fn flag(self, name: &str) -> bool {
        match self.members.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text == "true",
            _ => false,
        }
    }

    /// A URL that is not needed: absent if it is none that can be asked.
    pub(super) fn url(self, name: &str) -> Option<Url> {
        self.text(name).and_then(|url| Url::parse(url).ok())
    }
}

/// A text.
pub(super) fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

/// A time, in seconds (RFC 7519 section 2).
pub(super) fn time(value: &Value) -> Option<i64> {
    NumericDate::deserialize(value).ok().map(|NumericDate(seconds)| seconds)
}
