//! OneLogin: OpenID Connect.

use crate::provider::{Service, Setting};

/// OneLogin.
pub const ONELOGIN: Service = Service {
    name: "OneLogin",
    color: "#000000",
    docs: "https://developers.onelogin.com/openid-connect",
    console: "https://www.onelogin.com",
    settings: &[Setting::issuer("https://your-org.onelogin.com/oidc/2")],
    ..Service::oidc("onelogin", "{issuer}")
};
