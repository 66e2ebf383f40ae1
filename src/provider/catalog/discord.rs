//! Discord: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Discord.
pub const DISCORD: Service = Service {
    name: "Discord",
    color: "#5865f2",
    docs: "https://discord.com/developers/docs/topics/oauth2",
    console: "https://discord.com/developers/applications",
    has_mark: true,
    scopes: &["identify", "email"],
    profile: ProfileMap {
        name: "global_name | username",
        email: "email",
        email_verified: "verified",
        image: "https://cdn.discordapp.com/avatars/{id}/{avatar}.png",
        ..ProfileMap::ID
    },
    trusts_email: true,
    ..Service::oauth2(
        "discord",
        "https://discord.com/api/oauth2/authorize",
        "https://discord.com/api/oauth2/token",
        "https://discord.com/api/users/@me",
    )
};
