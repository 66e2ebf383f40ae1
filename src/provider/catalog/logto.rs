//! Logto: OpenID Connect.

use crate::provider::{ProfileMap, Service, Setting};

/// Logto.
pub const LOGTO: Service = Service {
    name: "Logto",
    color: "#5d34f2",
    docs: "https://docs.logto.io/authorization",
    console: "https://cloud.logto.io",
    settings: &[Setting::issuer("https://your-tenant.logto.app/oidc")],
    scopes: &["openid", "offline_access", "profile", "email"],
    profile: ProfileMap { name: "name | username", ..ProfileMap::CLAIMS },
    ..Service::oidc("logto", "{issuer}")
};
