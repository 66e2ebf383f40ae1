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
    ..Service::oidc("authentik", "{base}/")
};
