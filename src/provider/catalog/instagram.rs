//! Instagram: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Service};

/// Instagram.
pub const INSTAGRAM: Service = Service {
    name: "Instagram",
    color: "#ff0069",
    docs: "https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login",
    console: "https://developers.facebook.com/apps/",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    scopes: &["instagram_business_basic"],
    profile: ProfileMap {
        id: "user_id",
        name: "name | username",
        image: "profile_picture_url",
        ..ProfileMap::ID
    },
    note: "The Basic Display API that Auth.js uses was shut in December 2024; this is Instagram Login, for professional accounts. It tells no e-mail address.",
    ..Service::oauth2(
        "instagram",
        "https://www.instagram.com/oauth/authorize",
        "https://api.instagram.com/oauth/access_token",
        "https://graph.instagram.com/me?fields=user_id,username,name,profile_picture_url",
    )
};
