//! Kakao: OAuth 2.

use crate::provider::{ClientAuthentication, ProfileMap, Service};

/// Kakao.
pub const KAKAO: Service = Service {
    name: "Kakao",
    color: "#ffcd00",
    docs: "https://developers.kakao.com/docs/latest/en/kakaologin/rest-api",
    console: "https://developers.kakao.com/console/app",
    has_mark: true,
    client_authentication: ClientAuthentication::Post,
    profile: ProfileMap {
        name: "kakao_account.profile.nickname",
        email: "kakao_account.email",
        email_verified: "kakao_account.is_email_verified",
        image: "kakao_account.profile.profile_image_url",
        ..ProfileMap::ID
    },
    trusts_email: true,
    note: "What people are asked for is set in the console under consent items; the address needs an application with business information.",
    ..Service::oauth2(
        "kakao",
        "https://kauth.kakao.com/oauth/authorize",
        "https://kauth.kakao.com/oauth/token",
        "https://kapi.kakao.com/v2/user/me?secure_resource=true",
    )
};
