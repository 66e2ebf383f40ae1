//! Pipedrive: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Pipedrive.
pub const PIPEDRIVE: Service = Service {
    name: "Pipedrive",
    color: "#017737",
    docs: "https://pipedrive.readme.io/docs/marketplace-oauth-authorization",
    console: "https://app.pipedrive.com/developer-hub",
    profile: ProfileMap {
        id: "data.id",
        name: "data.name",
        email: "data.email",
        image: "data.icon_url",
        ..ProfileMap::ID
    },
    ..Service::oauth2(
        "pipedrive",
        "https://oauth.pipedrive.com/oauth/authorize",
        "https://oauth.pipedrive.com/oauth/token",
        "https://api.pipedrive.com/users/me",
    )
};
