//! FreshBooks: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// FreshBooks.
pub const FRESHBOOKS: Service = Service {
    name: "FreshBooks",
    color: "#0075dd",
    docs: "https://www.freshbooks.com/api/authentication",
    console: "https://my.freshbooks.com/#/developer",
    profile: ProfileMap {
        id: "response.id",
        name: "response.first_name + response.last_name",
        email: "response.email",
        ..ProfileMap::ID
    },
    note: "The callback URL begins with https://, on your own machine too.",
    ..Service::oauth2(
        "freshbooks",
        "https://auth.freshbooks.com/service/auth/oauth/authorize",
        "https://api.freshbooks.com/auth/oauth/token",
        "https://api.freshbooks.com/auth/api/v1/users/me",
    )
};
