//! Threads: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Service};

/// Threads.
pub const THREADS: Service = Service {
    name: "Threads",
    color: "#000000",
    docs: "https://developers.facebook.com/documentation/threads/get-started/get-access-tokens-and-permissions",
    console: "https://developers.facebook.com/apps/",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    scopes: &["threads_basic"],
    profile: ProfileMap {
        id: "id",
        name: "name | username",
        image: "threads_profile_picture_url",
        ..ProfileMap::ID
    },
    note: "Threads tells no e-mail address, and takes https callback URLs only. Until Meta has approved the application, only its testers may come in.",
    ..Service::oauth2(
        "threads",
        "https://threads.com/oauth/authorize",
        "https://graph.threads.com/oauth/access_token",
        "https://graph.threads.com/v1.0/me?fields=id,username,name,threads_profile_picture_url",
    )
};
