//! The session as components and `GET /api/auth/session` see it.

use serde::{Deserialize, Serialize};

/// Who is signed in, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The signed-in user.
    pub user: SessionUser,
    /// End of the session if nothing renews it: RFC 3339 in UTC, for example `2026-12-21T08:00:00.000Z`.
    pub expires: String,
}

/// The part of a user that the browser may know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionUser {
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
}
