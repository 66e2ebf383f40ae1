//! Wikimedia: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Wikimedia.
pub const WIKIMEDIA: Service = Service {
    name: "Wikimedia",
    color: "#006699",
    docs: "https://api.wikimedia.org/wiki/Authentication",
    console: "https://meta.wikimedia.org/wiki/Special:OAuthConsumerRegistration",
    has_mark: true,
    profile: ProfileMap {
        id: "sub",
        name: "username",
        email: "email",
        email_verified: "confirmed_email",
        ..ProfileMap::ID
    },
    trusts_email: true,
    note: "For an e-mail address register the application with access to real name and e-mail address.",
    ..Service::oauth2(
        "wikimedia",
        "https://meta.wikimedia.org/w/rest.php/oauth2/authorize",
        "https://meta.wikimedia.org/w/rest.php/oauth2/access_token",
        "https://meta.wikimedia.org/w/rest.php/oauth2/resource/profile",
    )
};
