//! Mastodon: OAuth 2.

use crate::provider::{ProfileMap, Service, Setting};

/// Mastodon.
pub const MASTODON: Service = Service {
    name: "Mastodon",
    color: "#6364ff",
    docs: "https://docs.joinmastodon.org/client/authorized/",
    console: "https://mastodon.social/settings/applications",
    has_mark: true,
    settings: &[Setting::issuer("https://mastodon.social")],
    scopes: &["read:accounts"],
    profile: ProfileMap { name: "display_name | username", image: "avatar_static", ..ProfileMap::ID },
    note: "One server of the network. Ids are those of that server: do not change the issuer once people have signed in.",
    ..Service::oauth2(
        "mastodon",
        "{base}/oauth/authorize",
        "{base}/oauth/token",
        "{base}/api/v1/accounts/verify_credentials",
    )
};
