//! Any OpenID Connect provider, by its issuer: `AUTH_<NAME>_ISSUER`, `AUTH_<NAME>_ID`, `AUTH_<NAME>_SECRET`.

use crate::{
    provider::{ClientAuthentication, Endpoints, OAuthProvider, Profile},
    secret::Secret,
};

/// A provider that is described by its discovery document.
///
/// Its word on e-mail addresses is not trusted: set [`OAuthProvider::trusts_email`] for one that checks them.
#[must_use]
pub fn oidc(id: &str, name: &str, issuer: &str, client_id: String, client_secret: Secret) -> OAuthProvider {
    OAuthProvider {
        id: id.to_owned(),
        name: name.to_owned(),
        client_id,
        client_secret,
        client_authentication: ClientAuthentication::Basic,
        endpoints: Endpoints::Issuer(issuer.to_owned()),
        scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
        authorization_params: Vec::new(),
        federated_sign_out: false,
        trusts_email: false,
        profile: Profile::from_claims,
    }
}
