//! X by its old API: OAuth 1.0a, as Auth.js v4 and older have it.

use crate::provider::{OAuth1Service, ProfileMap, Service};

/// X by OAuth 1.0a, under the id of [`super::TWITTER`]: the ids of people are the same.
pub const TWITTER_1_0A: Service = Service {
    docs: "https://docs.x.com/fundamentals/authentication/oauth-1-0a/obtaining-user-access-tokens",
    name: "X",
    color: "#000000",
    console: "https://developer.x.com/en/portal/dashboard",
    has_mark: true,
    profile: ProfileMap {
        id: "id_str",
        name: "name | screen_name",
        email: "email",
        image: "profile_image_url_https",
        ..ProfileMap::ID
    },
    note: "X tells the e-mail address if the app asks for it in its settings.",
    ..Service::oauth1(
        "twitter",
        OAuth1Service::new(
            "https://api.x.com/oauth/request_token",
            "https://api.x.com/oauth/authenticate",
            "https://api.x.com/oauth/access_token",
            "https://api.x.com/1.1/account/verify_credentials.json?include_email=true&skip_status=true",
        ),
    )
};
