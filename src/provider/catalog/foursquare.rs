//! Foursquare: OAuth 2.

use crate::provider::{AccessTokenIn, ProfileMap, Quirks, Service};

/// Foursquare.
pub const FOURSQUARE: Service = Service {
    name: "Foursquare",
    color: "#3333ff",
    docs: "https://docs.foursquare.com/developer/reference/authentication",
    console: "https://foursquare.com/developers/home",
    has_mark: true,
    profile: ProfileMap {
        id: "response.user.id",
        name: "response.user.firstName + response.user.lastName",
        email: "response.user.contact.email",
        image: "{+response.user.photo.prefix}original{+response.user.photo.suffix}",
        ..ProfileMap::ID
    },
    quirks: Quirks { access_token: AccessTokenIn::Query("oauth_token"), ..Quirks::NONE },
    note: "Foursquare has closed its City Guide; the interface for users may follow.",
    ..Service::oauth2(
        "foursquare",
        "https://foursquare.com/oauth2/authenticate",
        "https://foursquare.com/oauth2/access_token",
        "https://api.foursquare.com/v2/users/self?v=20230131",
    )
};
