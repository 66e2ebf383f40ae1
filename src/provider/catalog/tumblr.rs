//! Tumblr: OAuth 1.0a.

use crate::provider::{OAuth1Service, ProfileMap, Service};

/// Tumblr.
pub const TUMBLR: Service = Service {
    name: "Tumblr",
    color: "#001935",
    docs: "https://www.tumblr.com/docs/en/api/v2#auth",
    console: "https://www.tumblr.com/oauth/apps",
    has_mark: true,
    // A name can be changed and then taken by somebody else; the first blog of a person stays, and has an id.
    profile: ProfileMap {
        id: "response.user.blogs[primary].uuid",
        name: "response.user.name",
        image: "response.user.blogs[primary].avatar[0].url",
        ..ProfileMap::ID
    },
    note: "Tumblr tells no e-mail address.",
    ..Service::oauth1(
        "tumblr",
        OAuth1Service::new(
            "https://www.tumblr.com/oauth/request_token",
            "https://www.tumblr.com/oauth/authorize",
            "https://www.tumblr.com/oauth/access_token",
            "https://api.tumblr.com/v2/user/info",
        ),
    )
};
