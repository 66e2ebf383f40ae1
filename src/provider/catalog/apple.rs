//! Apple: OpenID Connect.

use crate::provider::{ClientAuthentication, ProfileMap, Service, Setting};

/// Apple.
pub const APPLE: Service = Service {
    name: "Apple",
    color: "#000000",
    docs: "https://developer.apple.com/documentation/signinwithapple",
    console: "https://developer.apple.com/account/resources/identifiers/list/serviceId",
    has_mark: true,
    settings: &[Setting::issuer_or("https://appleid.apple.com")],
    client_authentication: ClientAuthentication::Post,
    scopes: &["name", "email"],
    pkce: false,
    profile: ProfileMap {
        name: "user.name.firstName + user.name.lastName | name",
        email_verified: "email_verified | email_verified = true",
        image: "",
        ..ProfileMap::CLAIMS
    },
    trusts_email: true,
    note: "Apple tells the name at the first consent only, and takes neither http nor localhost.",
    ..Service::oidc("apple", "{issuer}")
};
