//! Basecamp: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Quirks, Service};

/// Basecamp.
pub const BASECAMP: Service = Service {
    name: "Basecamp",
    color: "#1d2d35",
    docs: "https://github.com/basecamp/api/blob/master/sections/authentication.md",
    console: "https://launchpad.37signals.com/integrations",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    authorization_params: &[("type", "web_server")],
    profile: ProfileMap {
        id: "identity.id",
        name: "identity.first_name + identity.last_name",
        email: "identity.email_address",
        ..ProfileMap::ID
    },
    quirks: Quirks { token_params: &[("type", "web_server")], ..Quirks::NONE },
    ..Service::oauth2(
        "basecamp",
        "https://launchpad.37signals.com/authorization/new",
        "https://launchpad.37signals.com/authorization/token",
        "https://launchpad.37signals.com/authorization.json",
    )
};
