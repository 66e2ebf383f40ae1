//! Bitbucket: OAuth 2.

use crate::provider::{ProfileMap, Service, ServiceEndpoints};

/// Bitbucket.
pub const BITBUCKET: Service = Service {
    name: "Bitbucket",
    color: "#0052cc",
    docs: "https://support.atlassian.com/bitbucket-cloud/docs/use-oauth-on-bitbucket-cloud/",
    console: "https://bitbucket.org/account/settings/",
    has_mark: true,
    endpoints: ServiceEndpoints::OAuth2 {
        authorization: "https://bitbucket.org/site/oauth2/authorize",
        token: "https://bitbucket.org/site/oauth2/access_token",
        userinfo: "https://api.bitbucket.org/2.0/user",
        emails: Some("https://api.bitbucket.org/2.0/user/emails"),
        issuer: None,
    },
    scopes: &["account", "email"],
    profile: ProfileMap {
        id: "account_id",
        name: "display_name | username",
        email: "emails.values[is_primary].email",
        email_verified: "emails.values[is_primary].is_confirmed",
        image: "links.avatar.href",
    },
    trusts_email: true,
    note: "An OAuth consumer is made in the settings of a workspace. Give it the permissions Account: Read and Account: Email.",
    ..Service::oauth2("bitbucket", "", "", "")
};
