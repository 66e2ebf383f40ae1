//! FusionAuth: OpenID Connect.

use crate::provider::{ProfileMap, Service, Setting};

/// FusionAuth.
pub const FUSIONAUTH: Service = Service {
    name: "FusionAuth",
    color: "#f58320",
    docs: "https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/",
    console: "https://fusionauth.io",
    has_mark: true,
    settings: &[
        Setting::issuer("https://fusionauth.example.com"),
        Setting::word("TENANT_ID", "the id of the tenant, where there are several", "5d3a0a5e-…").optional(),
    ],
    scopes: &["openid", "offline_access", "email", "profile"],
    authorization_params: &[("tenantId", "{tenant_id}")],
    profile: ProfileMap {
        name: "name | preferred_username | given_name + family_name",
        ..ProfileMap::CLAIMS
    },
    ..Service::oidc("fusionauth", "{issuer}")
};
