//! Kinde: OpenID Connect.

use crate::provider::{Service, Setting};

/// Kinde.
pub const KINDE: Service = Service {
    name: "Kinde",
    color: "#000000",
    docs: "https://docs.kinde.com/developer-tools/about/using-kinde-without-an-sdk/",
    console: "https://app.kinde.com",
    settings: &[Setting::issuer("https://your-subdomain.kinde.com")],
    ..Service::oidc("kinde", "{issuer}")
};
