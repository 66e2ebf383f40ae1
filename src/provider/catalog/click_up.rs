//! ClickUp: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// ClickUp.
pub const CLICK_UP: Service = Service {
    name: "ClickUp",
    color: "#7b68ee",
    docs: "https://developer.clickup.com/docs/authentication",
    console: "https://app.clickup.com/settings/apps",
    has_mark: true,
    profile: ProfileMap {
        id: "user.id",
        name: "user.username",
        email: "user.email",
        image: "user.profilePicture",
        ..ProfileMap::ID
    },
    ..Service::oauth2(
        "click-up",
        "https://app.clickup.com/api",
        "https://api.clickup.com/api/v2/oauth/token",
        "https://api.clickup.com/api/v2/user",
    )
};
