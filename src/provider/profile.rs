//! The user as a provider describes them: untrusted until it has passed through here.
//!
//! Only the account id identifies a user. Name, address and picture are claims of the provider; invalid values are
//! dropped, so that an odd profile cannot stop a sign-in or fill a cookie.

use serde_json::Value;
use url::Url;

use super::expression;
use crate::{email::EmailAddress, text};

/// Who signed in at a provider.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The provider's own, stable id of the person.
    pub account_id: String,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<EmailAddress>,
    /// Whether the provider says that it has checked the address.
    pub email_verified: bool,
    /// URL of a picture.
    pub image: Option<String>,
    /// The whole answer, for the callbacks: hostile.
    pub raw: Value,
}

/// The answer does not say who the person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider's answer has no usable {0}")]
pub struct InvalidProfile(pub &'static str);

/// Where the parts of a [`Profile`] stand in a provider's answer: an expression for each, as [`ProfileMap::CLAIMS`]
/// has them. `a.b` is a member, `list[0]` an item, `a + b` both with a space between them, `a | b` the first that is
/// there, `https://…/{a}.png` a text around one.
#[derive(Clone, Copy, Debug)]
pub struct ProfileMap {
    /// The provider's own, stable id of the person: a text, or a whole number.
    pub id: &'static str,
    /// Display name.
    pub name: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// What is the boolean `true`, or as `verified = 1` says, when the provider has checked the address. Empty when it
    /// says nothing of that.
    pub email_verified: &'static str,
    /// URL of a picture.
    pub image: &'static str,
}

impl ProfileMap {
    /// The standard claims (OpenID Connect Core 1.0 section 5.1).
    pub const CLAIMS: Self = Self {
        id: "sub",
        name: "name | nickname | preferred_username",
        email: "email",
        // Only the boolean: "true" and 1 are what providers send that do not check (ID-20).
        email_verified: "email_verified",
        image: "picture",
    };

    /// Nothing but an id.
    pub const ID: Self = Self { id: "id", name: "", email: "", email_verified: "", image: "" };

    /// Reads the person from an answer.
    ///
    /// # Errors
    /// Without an account id of 1 to 255 printable characters.
    pub fn read(&self, answer: &Value) -> Result<Profile, InvalidProfile> {
        let member = |expression| expression::text(answer, expression);
        Ok(Profile {
            email_verified: !self.email_verified.is_empty()
                && expression::is_true(answer, self.email_verified),
            ..Profile::new(member(self.id), member(self.name), member(self.email), member(self.image))?
        })
    }
}

/// How a profile is read from the ID token's claims or the userinfo answer.
#[derive(Clone, Copy, Debug)]
pub enum ProfileReader {
    /// By expressions.
    Map(ProfileMap),
    /// By code of your own, which ends in [`Profile::new`].
    Own(fn(&Value) -> Result<Profile, InvalidProfile>),
}

impl ProfileReader {
    pub(crate) fn read(&self, answer: &Value) -> Result<Profile, InvalidProfile> {
        match self {
            Self::Map(map) => map.read(answer),
            Self::Own(read) => read(answer),
        }
    }
}

impl Profile {
    /// What the account is called at the provider, so that its owner can tell it from another: `octocat`, or an address.
    pub(crate) fn account_name(&self) -> Option<String> {
        let word = |name: &&str| self.raw[*name].as_str().and_then(text::short_name);
        let login = ["login", "preferred_username", "username"].iter().find_map(word);
        login.or_else(|| self.email.as_ref().map(ToString::to_string)).or_else(|| self.name.clone())
    }

    /// A profile from a provider's words; what does not look like a name, an address or a picture is dropped.
    ///
    /// # Errors
    /// Without an account id of 1 to 255 printable characters.
    pub fn new(
        account_id: Option<String>,
        name: Option<String>,
        email: Option<String>,
        image: Option<String>,
    ) -> Result<Self, InvalidProfile> {
        Ok(Self {
            account_id: account_id.filter(|id| is_account_id(id)).ok_or(InvalidProfile("account id"))?,
            name: name.as_deref().and_then(text::short_name),
            email: email.and_then(|email| EmailAddress::parse(&email).ok()),
            email_verified: false,
            image: image.as_deref().and_then(image_url),
            raw: Value::Null,
        })
    }
}

fn is_account_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 255 && !id.chars().any(char::is_control)
}

/// An https URL short enough for a cookie; a browser loads it, we never do.
fn image_url(image: &str) -> Option<String> {
    let url = Url::parse(image).ok()?;
    (url.scheme() == "https" && url.as_str().len() <= 1000).then(|| url.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_standard_claims_are_read() {
        let profile = ProfileMap::CLAIMS.read(&json!({
            "sub": "1", "name": "Ada", "email": "Ada@Example.com", "email_verified": true,
            "picture": "https://example.com/a.png"
        }));
        let profile = profile.unwrap();
        assert_eq!((profile.account_id.as_str(), profile.name.as_deref()), ("1", Some("Ada")));
        assert_eq!(profile.email.unwrap().key(), "ada@example.com");
        assert!(profile.email_verified);
        assert_eq!(profile.image.as_deref(), Some("https://example.com/a.png"));
    }

    #[test]
    fn id_11_without_a_real_sub_there_is_no_profile() {
        for sub in [
            json!(null),
            json!(""),
            json!(1.5),
            json!("a\u{0}"),
            json!("a".repeat(256)),
            json!(["1"]),
            json!({}),
        ] {
            assert!(ProfileMap::CLAIMS.read(&json!({ "sub": sub })).is_err(), "{sub}");
        }
    }

    #[test]
    fn id_20_only_true_is_true() {
        for verified in [json!("true"), json!(1), json!("false"), json!(null), json!([true])] {
            let claims = json!({ "sub": "1", "email": "a@b.test", "email_verified": verified });
            assert!(!ProfileMap::CLAIMS.read(&claims).unwrap().email_verified, "{verified}");
        }
    }

    #[test]
    fn em_14_jw_14_odd_values_are_dropped() {
        for email in [
            json!(["a@b.test"]),
            json!({"$ne": null}),
            json!("a@b.test\r\nBcc: x@y.test"),
            json!("a".repeat(100_000)),
        ] {
            let profile = ProfileMap::CLAIMS.read(&json!({ "sub": "1", "email": email })).unwrap();
            assert!(profile.email.is_none());
        }
        let profile = ProfileMap::CLAIMS.read(&json!({
            "sub": "1", "name": format!("{}\u{202e}", "n".repeat(200_000)), "picture": "javascript:alert(1)"
        }));
        let profile = profile.unwrap();
        assert_eq!(profile.name.unwrap().len(), 200);
        assert_eq!(profile.image, None);
    }
}
