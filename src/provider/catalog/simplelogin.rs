//! SimpleLogin: OpenID Connect.

use crate::provider::{ProfileMap, Service, Setting};

/// SimpleLogin.
pub const SIMPLELOGIN: Service = Service {
    name: "SimpleLogin",
    color: "#ea319f",
    docs: "https://simplelogin.io/docs/siwsl/app/",
    console: "https://app.simplelogin.io/developer",
    has_mark: true,
    settings: &[Setting::issuer_or("https://app.simplelogin.io")],
    profile: ProfileMap { image: "avatar_url | picture", ..ProfileMap::CLAIMS },
    trusts_email: true,
    ..Service::oidc("simplelogin", "{issuer}")
};
