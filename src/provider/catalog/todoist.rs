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
    profile: ProfileMap {
        id: "id",
        name: "full_name",
        email: "email",
        email_verified: "verification_status = verified",
        image: "avatar_big",
    },
    trusts_email: true,
    quirks: Quirks { scope_separator: ",", ..Quirks::NONE },
    note: "Todoist has no smaller permission than to read everything, and says so to people.",
    ..Service::oauth2(
        "todoist",
        "https://todoist.com/oauth/authorize",
        "https://todoist.com/oauth/access_token",
        "https://api.todoist.com/api/v1/user",
    )
};
