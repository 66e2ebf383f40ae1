//! FACEIT: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// FACEIT.
pub const FACEIT: Service = Service {
    name: "FACEIT",
    color: "#ff5500",
    docs: "https://docs.faceit.com/getting-started/authentication/oauth2",
    console: "https://developers.faceit.com",
    has_mark: true,
    scopes: &["openid", "profile", "email"],
    authorization_params: &[("redirect_popup", "true")],
    profile: ProfileMap {
        id: "guid",
        name: "nickname | name",
        email: "email",
        email_verified: "email_verified",
        image: "picture",
    },
    ..Service::oauth2(
        "faceit",
        "https://accounts.faceit.com/accounts",
        "https://api.faceit.com/auth/v1/oauth/token",
        "https://api.faceit.com/auth/v1/resources/userinfo",
    )
};
