//! Medium: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Medium.
pub const MEDIUM: Service = Service {
    name: "Medium",
    color: "#000000",
    docs: "https://github.com/Medium/medium-api-docs",
    console: "https://medium.com/me/settings/security",
    has_mark: true,
    scopes: &["basicProfile"],
    profile: ProfileMap {
        id: "data.id",
        name: "data.name | data.username",
        image: "data.imageUrl",
        ..ProfileMap::ID
    },
    note: "Medium takes no new applications; those that it has go on. It tells no e-mail address.",
    ..Service::oauth2(
        "medium",
        "https://medium.com/m/oauth/authorize",
        "https://api.medium.com/v1/tokens",
        "https://api.medium.com/v1/me",
    )
};
