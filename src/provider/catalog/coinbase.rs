//! Coinbase: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Coinbase.
pub const COINBASE: Service = Service {
    name: "Coinbase",
    color: "#0052ff",
    docs: "https://docs.cdp.coinbase.com/coinbase-app/oauth2-integration/overview",
    console: "https://portal.cdp.coinbase.com",
    has_mark: true,
    scopes: &["wallet:user:email", "wallet:user:read"],
    profile: ProfileMap {
        id: "data.id",
        name: "data.name",
        email: "data.email",
        image: "data.avatar_url",
        ..ProfileMap::ID
    },
    note: "Coinbase gives out no new OAuth clients at the moment; existing ones go on.",
    ..Service::oauth2(
        "coinbase",
        "https://login.coinbase.com/oauth2/auth",
        "https://login.coinbase.com/oauth2/token",
        "https://api.coinbase.com/v2/user",
    )
};
