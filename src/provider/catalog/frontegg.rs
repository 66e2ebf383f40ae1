//! Frontegg: OpenID Connect.

use crate::provider::{ProfileMap, Service, Setting};

/// Frontegg.
pub const FRONTEGG: Service = Service {
    name: "Frontegg",
    color: "#4461f2",
    docs: "https://developers.frontegg.com/ciam/guides/authentication/oidc",
    console: "https://portal.frontegg.com",
    settings: &[Setting::issuer("https://your-app.frontegg.com")],
    profile: ProfileMap { image: "picture | profilePictureUrl", ..ProfileMap::CLAIMS },
    ..Service::oidc("frontegg", "{issuer}")
};
