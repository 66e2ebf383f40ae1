//! United Effects: OpenID Connect.

use crate::provider::{Service, Setting};

/// United Effects.
pub const UNITED_EFFECTS: Service = Service {
    name: "United Effects",
    color: "#6b3fa0",
    docs: "https://docs.unitedeffects.com/integrations/nextauthjs",
    console: "https://core.unitedeffects.com",
    settings: &[Setting::issuer("https://auth.unitedeffects.com/your-group")],
    authorization_params: &[("resource", "{issuer}")],
    ..Service::oidc("united-effects", "{issuer}")
};
