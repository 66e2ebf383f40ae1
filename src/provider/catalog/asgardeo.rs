//! Asgardeo: OpenID Connect.

use crate::provider::{ProfileMap, Service, Setting};

/// Asgardeo.
pub const ASGARDEO: Service = Service {
    name: "Asgardeo",
    color: "#ff7300",
    docs: "https://wso2.com/asgardeo/docs/guides/authentication/oidc/",
    console: "https://console.asgardeo.io",
    settings: &[Setting::issuer("https://api.asgardeo.io/t/your-org/oauth2/token")],
    profile: ProfileMap { name: "name | given_name + family_name | username", ..ProfileMap::CLAIMS },
    note: "Choose the name, the address and the picture under the user attributes of the application: none is told otherwise.",
    ..Service::oidc("asgardeo", "{issuer}")
};
