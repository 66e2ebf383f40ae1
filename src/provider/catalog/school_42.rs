//! 42 School: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// 42 School.
pub const SCHOOL_42: Service = Service {
    name: "42 School",
    color: "#000000",
    docs: "https://api.intra.42.fr/apidoc/guides/web_application_flow",
    console: "https://profile.intra.42.fr/oauth/applications",
    has_mark: true,
    scopes: &["public"],
    profile: ProfileMap {
        name: "usual_full_name | login",
        email: "email",
        image: "image.link",
        ..ProfileMap::ID
    },
    ..Service::oauth2(
        "42-school",
        "https://api.intra.42.fr/oauth/authorize",
        "https://api.intra.42.fr/oauth/token",
        "https://api.intra.42.fr/v2/me",
    )
};
