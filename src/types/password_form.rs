//! What the pages about passwords need.

use serde::{Deserialize, Serialize};

/// The forms of whoever is not signed in: a new account, a forgotten password, a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordForm {
    /// Goes into the form.
    pub csrf_token: String,
    /// Where to go afterwards, checked.
    pub callback_url: String,
    /// Characters that a new password must have.
    pub min_length: usize,
}

/// The password of whoever is signed in. Instants are RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordOverview {
    /// Characters that a new password must have; `None`: this site has no passwords.
    pub min_length: Option<usize>,
    /// The address that goes with it, if that is proven.
    pub email: Option<String>,
    /// When it was set; `None`: there is none.
    pub changed: Option<String>,
    /// Whether the user proved a short while ago who they are.
    pub is_fresh: bool,
}
