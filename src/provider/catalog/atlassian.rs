//! Atlassian: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Atlassian.
pub const ATLASSIAN: Service = Service {
    name: "Atlassian",
    color: "#0052cc",
    docs: "https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/",
    console: "https://developer.atlassian.com/console/myapps/",
    has_mark: true,
    scopes: &["read:me"],
    authorization_params: &[("audience", "api.atlassian.com")],
    profile: ProfileMap {
        id: "account_id",
        name: "name",
        email: "email",
        email_verified: "email_verified",
        image: "picture",
    },
    trusts_email: true,
    note: "Add the User identity API to the application, and turn on sharing under Distribution: until then only you can sign in.",
    ..Service::oauth2(
        "atlassian",
        "https://auth.atlassian.com/authorize",
        "https://auth.atlassian.com/oauth/token",
        "https://api.atlassian.com/me",
    )
};
