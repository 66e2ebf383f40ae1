//! Apple: OpenID Connect.

use crate::provider::{ClientAuthentication, ProfileMap, Quirks, Service, Setting};

/// Apple.
pub const APPLE: Service = Service {
    name: "Apple",
    color: "#000000",
    docs: "https://developer.apple.com/documentation/signinwithapple",
    console: "https://developer.apple.com/account/resources/identifiers/list/serviceId",
    has_mark: true,
    settings: &[
        Setting::issuer_or("https://appleid.apple.com"),
        Setting::word("TEAM_ID", "the team that the private key belongs to", "A1B2C3D4E5").optional(),
    ],
    client_authentication: ClientAuthentication::Post,
    scopes: &["name", "email"],
    authorization_params: &[("response_mode", "form_post")],
    profile: ProfileMap {
        name: "user.name.firstName + user.name.lastName | name",
        email_verified: "email_verified | email_verified = true",
        image: "",
        ..ProfileMap::CLAIMS
    },
    trusts_email: true,
    quirks: Quirks { user_in_callback: true, ..Quirks::NONE },
    note: "Apple tells the name at the first consent only, and takes neither http nor localhost.",
    ..Service::oidc("apple", "{issuer}")
};
