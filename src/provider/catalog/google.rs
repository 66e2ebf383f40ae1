//! Google: OpenID Connect. <https://developers.google.com/identity/openid-connect/openid-connect>
//!
//! Register at <https://console.cloud.google.com/apis/credentials>.

use crate::{
    provider::{OAuthProvider, catalog::oidc},
    secret::Secret,
};

/// Google.
#[must_use]
pub fn google(client_id: String, client_secret: Secret) -> OAuthProvider {
    let provider = oidc("google", "Google", "https://accounts.google.com", client_id, client_secret);
    OAuthProvider { trusts_email: true, ..provider }
}
