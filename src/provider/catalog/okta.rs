//! Okta: OpenID Connect.

use crate::provider::{Quirks, Service, Setting};

/// Okta.
pub const OKTA: Service = Service {
    name: "Okta",
    color: "#007dc1",
    docs: "https://developer.okta.com/docs/guides/sign-into-web-app-redirect/",
    console: "https://login.okta.com",
    has_mark: true,
    settings: &[Setting::issuer("https://your-org.okta.com/oauth2/default")],
    quirks: Quirks { url_is_audience: true, ..Quirks::NONE },
    ..Service::oidc("okta", "{issuer}")
};
