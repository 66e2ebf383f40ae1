//! Roblox: OpenID Connect.

use crate::provider::{Service, Setting};

/// Roblox.
pub const ROBLOX: Service = Service {
    name: "Roblox",
    color: "#000000",
    docs: "https://create.roblox.com/docs/cloud/auth/oauth2-overview",
    console: "https://create.roblox.com/dashboard/credentials",
    has_mark: true,
    settings: &[Setting::issuer_or("https://apis.roblox.com/oauth/")],
    scopes: &["openid", "profile"],
    note: "Roblox tells no e-mail address.",
    ..Service::oidc("roblox", "{issuer}")
};
