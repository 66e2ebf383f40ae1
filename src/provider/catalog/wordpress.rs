//! WordPress.com: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// WordPress.com.
pub const WORDPRESS: Service = Service {
    name: "WordPress.com",
    color: "#21759b",
    docs: "https://developer.wordpress.com/docs/oauth2/",
    console: "https://developer.wordpress.com/apps/",
    has_mark: true,
    scopes: &["auth"],
    profile: ProfileMap {
        id: "ID",
        name: "display_name | username",
        email: "email",
        email_verified: "email_verified",
        image: "avatar_URL",
    },
    trusts_email: true,
    ..Service::oauth2(
        "wordpress",
        "https://public-api.wordpress.com/oauth2/authorize",
        "https://public-api.wordpress.com/oauth2/token",
        "https://public-api.wordpress.com/rest/v1/me",
    )
};
