//! X: OAuth 2, or OAuth 1.0a with `AUTH_TWITTER_VERSION=1.0a`.

use crate::provider::{ProfileMap, Service, Setting, catalog::TWITTER_1_0A};

/// X.
pub const TWITTER: Service = Service {
    name: "X",
    color: "#000000",
    docs: "https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code",
    console: "https://developer.x.com/en/portal/dashboard",
    has_mark: true,
    settings: &[Setting::version()],
    oauth1: Some(&TWITTER_1_0A),
    scopes: &["users.read", "users.email", "tweet.read", "offline.access"],
    profile: ProfileMap {
        id: "data.id",
        name: "data.name | data.username",
        email: "data.confirmed_email",
        image: "data.profile_image_url",
        ..ProfileMap::ID
    },
    note: "Turn on “Request email from users” in the application's settings at X: without it there is no e-mail address.",
    ..Service::oauth2(
        "twitter",
        "https://x.com/i/oauth2/authorize",
        "https://api.x.com/2/oauth2/token",
        "https://api.x.com/2/users/me?user.fields=profile_image_url,confirmed_email",
    )
};
