//! EVE Online: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// EVE Online.
pub const EVEONLINE: Service = Service {
    name: "EVE Online",
    color: "#000000",
    docs: "https://developers.eveonline.com/docs/services/sso/",
    console: "https://developers.eveonline.com/applications",
    scopes: &["publicData"],
    profile: ProfileMap {
        id: "CharacterID",
        name: "CharacterName",
        image: "https://images.evetech.net/characters/{CharacterID}/portrait?size=128",
        ..ProfileMap::ID
    },
    note: "EVE Online tells no e-mail address. Its accounts are characters: one that is sold takes its account here along.",
    ..Service::oauth2(
        "eveonline",
        "https://login.eveonline.com/v2/oauth/authorize",
        "https://login.eveonline.com/v2/oauth/token",
        "https://login.eveonline.com/oauth/verify",
    )
};
