//! HubSpot: OAuth 2.

use crate::provider::{AccessTokenIn, ClientAuthentication, ProfileMap, Quirks, Service};

/// HubSpot.
pub const HUBSPOT: Service = Service {
    name: "HubSpot",
    color: "#ff7a59",
    docs: "https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/guide",
    console: "https://app.hubspot.com/developer",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    scopes: &["oauth"],
    profile: ProfileMap { id: "user_id", name: "user", email: "user", ..ProfileMap::ID },
    quirks: Quirks { access_token: AccessTokenIn::Url, ..Quirks::NONE },
    note: "HubSpot tells the address of the person, but no name.",
    ..Service::oauth2(
        "hubspot",
        "https://app.hubspot.com/oauth/authorize",
        "https://api.hubapi.com/oauth/v1/token",
        "https://api.hubapi.com/oauth/v1/access-tokens/{access_token}",
    )
};
