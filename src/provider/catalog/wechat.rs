//! WeChat: OAuth 2.

use crate::provider::{AccessTokenIn, ClientAuthentication, ProfileMap, Quirks, Service, Setting};

/// WeChat.
pub const WECHAT: Service = Service {
    name: "WeChat",
    color: "#07c160",
    docs: "https://developers.weixin.qq.com/doc/oplatform/en/Website_App/WeChat_Login/Wechat_Login.html",
    console: "https://open.weixin.qq.com",
    has_mark: true,
    settings: &[
        Setting {
            default: Some("oauth2/authorize"),
            ..Setting::word(
                "PAGE",
                "qrconnect for a website; not set, people sign in inside WeChat",
                "qrconnect",
            )
            .optional()
        },
        Setting {
            default: Some("snsapi_userinfo"),
            ..Setting::word(
                "SCOPE",
                "snsapi_login for a website; not set, people sign in inside WeChat",
                "snsapi_login",
            )
            .optional()
        },
    ],
    client_authentication: ClientAuthentication::Post,
    scopes: &["{scope}"],
    // WeChat matches the authorization URL against a pattern: parameters beyond the documented ones break it.
    pkce: false,
    profile: ProfileMap { id: "unionid | openid", name: "nickname", image: "headimgurl", ..ProfileMap::ID },
    quirks: Quirks {
        client_id: "appid",
        client_secret: "secret",
        fragment: "wechat_redirect",
        access_token: AccessTokenIn::Query("access_token"),
        ..Quirks::NONE
    },
    note: "WeChat tells no e-mail address. Bind the application to an Open Platform account before anybody signs in: only then are people known by a unionid that stays.",
    ..Service::oauth2(
        "wechat",
        "https://open.weixin.qq.com/connect/{page}",
        "https://api.weixin.qq.com/sns/oauth2/access_token",
        "https://api.weixin.qq.com/sns/userinfo?openid={openid}",
    )
};
