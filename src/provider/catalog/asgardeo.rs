//! Asgardeo: OpenID Connect.

use crate::provider::{Service, Setting};

/// Asgardeo.
pub const ASGARDEO: Service = Service {
    name: "Asgardeo",
    color: "#ff7300",
    docs: "https://wso2.com/asgardeo/docs/guides/authentication/oidc/",
    console: "https://console.asgardeo.io",
    settings: &[Setting::issuer("https://api.asgardeo.io/t/your-org/oauth2/token")],
    ..Service::oidc("asgardeo", "{issuer}")
};
