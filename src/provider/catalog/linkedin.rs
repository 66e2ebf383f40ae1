//! LinkedIn: OAuth 2, because its ID tokens lack the nonce of OpenID Connect.

use crate::provider::{ClientAuthentication, ProfileMap, Service};

/// LinkedIn.
pub const LINKEDIN: Service = Service {
    name: "LinkedIn",
    color: "#0a66c2",
    docs: "https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2",
    console: "https://www.linkedin.com/developers/apps",
    client_authentication: ClientAuthentication::Post,
    scopes: &["openid", "profile", "email"],
    // LinkedIn documents PKCE only for native applications. With a client secret it answers `code_verifier` with
    // `invalid_client`.
    pkce: false,
    profile: ProfileMap::CLAIMS,
    trusts_email: true,
    note: r#"Add the product "Sign In with LinkedIn using OpenID Connect" to the application."#,
    ..Service::oauth2(
        "linkedin",
        "https://www.linkedin.com/oauth/v2/authorization",
        "https://www.linkedin.com/oauth/v2/accessToken",
        "https://api.linkedin.com/v2/userinfo",
    )
};
