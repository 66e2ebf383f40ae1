//! Ory Hydra: OpenID Connect.

use crate::provider::{Service, Setting};

/// Ory Hydra.
pub const HYDRA: Service = Service {
    name: "Ory Hydra",
    color: "#4f46e5",
    docs: "https://www.ory.com/docs/hydra",
    console: "https://console.ory.sh",
    has_mark: true,
    settings: &[Setting::issuer("https://your-project.projects.oryapis.com")],
    ..Service::oidc("hydra", "{issuer}")
};
