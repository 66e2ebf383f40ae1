//! Yandex: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Yandex.
pub const YANDEX: Service = Service {
    name: "Yandex",
    color: "#fc3f1d",
    docs: "https://yandex.com/dev/id/doc/en/",
    console: "https://oauth.yandex.com",
    scopes: &["login:info", "login:email", "login:avatar"],
    profile: ProfileMap {
        name: "display_name | real_name | first_name",
        email: "default_email | emails[0]",
        image: "https://avatars.yandex.net/get-yapic/{+default_avatar_id}/islands-200",
        ..ProfileMap::ID
    },
    note: "Give the application access to name, e-mail address and portrait: Yandex refuses a sign-in that asks for more than it has.",
    ..Service::oauth2(
        "yandex",
        "https://oauth.yandex.ru/authorize",
        "https://oauth.yandex.ru/token",
        "https://login.yandex.ru/info?format=json",
    )
};
