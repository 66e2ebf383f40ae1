//! Figma: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Figma.
pub const FIGMA: Service = Service {
    name: "Figma",
    color: "#f24e1e",
    docs: "https://developers.figma.com/docs/rest-api/authentication/",
    console: "https://www.figma.com/developers/apps",
    has_mark: true,
    scopes: &["current_user:read"],
    profile: ProfileMap { name: "handle", email: "email", image: "img_url", ..ProfileMap::ID },
    note: "Until Figma has reviewed the application, only people of your own team or organisation can sign in.",
    ..Service::oauth2(
        "figma",
        "https://www.figma.com/oauth",
        "https://api.figma.com/v1/oauth/token",
        "https://api.figma.com/v1/me",
    )
};
