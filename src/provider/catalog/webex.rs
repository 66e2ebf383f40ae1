//! Webex: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Webex.
pub const WEBEX: Service = Service {
    name: "Webex",
    color: "#000000",
    docs: "https://developer.webex.com/docs/login-with-webex",
    console: "https://developer.webex.com/my-apps",
    has_mark: true,
    scopes: &["spark:kms", "spark:people_read"],
    profile: ProfileMap { name: "displayName", email: "emails[0]", image: "avatar", ..ProfileMap::ID },
    ..Service::oauth2(
        "webex",
        "https://webexapis.com/v1/authorize",
        "https://webexapis.com/v1/access_token",
        "https://webexapis.com/v1/people/me",
    )
};
