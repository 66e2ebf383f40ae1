//! Twitch: OpenID Connect.

use crate::provider::{ClientAuthentication, Service, Setting};

/// Twitch.
pub const TWITCH: Service = Service {
    name: "Twitch",
    color: "#9146ff",
    docs: "https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/",
    console: "https://dev.twitch.tv/console/apps",
    has_mark: true,
    settings: &[Setting::issuer_or("https://id.twitch.tv/oauth2")],
    client_authentication: ClientAuthentication::Post,
    scopes: &["openid", "user:read:email"],
    authorization_params: &[(
        "claims",
        r#"{"id_token":{"email":null,"email_verified":null,"picture":null,"preferred_username":null}}"#,
    )],
    trusts_email: true,
    ..Service::oidc("twitch", "{issuer}")
};
