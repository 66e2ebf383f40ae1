//! What a session of this app says about its user beyond id, name, email and image. This is the one place to edit:
//! a field that is added here is there in every component, server function and handler, as
//! `session.user.claims.role` is now.
//!
//! The server decides what goes in, on every read of the session. Two rules for fields:
//! - All of it is in the page and in `GET /api/auth/session`: nothing that the user may not know.
//! - A session from before the field existed has to be readable: use `Option`, or `#[serde(default)]`.
//!
//! Claims that do not fit this type, a role that is not listed for example, become `Claims::default()`, so the
//! default of a field has to be the least right.

use serde::{Deserialize, Serialize};

/// The claims of this app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// What the user may do here; `None` is no more than being signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// What a user may do here. In JSON: `admin`, `member`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// What members do.
    Member,
}

/// The session as this app knows it.
pub type Session = leptos_auth::types::Session<Claims>;

/// The user of a [`Session`].
pub type SessionUser = leptos_auth::types::SessionUser<Claims>;

#[cfg(test)]
mod tests {
    use leptos::serde_json::{from_str, to_string};

    use super::*;

    fn session(user: &str) -> Session {
        from_str(&format!(r#"{{"user":{user},"expires":"2030-01-01T00:00:00.000Z"}}"#)).unwrap()
    }

    #[test]
    fn a_role_stands_beside_the_name() {
        let admin = r#"{"id":"1","name":"Ada","role":"admin"}"#;
        assert_eq!(session(admin).user.claims.role, Some(Role::Admin));
        assert_eq!(to_string(&session(admin).user).unwrap(), admin);
    }

    #[test]
    fn what_is_not_a_role_gives_none() {
        for user in [r#"{"id":"1"}"#, r#"{"id":"1","role":"root"}"#, r#"{"id":"1","role":{"admin":true}}"#] {
            assert_eq!(session(user).user.claims.role, None, "{user}");
            assert_eq!(session(user).user.id, "1");
        }
    }
}
