//! Discogs: OAuth 1.0a.

use crate::provider::{OAuth1Service, ProfileMap, Service};

/// Discogs.
pub const DISCOGS: Service = Service {
    name: "Discogs",
    color: "#333333",
    docs: "https://www.discogs.com/developers#page:authentication,header:authentication-oauth-flow",
    console: "https://www.discogs.com/settings/developers",
    has_mark: true,
    profile: ProfileMap { name: "username", ..ProfileMap::ID },
    note: "Discogs tells no e-mail address.",
    ..Service::oauth1(
        "discogs",
        OAuth1Service {
            request_token_by_get: true,
            ..OAuth1Service::new(
                "https://api.discogs.com/oauth/request_token",
                "https://www.discogs.com/oauth/authorize",
                "https://api.discogs.com/oauth/access_token",
                "https://api.discogs.com/oauth/identity",
            )
        },
    )
};
