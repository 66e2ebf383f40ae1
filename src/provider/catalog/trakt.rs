//! Trakt: OAuth 2.

use crate::provider::{ProfileMap, Quirks, Service};

/// Trakt.
pub const TRAKT: Service = Service {
    name: "Trakt",
    color: "#9f42c6",
    docs: "https://trakt.docs.apiary.io/#reference/authentication-oauth",
    console: "https://trakt.tv/oauth/applications",
    has_mark: true,
    profile: ProfileMap {
        id: "ids.slug",
        name: "name | username",
        image: "images.avatar.full",
        ..ProfileMap::ID
    },
    quirks: Quirks {
        userinfo_headers: &[("trakt-api-version", "2"), ("trakt-api-key", "{client_id}")],
        ..Quirks::NONE
    },
    note: "Trakt tells no e-mail address.",
    ..Service::oauth2(
        "trakt",
        "https://trakt.tv/oauth/authorize",
        "https://api.trakt.tv/oauth/token",
        "https://api.trakt.tv/users/me?extended=full",
    )
};
