//! ZITADEL: OpenID Connect.

use crate::provider::{Service, Setting};

/// ZITADEL.
pub const ZITADEL: Service = Service {
    name: "ZITADEL",
    color: "#2f3ec8",
    docs: "https://zitadel.com/docs/guides/integrate/login/oidc",
    console: "https://zitadel.cloud",
    settings: &[Setting::issuer("https://your-instance.zitadel.cloud")],
    ..Service::oidc("zitadel", "{issuer}")
};
