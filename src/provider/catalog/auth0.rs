//! Auth0: OpenID Connect.

use crate::provider::{Service, Setting};

/// Auth0.
pub const AUTH0: Service = Service {
    name: "Auth0",
    color: "#eb5424",
    docs: "https://auth0.com/docs/authenticate/protocols/openid-connect-protocol",
    console: "https://manage.auth0.com",
    has_mark: true,
    settings: &[Setting::issuer("https://your-tenant.eu.auth0.com")],
    ..Service::oidc("auth0", "{base}/")
};
