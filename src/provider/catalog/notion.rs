//! Notion: OAuth 2.

use crate::provider::{ProfileMap, Quirks, Service};

/// Notion.
pub const NOTION: Service = Service {
    name: "Notion",
    color: "#000000",
    docs: "https://developers.notion.com/docs/authorization",
    console: "https://www.notion.so/profile/integrations",
    has_mark: true,
    authorization_params: &[("owner", "user")],
    profile: ProfileMap {
        id: "bot.owner.user.id",
        name: "bot.owner.user.name",
        email: "bot.owner.user.person.email",
        image: "bot.owner.user.avatar_url",
        ..ProfileMap::ID
    },
    quirks: Quirks { userinfo_headers: &[("Notion-Version", "2022-06-28")], ..Quirks::NONE },
    note: "Make a public integration that may read user information including e-mail addresses.",
    ..Service::oauth2(
        "notion",
        "https://api.notion.com/v1/oauth/authorize",
        "https://api.notion.com/v1/oauth/token",
        "https://api.notion.com/v1/users/me",
    )
};
