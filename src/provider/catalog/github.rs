//! GitHub: OAuth 2.

use crate::provider::{ProfileMap, Service, ServiceEndpoints, Setting};

/// GitHub.
pub const GITHUB: Service = Service {
    name: "GitHub",
    color: "#181717",
    docs: "https://docs.github.com/apps/oauth-apps/building-oauth-apps",
    console: "https://github.com/settings/developers",
    has_mark: true,
    settings: &[Setting::issuer("https://ghe.example.com").optional()],
    endpoints: ServiceEndpoints::OAuth2 {
        authorization: "https://github.com/login/oauth/authorize",
        token: "https://github.com/login/oauth/access_token",
        userinfo: "https://api.github.com/user",
        emails: Some("https://api.github.com/user/emails"),
        issuer: Some("https://github.com/login/oauth"),
    },
    own_installation: Some(ServiceEndpoints::OAuth2 {
        authorization: "{base}/login/oauth/authorize",
        token: "{base}/login/oauth/access_token",
        userinfo: "{base}/api/v3/user",
        emails: Some("{base}/api/v3/user/emails"),
        issuer: Some("{base}/login/oauth"),
    }),
    scopes: &["read:user", "user:email"],
    profile: ProfileMap {
        name: "name | login",
        email: "emails[primary].email | email",
        email_verified: "emails[primary].verified",
        image: "avatar_url",
        ..ProfileMap::ID
    },
    trusts_email: true,
    note: "The issuer is set for an Enterprise server only.",
    ..Service::oauth2("github", "", "", "")
};
