//! Mail.ru: OAuth 2.

use crate::provider::{AccessTokenIn, ProfileMap, Quirks, Service};

/// Mail.ru.
pub const MAILRU: Service = Service {
    name: "Mail.ru",
    color: "#005ff9",
    docs: "https://api.mail.ru/docs/guides/oauth/",
    console: "https://o2.mail.ru/app/",
    has_mark: true,
    scopes: &["userinfo"],
    profile: ProfileMap { name: "name", email: "email", image: "image", ..ProfileMap::ID },
    quirks: Quirks { access_token: AccessTokenIn::Query("access_token"), ..Quirks::NONE },
    ..Service::oauth2(
        "mailru",
        "https://oauth.mail.ru/login",
        "https://oauth.mail.ru/token",
        "https://oauth.mail.ru/userinfo",
    )
};
