//! WorkOS: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Service, Setting};

/// WorkOS.
pub const WORKOS: Service = Service {
    name: "WorkOS",
    color: "#6363f1",
    docs: "https://workos.com/docs/sso",
    console: "https://dashboard.workos.com",
    settings: &[
        Setting::issuer_or("https://api.workos.com"),
        Setting::word("CONNECTION", "one connection", "conn_01E4ZCR3C56J083X43JQXF3JK5").optional(),
        Setting::word("ORGANIZATION", "one organisation", "org_01E4ZCR3C56J083X43JQXF3JK5").optional(),
        Setting::word("PROVIDER", "a provider such as authkit", "authkit").optional(),
    ],
    client_authentication: ClientAuthentication::Post,
    authorization_params: &[
        ("connection", "{connection}"),
        ("organization", "{organization}"),
        ("provider", "{provider}"),
    ],
    profile: ProfileMap {
        name: "first_name + last_name",
        email: "email",
        image: "raw_attributes.picture",
        ..ProfileMap::ID
    },
    note: "One of AUTH_WORKOS_CONNECTION, AUTH_WORKOS_ORGANIZATION and AUTH_WORKOS_PROVIDER says where people sign in.",
    ..Service::oauth2("workos", "{base}/sso/authorize", "{base}/sso/token", "{base}/sso/profile")
};
