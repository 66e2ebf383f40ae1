//! Google: OpenID Connect.

use crate::provider::{Service, Setting};

/// Google.
pub const GOOGLE: Service = Service {
    name: "Google",
    color: "#4285f4",
    docs: "https://developers.google.com/identity/openid-connect/openid-connect",
    console: "https://console.cloud.google.com/apis/credentials",
    has_mark: true,
    settings: &[Setting::issuer_or("https://accounts.google.com")],
    trusts_email: true,
    ..Service::oidc("google", "{issuer}")
};
