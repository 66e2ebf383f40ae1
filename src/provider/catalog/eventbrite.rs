//! Eventbrite: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Service};

/// Eventbrite.
pub const EVENTBRITE: Service = Service {
    name: "Eventbrite",
    color: "#f05537",
    docs: "https://www.eventbrite.com/platform/api#/introduction/authentication",
    console: "https://www.eventbrite.com/platform/api-keys",
    client_authentication: ClientAuthentication::Post,
    scopes: &["user.profile"],
    profile: ProfileMap {
        name: "name",
        email: "emails[primary].email",
        email_verified: "emails[primary].verified",
        image: "https://img.evbuc.com/https%3A%2F%2Fcdn.evbuc.com%2Fimages%2F{image_id}%2F{id}%2F1%2Foriginal.jpg",
        ..ProfileMap::ID
    },
    trusts_email: true,
    ..Service::oauth2(
        "eventbrite",
        "https://www.eventbrite.com/oauth/authorize",
        "https://www.eventbrite.com/oauth/token",
        "https://www.eventbriteapi.com/v3/users/me/",
    )
};
