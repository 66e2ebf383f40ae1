//! Box: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Box.
pub const BOX: Service = Service {
    name: "Box",
    color: "#0061d5",
    docs: "https://developer.box.com/guides/authentication/oauth2/",
    console: "https://app.box.com/developers/console",
    has_mark: true,
    profile: ProfileMap { name: "name", email: "login", image: "avatar_url", ..ProfileMap::ID },
    ..Service::oauth2(
        "box",
        "https://account.box.com/api/oauth2/authorize",
        "https://api.box.com/oauth2/token",
        "https://api.box.com/2.0/users/me",
    )
};
