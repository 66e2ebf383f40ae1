//! The session as components and `GET /api/auth/session` see it.
//!
//! An app adds what it wants to know about a user as claims, beside the fields that every session has. Rule: a
//! claim never stands in for one of those fields, and claims that cannot be understood give no rights.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, ser::Error};
use serde_json::{Map, Value};

/// Claims as the server keeps them, before an app gives them a type: see [`Session::typed`].
pub type Claims = Map<String, Value>;

/// Who is signed in, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(serialize = "C: Serialize", deserialize = "C: DeserializeOwned + Default"))]
pub struct Session<C = Claims> {
    /// The signed-in user.
    pub user: SessionUser<C>,
    /// End of the session if nothing renews it: RFC 3339 in UTC, for example `2026-12-21T08:00:00.000Z`.
    pub expires: String,
}

/// The part of a user that the browser may know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(serialize = "C: Serialize", deserialize = "C: DeserializeOwned + Default"))]
pub struct SessionUser<C = Claims> {
    /// The user's id in our own database; without one, an id derived from provider and account.
    pub id: String,
    /// Display name, as the provider or the user told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address, as the provider or the user told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// URL of a picture. The server never fetches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What the app adds. In JSON they stand beside the other fields: `{"id":"1","name":"Ada","role":"admin"}`.
    #[serde(flatten, serialize_with = "beside_own_fields", deserialize_with = "or_default")]
    pub claims: C,
}

impl Session {
    /// The same session with the claims as the app's own type. Claims that do not fit become `C::default()`, all
    /// of them: half-understood rights are worse than none.
    #[must_use]
    pub fn typed<C: DeserializeOwned + Default>(self) -> Session<C> {
        let SessionUser { id, name, email, image, claims } = self.user;
        let claims = C::deserialize(Value::Object(claims)).unwrap_or_default();
        Session { user: SessionUser { id, name, email, image, claims }, expires: self.expires }
    }
}

impl Session {
    /// Puts the app's own claims into the session, for the `session` callback; each field of a struct is one claim.
    ///
    /// # Errors
    /// When they are no JSON object.
    pub fn set_claims<C: Serialize>(&mut self, claims: &C) -> Result<(), serde_json::Error> {
        match serde_json::to_value(claims)? {
            Value::Object(claims) => {
                self.user.claims.extend(claims);
                Ok(())
            }
            _ => Err(serde_json::Error::custom("claims are the fields of a struct")),
        }
    }
}

/// A claim with the name of an own field would be a second key in the JSON, and most readers take the last one:
/// somebody who can choose a claim would choose who they are.
fn beside_own_fields<C: Serialize, S: Serializer>(claims: &C, serializer: S) -> Result<S::Ok, S::Error> {
    let mut claims = serde_json::to_value(claims).map_err(S::Error::custom)?;
    if let Value::Object(claims) = &mut claims {
        for own in ["id", "name", "email", "image"] {
            claims.remove(own);
        }
    }
    claims.serialize(serializer)
}

fn or_default<'de, C: Deserialize<'de> + Default, D: Deserializer<'de>>(claims: D) -> Result<C, D::Error> {
    Ok(C::deserialize(claims).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct AppClaims {
        role: Option<Role>,
        #[serde(default)]
        seats: u32,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Role {
        Admin,
    }

    fn session(claims: Value) -> Session {
        let Value::Object(claims) = claims else { panic!("no object") };
        let user =
            SessionUser { id: "1".to_owned(), name: Some("Ada".to_owned()), claims, ..Default::default() };
        Session { user, expires: "2030-01-01T00:00:00.000Z".to_owned() }
    }

    #[test]
    fn claims_stand_beside_the_other_fields() {
        let json = json!({
            "user": { "id": "1", "name": "Ada", "role": "admin", "seats": 3 },
            "expires": "2030-01-01T00:00:00.000Z",
        });
        let raw = session(json!({ "role": "admin", "seats": 3 }));
        assert_eq!(serde_json::to_value(&raw).unwrap(), json);
        assert_eq!(serde_json::from_value::<Session>(json.clone()).unwrap(), raw);
        let typed = raw.typed::<AppClaims>();
        assert_eq!(typed.user.claims, AppClaims { role: Some(Role::Admin), seats: 3 });
        assert_eq!(serde_json::to_value(&typed).unwrap(), json);
        assert_eq!(serde_json::from_value::<Session<AppClaims>>(json).unwrap(), typed);
    }

    /// The claims are printed as one text too, where a second key would not show in a parsed value.
    #[test]
    fn a_claim_never_stands_in_for_an_own_field() {
        let forged =
            json!({ "id": "2", "name": "Eve", "email": "e@example.com", "image": "x", "role": "admin" });
        let printed = serde_json::to_string(&session(forged)).unwrap();
        assert_eq!(
            printed,
            r#"{"user":{"id":"1","name":"Ada","role":"admin"},"expires":"2030-01-01T00:00:00.000Z"}"#
        );
    }

    #[test]
    fn a_typed_claim_never_stands_in_either() {
        #[derive(Default, Serialize, Deserialize)]
        struct Forged {
            id: String,
            role: String,
        }
        let forged = session(json!({ "id": "2", "role": "admin" })).typed::<Forged>();
        assert_eq!((forged.user.id.as_str(), forged.user.claims.id.as_str()), ("1", "2"));
        let printed = serde_json::to_value(&forged).unwrap();
        assert_eq!(printed["user"], json!({ "id": "1", "name": "Ada", "role": "admin" }));
    }

    #[test]
    fn claims_that_do_not_fit_give_no_rights() {
        for claims in
            [json!({ "role": "root", "seats": 9 }), json!({ "role": 1 }), json!({ "seats": "many" })]
        {
            let raw = session(claims);
            let read: Session<AppClaims> =
                serde_json::from_value(serde_json::to_value(&raw).unwrap()).unwrap();
            let typed = raw.typed::<AppClaims>();
            assert_eq!(typed.user.claims, AppClaims::default());
            assert_eq!((typed.user.id.as_str(), typed.user.name.as_deref()), ("1", Some("Ada")));
            assert_eq!(read, typed);
        }
    }

    /// A session of a server that knows no claims, and one of a newer server that knows more.
    #[test]
    fn claims_may_be_missing_or_unknown() {
        assert_eq!(session(json!({})).typed::<AppClaims>().user.claims, AppClaims::default());
        let more = session(json!({ "role": "admin", "team": ["a"] })).typed::<AppClaims>();
        assert_eq!(more.user.claims.role, Some(Role::Admin));
    }

    #[test]
    fn own_fields_are_not_optional() {
        for json in [r#"{"user":{"name":"Ada"},"expires":""}"#, r#"{"user":{"id":"1"}}"#, "{}"] {
            assert!(serde_json::from_str::<Session>(json).is_err(), "{json}");
        }
    }
}
