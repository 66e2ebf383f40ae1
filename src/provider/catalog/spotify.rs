//! Spotify: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Spotify.
pub const SPOTIFY: Service = Service {
    name: "Spotify",
    color: "#1ed760",
    docs: "https://developer.spotify.com/documentation/web-api/tutorials/code-flow",
    console: "https://developer.spotify.com/dashboard",
    has_mark: true,
    scopes: &["user-read-email"],
    profile: ProfileMap { name: "display_name", email: "email", image: "images[0].url", ..ProfileMap::ID },
    note: "Spotify does not check addresses. In development mode it tells none, and lets in only the few people that you name there. For this machine it takes http://127.0.0.1 and not http://localhost.",
    ..Service::oauth2(
        "spotify",
        "https://accounts.spotify.com/authorize",
        "https://accounts.spotify.com/api/token",
        "https://api.spotify.com/v1/me",
    )
};
