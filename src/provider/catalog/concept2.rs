//! Concept2: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Concept2.
pub const CONCEPT2: Service = Service {
    name: "Concept2",
    color: "#0a3c5f",
    docs: "https://log.concept2.com/developers/documentation/",
    console: "https://log.concept2.com/developers/keys",
    scopes: &["user:read"],
    profile: ProfileMap {
        id: "data.id",
        name: "data.first_name + data.last_name | data.username",
        email: "data.email",
        image: "data.profile_image",
        ..ProfileMap::ID
    },
    ..Service::oauth2(
        "concept2",
        "https://log.concept2.com/oauth/authorize",
        "https://log.concept2.com/oauth/access_token",
        "https://log.concept2.com/api/users/me",
    )
};
