//! What `GET /api/auth/providers` says of one sign-in method.

use serde::{Deserialize, Serialize};

/// The kind of a provider, in the words of Auth.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderType {
    /// Plain OAuth 2.
    OAuth,
    /// OpenID Connect.
    Oidc,
    /// A link and a code by e-mail.
    Email,
    /// The `authorize` hook in `server/src/auth.rs`.
    Credentials,
    /// A passkey.
    WebAuthn,
}

/// One sign-in method, as clients see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderInfo {
    /// The word in URLs and environment names, for example `github`.
    pub id: String,
    /// What people read, for example `GitHub`.
    pub name: String,
    /// The kind.
    pub r#type: ProviderType,
    /// Absolute URL that starts a sign-in (POST).
    pub signin_url: String,
    /// Absolute URL that ends it: what to register at an OAuth provider.
    pub callback_url: String,
}
