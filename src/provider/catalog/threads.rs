//! Threads: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Service};

/// Threads.
pub const THREADS: Service = Service {
    name: "Threads",
    color: "#000000",
    docs: "https://developers.facebook.com/docs/threads/get-started/get-access-tokens-and-permissions",
    console: "https://developers.facebook.com/apps/",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    scopes: &["threads_basic"],
    pkce: false,
    profile: ProfileMap {
        id: "id",
        name: "name | username",
        image: "threads_profile_picture_url",
        ..ProfileMap::ID
    },
    note: "Threads tells no e-mail address.",
    ..Service::oauth2(
        "threads",
        "https://threads.net/oauth/authorize",
        "https://graph.threads.net/oauth/access_token",
        "https://graph.threads.net/v1.0/me?fields=id,username,name,threads_profile_picture_url",
    )
};
