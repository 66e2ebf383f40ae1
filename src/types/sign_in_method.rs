//! What a page needs to draw the button of one way to sign in.

use serde::{Deserialize, Serialize};

use super::ProviderType;

/// One way to sign in, as a sign-in page draws it. `GET /api/auth/providers` says what clients may know, in the form of
/// Auth.js: see [`ProviderInfo`](super::ProviderInfo).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignInMethod {
    /// The word in URLs: a form POSTs to `/api/auth/signin/<id>`.
    pub id: String,
    /// What people read, for example `GitHub`.
    pub name: String,
    /// The kind.
    pub r#type: ProviderType,
    /// The path of its mark, for example `/marks/github.svg`: a picture with an element of the id `mark`. Where there is
    /// none, the first letter of the name stands for it.
    pub mark: Option<String>,
    /// The colour of its mark in CSS; without one the mark has the colour of the words beside it.
    pub color: Option<String>,
}
