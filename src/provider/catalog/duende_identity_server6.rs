//! Duende IdentityServer: OpenID Connect.

use crate::provider::{Service, Setting};

/// Duende IdentityServer.
pub const DUENDE_IDENTITY_SERVER6: Service = Service {
    name: "Duende IdentityServer",
    color: "#1c4692",
    docs: "https://docs.duendesoftware.com/identityserver/",
    console: "https://duendesoftware.com",
    settings: &[Setting::issuer("https://identity.example.com")],
    ..Service::oidc("duende-identity-server6", "{issuer}")
};
