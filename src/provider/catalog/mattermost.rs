//! Mattermost: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Service, Setting};

/// Mattermost.
pub const MATTERMOST: Service = Service {
    name: "Mattermost",
    color: "#0058cc",
    docs: "https://developers.mattermost.com/integrate/apps/authentication/oauth2/",
    console: "https://mattermost.com",
    has_mark: true,
    settings: &[Setting::issuer("https://mattermost.example.com")],
    client_authentication: ClientAuthentication::Post,
    profile: ProfileMap {
        name: "first_name + last_name | username",
        email: "email",
        email_verified: "email_verified",
        ..ProfileMap::ID
    },
    ..Service::oauth2(
        "mattermost",
        "{base}/oauth/authorize",
        "{base}/oauth/access_token",
        "{base}/api/v4/users/me",
    )
};
