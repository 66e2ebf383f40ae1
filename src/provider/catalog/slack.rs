//! Slack: OpenID Connect.

use crate::provider::{Service, Setting};

/// Slack.
pub const SLACK: Service = Service {
    name: "Slack",
    color: "#4a154b",
    docs: "https://docs.slack.dev/authentication/sign-in-with-slack/",
    console: "https://api.slack.com/apps",
    settings: &[Setting::issuer_or("https://slack.com")],
    // PKCE must be turned on for each application, which then becomes a public client: its secret is rejected.
    pkce: false,
    trusts_email: true,
    note: "Slack takes https callback URLs only, also in development.",
    ..Service::oidc("slack", "{issuer}")
};
