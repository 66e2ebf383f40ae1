//! LinkedIn: OpenID Connect.

use crate::provider::{ClientAuthentication, Service, Setting};

/// LinkedIn.
pub const LINKEDIN: Service = Service {
    name: "LinkedIn",
    color: "#0a66c2",
    docs: "https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2",
    console: "https://www.linkedin.com/developers/apps",
    settings: &[Setting::issuer_or("https://www.linkedin.com/oauth")],
    client_authentication: ClientAuthentication::Post,
    pkce: false,
    trusts_email: true,
    ..Service::oidc("linkedin", "{issuer}")
};
