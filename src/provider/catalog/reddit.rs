//! Reddit: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Reddit.
pub const REDDIT: Service = Service {
    name: "Reddit",
    color: "#ff4500",
    docs: "https://github.com/reddit-archive/reddit/wiki/OAuth2",
    console: "https://www.reddit.com/prefs/apps/",
    has_mark: true,
    scopes: &["identity"],
    profile: ProfileMap { name: "name", image: "icon_img", ..ProfileMap::ID },
    note: "Reddit tells no e-mail address. For refresh tokens add the parameter duration=permanent in server/src/auth.rs.",
    ..Service::oauth2(
        "reddit",
        "https://www.reddit.com/api/v1/authorize",
        "https://www.reddit.com/api/v1/access_token",
        // By default Reddit writes HTML entities into URLs.
        "https://oauth.reddit.com/api/v1/me?raw_json=1",
    )
};
