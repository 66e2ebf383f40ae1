//! Descope: OpenID Connect.

use crate::provider::{Service, Setting};

/// Descope.
pub const DESCOPE: Service = Service {
    name: "Descope",
    color: "#006af5",
    docs: "https://docs.descope.com/getting-started/oidc-endpoints",
    console: "https://app.descope.com/settings/project",
    settings: &[Setting::issuer_or("https://api.descope.com/{client_id}")],
    note: "The id is that of the project, and the secret an access key.",
    ..Service::oidc("descope", "{issuer}")
};
