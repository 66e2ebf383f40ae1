//! TikTok: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Quirks, Service};

/// TikTok.
pub const TIKTOK: Service = Service {
    name: "TikTok",
    color: "#000000",
    docs: "https://developers.tiktok.com/doc/login-kit-web",
    console: "https://developers.tiktok.com/apps",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    scopes: &["user.info.basic"],
    profile: ProfileMap {
        id: "data.user.open_id",
        name: "data.user.display_name",
        image: "data.user.avatar_url",
        ..ProfileMap::ID
    },
    quirks: Quirks { scope_separator: ",", client_id: "client_key", ..Quirks::NONE },
    note: "TikTok tells no e-mail address, and takes neither http nor localhost.",
    ..Service::oauth2(
        "tiktok",
        "https://www.tiktok.com/v2/auth/authorize",
        "https://open.tiktokapis.com/v2/oauth/token/",
        "https://open.tiktokapis.com/v2/user/info/?fields=open_id,avatar_url,display_name",
    )
};
