//! The input and output of an action. Everything is parsed once into types; actions never see raw HTTP.

mod unique_json;

use std::{collections::BTreeMap, net::IpAddr};

use http::HeaderValue;
use leptos_auth_locales::Language;
use url::{Url, form_urlencoded};

use crate::{clock::Timestamp, cookie::Cookies, error::AuthError};
use unique_json::Unique;

/// The address of the client, as the host knows it; put into the request's extensions.
///
/// Only the connection's own address, or one that a proxy which the operator trusts has told.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// What the host calls the request in its log; put into the request's extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// One request to an action.
pub(crate) struct ActionRequest<'r> {
    pub(crate) cookies: Cookies<'r>,
    pub(crate) parameters: Parameters,
    pub(crate) client: Option<IpAddr>,
    pub(crate) user_agent: Option<&'r str>,
    /// What its sender reads: mails that it causes are written in it.
    pub(crate) language: &'static Language,
    /// See [`RequestId`].
    pub(crate) id: Option<&'r str>,
    pub(crate) now: Timestamp,
}

/// Where the browser goes next, and the cookies that it takes along.
#[derive(Debug)]
pub(crate) struct Redirect {
    pub(crate) to: Url,
    pub(crate) set_cookies: Vec<HeaderValue>,
}

/// An action said no. The cookies are set all the same: a used-up transaction has to go.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: AuthError,
    pub(crate) set_cookies: Vec<HeaderValue>,
    /// The page to show, where it is not the one that follows from the error.
    pub(crate) page: Option<&'static str>,
    /// What that page needs in its address besides.
    pub(crate) query: Vec<(&'static str, String)>,
    /// Whether the form was sent from a shared computer: the next try must not forget it.
    pub(crate) is_shared: bool,
    /// The target of the sign-in, so that the next attempt keeps it.
    pub(crate) callback_url: Option<String>,
}

impl Refused {
    pub(crate) fn with_cookies(error: AuthError, set_cookies: Vec<HeaderValue>) -> Self {
        Self { set_cookies, ..error.into() }
    }

    pub(crate) fn on_page(error: AuthError, page: &'static str) -> Self {
        Self { page: Some(page), ..error.into() }
    }
}

impl From<AuthError> for Refused {
    fn from(error: AuthError) -> Self {
        Self {
            error,
            set_cookies: Vec::new(),
            page: None,
            query: Vec::new(),
            is_shared: false,
            callback_url: None,
        }
    }
}

/// The fields of a form, a JSON object or a query. A name that comes twice makes the request invalid: two
/// readers could take two different values (IN-07).
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    fields: BTreeMap<String, String>,
    /// `data` of a session update: of any form, for the callbacks.
    data: Option<serde_json::Value>,
}

impl Parameters {
    /// A query or a form body.
    pub(crate) fn from_form(form: &[u8]) -> Result<Self, AuthError> {
        const MAX_FIELDS: usize = 64;
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(form) {
            if value.contains(['\0', char::REPLACEMENT_CHARACTER]) || fields.len() == MAX_FIELDS {
                return Err(AuthError::BadRequest("a field is not text, or there are too many"));
            }
            if fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(AuthError::BadRequest("a field comes twice"));
            }
        }
        Ok(Self { fields, data: None })
    }

    /// A JSON object; but for `data` only its texts count, so no operator or list can pass for a value (CR-12).
    pub(crate) fn from_json(json: &[u8]) -> Result<Self, AuthError> {
        let Ok(Unique(serde_json::Value::Object(object))) = serde_json::from_slice(json) else {
            return Err(AuthError::BadRequest("the body is not a JSON object, or a name comes twice"));
        };
        let (mut fields, mut data) = (BTreeMap::new(), None);
        for (name, value) in object {
            match value {
                value if name == "data" => data = Some(value),
                serde_json::Value::String(text) if !text.contains('\0') => drop(fields.insert(name, text)),
                // Flags such as `json: true`.
                serde_json::Value::Bool(flag) => drop(fields.insert(name, flag.to_string())),
                _ => return Err(AuthError::BadRequest("a field is not text")),
            }
        }
        Ok(Self { fields, data })
    }

    /// A field that is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All fields.
    pub(crate) fn into_fields(self) -> BTreeMap<String, String> {
        self.fields
    }

    /// What `update(data)` sent.
    pub(crate) fn data(&self) -> Option<&serde_json::Value> {
        self.data.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_07_fields_come_once() {
        assert_eq!(Parameters::from_form(b"a=1&b=%20").unwrap().get("a"), Some("1"));
        assert!(Parameters::from_form(b"state=a&state=b").is_err());
        assert!(Parameters::from_form(b"a=%00").is_err());
        assert!(Parameters::from_form(b"a=%ff").is_err());
        assert!(Parameters::from_form("a&".repeat(100).as_bytes()).is_err());
    }

    #[test]
    fn c5_names_come_once_in_json_too() {
        for json in [
            r#"{"email":"a@b.test","email":"c@d.test"}"#,
            r#"{"email":"a@b.test","\u0065mail":"a@b.test"}"#,
            r#"{"data":{"role":"a","role":"b"}}"#,
            r#"{"data":[{"deep":{"x":1,"x":1}}]}"#,
            r#"{"data":1,"data":1}"#,
        ] {
            assert!(Parameters::from_json(json.as_bytes()).is_err(), "{json}");
        }
        let data = r#"{"data":{"a":[1,-2,0.5,null,true,"x",{"a":{}}],"b":18446744073709551615}}"#;
        let parsed = Parameters::from_json(data.as_bytes()).unwrap();
        let expected: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(parsed.data(), Some(&expected["data"]), "control");
        assert!(Parameters::from_json("[".repeat(100_000).as_bytes()).is_err(), "the depth is limited");
    }

    #[test]
    fn cr_12_only_text_is_a_value() {
        assert_eq!(Parameters::from_json(br#"{"email":"a@b.test"}"#).unwrap().get("email"), Some("a@b.test"));
        for json in [r#"{"email":{"$ne":null}}"#, r#"{"email":["a"]}"#, r#"{"email":1}"#, "[]", "null", "x"] {
            assert!(Parameters::from_json(json.as_bytes()).is_err(), "{json}");
        }
    }
}
