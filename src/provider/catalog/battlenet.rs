//! Battle.net: OpenID Connect.

use crate::provider::{ProfileMap, Service, Setting};

/// Battle.net.
pub const BATTLENET: Service = Service {
    name: "Battle.net",
    color: "#4381c3",
    docs: "https://develop.battle.net/documentation/guides/using-oauth",
    console: "https://develop.battle.net/access/clients",
    has_mark: true,
    settings: &[Setting::issuer_or("https://oauth.battle.net")],
    scopes: &["openid"],
    profile: ProfileMap { name: "battle_tag | battletag", email: "", image: "", ..ProfileMap::CLAIMS },
    note: "In China the issuer is https://oauth.battlenet.com.cn. Battle.net tells no e-mail address.",
    ..Service::oidc("battlenet", "{issuer}")
};
