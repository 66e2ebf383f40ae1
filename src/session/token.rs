//! The claims of a stateless session's token: those of Auth.js v5, two of OpenID Connect (`sid`, `auth_time`), and those
//! that the `jwt` callback adds.
//!
//! Deserialized by hand, because `#[serde(flatten)]` copies every value twice, and this runs on every request.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, IntoDeserializer, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::Value;

use crate::{clock::Timestamp, jwt::NumericDate, types::Claims};

/// What a token says. Times are seconds since 1970 (RFC 7519 section 2).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Token {
    /// Id of the user.
    pub sub: String,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// URL of a picture.
    pub picture: Option<String>,
    /// When this token was made.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// It is not good before.
    pub nbf: Option<i64>,
    /// Its own name; new each time.
    pub jti: Option<String>,
    /// The session's name: stays the same when the token is renewed. A token of Auth.js has none.
    pub sid: Option<String>,
    /// Id of the provider that the user came by.
    pub provider: Option<String>,
    /// When the user signed in, to the millisecond. A token of Auth.js has none.
    pub auth_time: Option<f64>,
    /// How long the session lives after a renewal, in seconds, where that differs from `AUTH_SESSION_MAX_AGE`.
    pub max_age: Option<u64>,
    /// `false` when the cookie ends with the browser.
    pub remembered: bool,
    /// Everything else: yours.
    pub claims: Claims,
}

impl Token {
    /// The name to end its session by. A token of Auth.js has only a name of its own, which dies with its renewal.
    pub(super) fn session_id(&self) -> Option<&str> {
        self.sid.as_deref().or(self.jti.as_deref())
    }

    /// When the user signed in; of a token of Auth.js, when it was made.
    pub(super) fn signed_in(&self) -> Timestamp {
        match self.auth_time {
            // `as` saturates, so no number is too large.
            Some(seconds) => Timestamp::from_millis((seconds * 1000.0).round() as i64),
            None => Timestamp::from_seconds(self.iat),
        }
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        // Auth.js always writes these three, also as null.
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("email", &self.email)?;
        map.serialize_entry("picture", &self.picture)?;
        map.serialize_entry("sub", &self.sub)?;
        map.serialize_entry("iat", &self.iat)?;
        map.serialize_entry("exp", &self.exp)?;
        let mut optional = |name: &str, value: Option<Value>| match value {
            Some(value) => map.serialize_entry(name, &value),
            None => Ok(()),
        };
        optional("nbf", self.nbf.map(Value::from))?;
        optional("jti", self.jti.as_deref().map(Value::from))?;
        optional("sid", self.sid.as_deref().map(Value::from))?;
        optional("provider", self.provider.as_deref().map(Value::from))?;
        optional("auth_time", self.auth_time.map(Value::from))?;
        optional("max_age", self.max_age.map(Value::from))?;
        optional("remembered", (!self.remembered).then_some(Value::Bool(false)))?;
        for (name, value) in self.claims.iter().filter(|(name, _)| !is_own(name)) {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The names of the fields, and everything else.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Claim {
    Name,
    Email,
    Picture,
    Sub,
    Iat,
    Exp,
    Nbf,
    Jti,
    Sid,
    Provider,
    AuthTime,
    MaxAge,
    Remembered,
    Other(String),
}

/// Whether a claim is a field of [`Token`]: the `jwt` callback sets those as fields.
fn is_own(name: &str) -> bool {
    let name: Result<Claim, serde::de::value::Error> = Claim::deserialize(name.into_deserializer());
    !matches!(name, Ok(Claim::Other(_)))
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TokenVisitor)
    }
}

struct TokenVisitor;

impl<'de> Visitor<'de> for TokenVisitor {
    type Value = Token;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the claims of a session")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Token, A::Error> {
        let mut token = Token { remembered: true, ..Token::default() };
        let (mut iat, mut exp) = (None, None);
        while let Some(name) = map.next_key()? {
            match name {
                Claim::Name => token.name = map.next_value()?,
                Claim::Email => token.email = map.next_value()?,
                Claim::Picture => token.picture = map.next_value()?,
                Claim::Sub => token.sub = map.next_value()?,
                // Other software that shares the session may write fractions.
                Claim::Iat => iat = Some(map.next_value::<NumericDate>()?.0),
                Claim::Exp => exp = Some(map.next_value::<NumericDate>()?.0),
                Claim::Nbf => {
                    token.nbf = map.next_value::<Option<NumericDate>>()?.map(|NumericDate(seconds)| seconds);
                }
                Claim::Jti => token.jti = map.next_value()?,
                Claim::Sid => token.sid = map.next_value()?,
                Claim::Provider => token.provider = map.next_value()?,
                Claim::AuthTime => token.auth_time = map.next_value()?,
                Claim::MaxAge => token.max_age = map.next_value()?,
                Claim::Remembered => token.remembered = map.next_value()?,
                Claim::Other(name) => drop(token.claims.insert(name, map.next_value()?)),
            }
        }
        token.iat = iat.ok_or_else(|| A::Error::missing_field("iat"))?;
        token.exp = exp.ok_or_else(|| A::Error::missing_field("exp"))?;
        // Nobody without a subject: a token that merely decrypts is not a user (GHSA-v64w-49xw-qq89).
        if token.sub.is_empty() { Err(A::Error::missing_field("sub")) } else { Ok(token) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let token = Token {
            sub: "u1".to_owned(),
            name: Some("Ada \"quoted\" \u{1F980}".to_owned()),
            iat: 1,
            exp: 2,
            sid: Some("s".to_owned()),
            auth_time: Some(1_795_242_994.123),
            max_age: Some(60),
            claims: Claims::from_iter([("role".to_owned(), json!(["admin"]))]),
            ..Token::default()
        };
        let text = serde_json::to_string(&token).unwrap();
        assert_eq!(serde_json::from_str::<Token>(&text).unwrap(), token);
        assert!(text.contains(r#""email":null"#) && text.contains("1795242994.123"), "{text}");
    }

    #[test]
    fn i_07_times_with_a_fraction_are_read() {
        let read = |times: &str| serde_json::from_str::<Token>(&format!(r#"{{"sub":"u1",{times}}}"#));
        for times in [
            r#""iat":1767225600,"exp":1767225660"#,
            r#""iat":1767225600.123,"exp":1767225660.5,"nbf":1767225600.9"#,
            r#""iat":1.7672256e9,"exp":1.76722566e9,"nbf":null"#,
        ] {
            let token = read(times).unwrap();
            assert_eq!((token.iat, token.exp), (1_767_225_600, 1_767_225_660), "{times}");
        }
        for exp in ["\"1767225660\"", "-1", "1e400", "true", "null", "1e15"] {
            assert!(read(&format!(r#""iat":1,"exp":{exp}"#)).is_err(), "{exp}");
        }
    }

    #[test]
    fn a_claim_of_the_callback_never_replaces_a_field() {
        let mut token = Token { sub: "u1".to_owned(), ..Token::default() };
        for name in ["sub", "exp", "sid", "remembered"] {
            token.claims.insert(name.to_owned(), json!("forged"));
        }
        let text = serde_json::to_string(&token).unwrap();
        assert!(!text.contains("forged"), "{text}");
    }
}
