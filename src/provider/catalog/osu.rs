//! osu!: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// osu!.
pub const OSU: Service = Service {
    name: "osu!",
    color: "#ff66aa",
    docs: "https://osu.ppy.sh/docs/#authentication",
    console: "https://osu.ppy.sh/home/account/edit#new-oauth-application",
    has_mark: true,
    scopes: &["identify"],
    profile: ProfileMap { name: "username", image: "avatar_url", ..ProfileMap::ID },
    note: "osu! tells no e-mail address.",
    ..Service::oauth2(
        "osu",
        "https://osu.ppy.sh/oauth/authorize",
        "https://osu.ppy.sh/oauth/token",
        "https://osu.ppy.sh/api/v2/me",
    )
};
