//! Ping Identity: OpenID Connect.

use crate::provider::{Service, Setting};

/// Ping Identity.
pub const PING_ID: Service = Service {
    name: "Ping Identity",
    color: "#b3282d",
    docs: "https://docs.pingidentity.com/pingone/applications/p1_c_applications.html",
    console: "https://console.pingone.com",
    settings: &[Setting::issuer("https://auth.pingone.eu/your-environment-id/as")],
    ..Service::oidc("ping-id", "{issuer}")
};
