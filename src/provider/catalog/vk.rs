//! VK: OAuth 2.

use crate::provider::{AccessTokenIn, ClientAuthentication, ProfileMap, Quirks, Service};

/// VK.
pub const VK: Service = Service {
    name: "VK",
    color: "#0077ff",
    docs: "https://dev.vk.com/en/api/access-token/authcode-flow-user",
    console: "https://dev.vk.com/en/admin/apps-list",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    scopes: &["email"],
    authorization_params: &[("v", "5.131")],
    profile: ProfileMap {
        id: "response[0].id",
        name: "response[0].first_name + response[0].last_name",
        email: "token.email",
        image: "response[0].photo_100",
        ..ProfileMap::ID
    },
    quirks: Quirks {
        access_token: AccessTokenIn::Query("access_token"),
        token_members: &["email"],
        ..Quirks::NONE
    },
    note: "VK replaces this interface by VK ID (id.vk.com).",
    ..Service::oauth2(
        "vk",
        "https://oauth.vk.com/authorize",
        "https://oauth.vk.com/access_token?v=5.131",
        "https://api.vk.com/method/users.get?fields=photo_100&v=5.131",
    )
};
