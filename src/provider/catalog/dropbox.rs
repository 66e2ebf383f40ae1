//! Dropbox: OAuth 2.

use crate::provider::{ProfileMap, Quirks, Service};

/// Dropbox.
pub const DROPBOX: Service = Service {
    name: "Dropbox",
    color: "#0061ff",
    docs: "https://developers.dropbox.com/oauth-guide",
    console: "https://www.dropbox.com/developers/apps",
    has_mark: true,
    scopes: &["account_info.read"],
    authorization_params: &[("token_access_type", "offline")],
    profile: ProfileMap {
        id: "account_id",
        name: "name.display_name",
        email: "email",
        email_verified: "email_verified",
        image: "profile_photo_url",
    },
    trusts_email: true,
    quirks: Quirks { userinfo_form: Some(""), ..Quirks::NONE },
    ..Service::oauth2(
        "dropbox",
        "https://www.dropbox.com/oauth2/authorize",
        "https://api.dropboxapi.com/oauth2/token",
        "https://api.dropboxapi.com/2/users/get_current_account",
    )
};
