//! Bungie: OAuth 2.

use crate::provider::{ProfileMap, Quirks, Service, Setting};

/// Bungie.
pub const BUNGIE: Service = Service {
    name: "Bungie",
    color: "#0075bb",
    docs: "https://github.com/Bungie-net/api/wiki/OAuth-Documentation",
    console: "https://www.bungie.net/en/Application",
    has_mark: true,
    settings: &[Setting::word(
        "API_KEY",
        "the API key of the application",
        "0123456789abcdef0123456789abcdef",
    )],
    authorization_params: &[("reauth", "true")],
    profile: ProfileMap {
        id: "Response.bungieNetUser.membershipId",
        name: "Response.bungieNetUser.displayName",
        image: "https://www.bungie.net{+Response.bungieNetUser.profilePicturePath}",
        ..ProfileMap::ID
    },
    quirks: Quirks { userinfo_headers: &[("X-API-Key", "{api_key}")], ..Quirks::NONE },
    note: "Bungie tells no e-mail address, and takes one callback URL, which begins with https://.",
    ..Service::oauth2(
        "bungie",
        "https://www.bungie.net/en/OAuth/Authorize",
        "https://www.bungie.net/platform/app/oauth/token/",
        "https://www.bungie.net/platform/User/GetBungieAccount/{membership_id}/254/",
    )
};
