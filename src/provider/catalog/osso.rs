//! Osso: OAuth 2.

use crate::provider::{ProfileMap, Service, Setting};

/// Osso.
pub const OSSO: Service = Service {
    name: "Osso",
    color: "#106ba3",
    docs: "https://github.com/enterprise-oss/osso",
    console: "https://github.com/enterprise-oss/osso",
    settings: &[Setting::issuer("https://sso.example.com")],
    profile: ProfileMap { name: "name", email: "email", image: "picture", ..ProfileMap::ID },
    note: "The project seems to be abandoned; installations of it still work.",
    ..Service::oauth2("osso", "{base}/oauth/authorize", "{base}/oauth/token", "{base}/oauth/me")
};
