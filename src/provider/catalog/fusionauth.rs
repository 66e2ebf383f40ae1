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
        Setting::word("TENANT", "the id of the tenant, where there are several", "your-tenant-id").optional(),
    ],
    scopes: &["openid", "offline_access", "email", "profile"],
    authorization_params: &[("tenantId", "{tenant}")],
    profile: ProfileMap {
        name: "name | preferred_username | given_name + family_name",
        ..ProfileMap::CLAIMS
    },
    note: "Set the issuer of the tenant, which is acme.com at first, to the URL of the installation.",
    ..Service::oidc("fusionauth", "{issuer}")
};
