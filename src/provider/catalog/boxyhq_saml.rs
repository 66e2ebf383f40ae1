//! BoxyHQ SAML: OAuth 2.

use crate::provider::{ProfileMap, Service, Setting};

/// BoxyHQ SAML.
pub const BOXYHQ_SAML: Service = Service {
    name: "BoxyHQ SAML",
    color: "#25c2a0",
    docs: "https://www.ory.com/docs/polis",
    console: "https://www.ory.com/polis",
    settings: &[
        Setting::issuer("https://sso.example.com"),
        Setting::word("TENANT", "the tenant, unless the client id names it", "acme.example").optional(),
        Setting::word("PRODUCT", "the product, unless the client id names it", "app").optional(),
    ],
    authorization_params: &[("provider", "saml"), ("tenant", "{tenant}"), ("product", "{product}")],
    profile: ProfileMap { name: "firstName + lastName", email: "email", ..ProfileMap::ID },
    note: "Now called Ory Polis. People sign in at the SAML provider of their organisation.",
    ..Service::oauth2(
        "boxyhq-saml",
        "{base}/api/oauth/authorize",
        "{base}/api/oauth/token",
        "{base}/api/oauth/userinfo",
    )
};
