//! authentik: OpenID Connect.

use crate::provider::{Service, Setting};

/// authentik.
pub const AUTHENTIK: Service = Service {
    name: "authentik",
    color: "#fd4b2d",
    docs: "https://docs.goauthentik.io/docs/add-secure-apps/providers/oauth2/",
    console: "https://goauthentik.io",
    has_mark: true,
    settings: &[Setting::issuer("https://authentik.example.com/application/o/your-app/")],
    note: "The issuer ends with a slash, as the provider writes it in its discovery document.",
    ..Service::oidc("authentik", "{issuer}")
};
