//! Zoom: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Zoom.
pub const ZOOM: Service = Service {
    name: "Zoom",
    color: "#0b5cff",
    docs: "https://developers.zoom.us/docs/integrations/oauth/",
    console: "https://marketplace.zoom.us/user/build",
    has_mark: true,
    profile: ProfileMap {
        name: "first_name + last_name | display_name",
        email: "email",
        email_verified: "verified = 1",
        image: "pic_url",
        ..ProfileMap::ID
    },
    trusts_email: true,
    note: "Give the application the scope user:read:user.",
    ..Service::oauth2(
        "zoom",
        "https://zoom.us/oauth/authorize",
        "https://zoom.us/oauth/token",
        "https://api.zoom.us/v2/users/me",
    )
};
