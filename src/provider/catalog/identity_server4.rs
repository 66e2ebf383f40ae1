//! IdentityServer4: OpenID Connect.

use crate::provider::{Service, Setting};

/// IdentityServer4.
pub const IDENTITY_SERVER4: Service = Service {
    name: "IdentityServer4",
    color: "#1c4692",
    docs: "https://identityserver4.readthedocs.io",
    console: "https://github.com/IdentityServer/IdentityServer4",
    settings: &[Setting::issuer("https://identity.example.com")],
    note: "The product is out of support since December 2022.",
    ..Service::oidc("identity-server4", "{issuer}")
};
