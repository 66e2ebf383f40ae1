//! Keycloak: OpenID Connect.

use crate::provider::{Service, Setting};

/// Keycloak.
pub const KEYCLOAK: Service = Service {
    name: "Keycloak",
    color: "#4d4d4d",
    docs: "https://www.keycloak.org/securing-apps/oidc-layers",
    console: "https://www.keycloak.org",
    has_mark: true,
    settings: &[Setting::issuer("https://keycloak.example.com/realms/your-realm")],
    ..Service::oidc("keycloak", "{issuer}")
};
