//! Beyond Identity: OpenID Connect.

use crate::provider::{Service, Setting};

/// Beyond Identity.
pub const BEYONDIDENTITY: Service = Service {
    name: "Beyond Identity",
    color: "#5077c5",
    docs: "https://docs.beyondidentity.com",
    console: "https://console-us.beyondidentity.com",
    settings: &[Setting::issuer("https://auth-us.beyondidentity.com/v1/tenants/…/realms/…/applications/…")],
    ..Service::oidc("beyondidentity", "{issuer}")
};
