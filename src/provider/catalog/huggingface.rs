//! Hugging Face: OpenID Connect.

use crate::provider::{Service, Setting};

/// Hugging Face.
pub const HUGGINGFACE: Service = Service {
    name: "Hugging Face",
    color: "#ffd21e",
    docs: "https://huggingface.co/docs/hub/oauth",
    console: "https://huggingface.co/settings/connected-applications",
    has_mark: true,
    settings: &[Setting::issuer_or("https://huggingface.co")],
    trusts_email: true,
    ..Service::oidc("huggingface", "{issuer}")
};
