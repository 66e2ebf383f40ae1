//! Flickr: OAuth 1.0a.

use crate::provider::{OAuth1Service, ProfileMap, Service};

/// Flickr.
pub const FLICKR: Service = Service {
    name: "Flickr",
    color: "#0063dc",
    docs: "https://www.flickr.com/services/api/auth.oauth.html",
    console: "https://www.flickr.com/services/apps/create/",
    has_mark: true,
    authorization_params: &[("perms", "read")],
    profile: ProfileMap { id: "user.id", name: "user.username._content", ..ProfileMap::ID },
    note: "Flickr tells no e-mail address.",
    ..Service::oauth1(
        "flickr",
        OAuth1Service::new(
            "https://www.flickr.com/services/oauth/request_token",
            "https://www.flickr.com/services/oauth/authorize",
            "https://www.flickr.com/services/oauth/access_token",
            "https://api.flickr.com/services/rest/?method=flickr.test.login&format=json&nojsoncallback=1",
        ),
    )
};
