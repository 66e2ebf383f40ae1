//! Todoist: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Quirks, Service};

/// Todoist.
pub const TODOIST: Service = Service {
    name: "Todoist",
    color: "#e44332",
    docs: "https://developer.todoist.com/api/v1/#tag/Authorization/OAuth",
    console: "https://app.todoist.com/app/settings/integrations/app-management",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    scopes: &["data:read"],
    profile: ProfileMap { name: "full_name", email: "email", image: "avatar_big", ..ProfileMap::ID },
    quirks: Quirks { scope_separator: ",", ..Quirks::NONE },
    note: "Auth.js asks the older interface sync/v9, which Todoist has replaced.",
    ..Service::oauth2(
        "todoist",
        "https://todoist.com/oauth/authorize",
        "https://todoist.com/oauth/access_token",
        "https://api.todoist.com/api/v1/user",
    )
};
