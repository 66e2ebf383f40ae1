//! Pinterest: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Pinterest.
pub const PINTEREST: Service = Service {
    name: "Pinterest",
    color: "#bd081c",
    docs: "https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/",
    console: "https://developers.pinterest.com/apps/",
    has_mark: true,
    scopes: &["user_accounts:read"],
    profile: ProfileMap { name: "username", image: "profile_image", ..ProfileMap::ID },
    note: "Pinterest tells no e-mail address.",
    ..Service::oauth2(
        "pinterest",
        "https://www.pinterest.com/oauth",
        "https://api.pinterest.com/v5/oauth/token",
        "https://api.pinterest.com/v5/user_account",
    )
};
