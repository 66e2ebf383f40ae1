//! GitLab: OAuth 2.

use crate::provider::{ProfileMap, Service, Setting};

/// GitLab.
pub const GITLAB: Service = Service {
    name: "GitLab",
    color: "#fc6d26",
    docs: "https://docs.gitlab.com/api/oauth2/",
    console: "https://gitlab.com/-/user_settings/applications",
    has_mark: true,
    settings: &[Setting::issuer_or("https://gitlab.com")],
    scopes: &["read_user"],
    profile: ProfileMap { name: "name | username", email: "email", image: "avatar_url", ..ProfileMap::ID },
    note: "The issuer is set for an installation of your own only.",
    ..Service::oauth2("gitlab", "{base}/oauth/authorize", "{base}/oauth/token", "{base}/api/v4/user")
};
