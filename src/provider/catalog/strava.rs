//! Strava: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Service};

/// Strava.
pub const STRAVA: Service = Service {
    name: "Strava",
    color: "#fc4c02",
    docs: "https://developers.strava.com/docs/authentication/",
    console: "https://www.strava.com/settings/api",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    scopes: &["read"],
    authorization_params: &[("approval_prompt", "auto")],
    profile: ProfileMap { name: "firstname + lastname", image: "profile", ..ProfileMap::ID },
    note: "Strava tells no e-mail address. Until it has reviewed the application, only its owner may come in.",
    ..Service::oauth2(
        "strava",
        "https://www.strava.com/api/v3/oauth/authorize",
        "https://www.strava.com/api/v3/oauth/token",
        "https://www.strava.com/api/v3/athlete",
    )
};
