//! Patreon: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Patreon.
pub const PATREON: Service = Service {
    name: "Patreon",
    color: "#000000",
    docs: "https://docs.patreon.com/#apiv2-oauth",
    console: "https://www.patreon.com/portal/registration/register-clients",
    has_mark: true,
    scopes: &["identity", "identity[email]"],
    profile: ProfileMap {
        id: "data.id",
        name: "data.attributes.full_name",
        email: "data.attributes.email",
        email_verified: "data.attributes.is_email_verified",
        image: "data.attributes.image_url",
    },
    trusts_email: true,
    note: "Register the client for API version 2.",
    ..Service::oauth2(
        "patreon",
        "https://www.patreon.com/oauth2/authorize",
        "https://www.patreon.com/api/oauth2/token",
        "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=email,full_name,image_url,is_email_verified",
    )
};
