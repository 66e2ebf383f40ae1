//! Dribbble: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Dribbble.
pub const DRIBBBLE: Service = Service {
    name: "Dribbble",
    color: "#ea4c89",
    docs: "https://developer.dribbble.com/v2/oauth/",
    console: "https://dribbble.com/account/applications",
    has_mark: true,
    scopes: &["public"],
    profile: ProfileMap { name: "name | login", email: "email", image: "avatar_url", ..ProfileMap::ID },
    note: "Dribbble tells no e-mail address.",
    ..Service::oauth2(
        "dribbble",
        "https://dribbble.com/oauth/authorize",
        "https://dribbble.com/oauth/token",
        "https://api.dribbble.com/v2/user",
    )
};
