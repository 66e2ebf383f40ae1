//! Netlify: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Netlify.
pub const NETLIFY: Service = Service {
    name: "Netlify",
    color: "#00c7b7",
    docs: "https://docs.netlify.com/api/get-started/",
    console: "https://app.netlify.com/user/applications",
    has_mark: true,
    profile: ProfileMap { name: "full_name", email: "email", image: "avatar_url", ..ProfileMap::ID },
    ..Service::oauth2(
        "netlify",
        "https://app.netlify.com/authorize",
        "https://api.netlify.com/oauth/token",
        "https://api.netlify.com/api/v1/user",
    )
};
