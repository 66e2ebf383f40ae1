//! NAVER: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// NAVER.
pub const NAVER: Service = Service {
    name: "NAVER",
    color: "#03c75a",
    docs: "https://developers.naver.com/docs/login/api/api.md",
    console: "https://developers.naver.com/apps/",
    has_mark: true,
    profile: ProfileMap {
        id: "response.id",
        name: "response.nickname | response.name",
        email: "response.email",
        image: "response.profile_image",
        ..ProfileMap::ID
    },
    ..Service::oauth2(
        "naver",
        "https://nid.naver.com/oauth2.0/authorize",
        "https://nid.naver.com/oauth2.0/token",
        "https://openapi.naver.com/v1/nid/me",
    )
};
