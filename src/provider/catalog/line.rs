//! LINE: OpenID Connect.

use crate::provider::{Quirks, Service, Setting};

/// LINE.
pub const LINE: Service = Service {
    name: "LINE",
    color: "#00c300",
    docs: "https://developers.line.biz/en/docs/line-login/integrate-line-login/",
    console: "https://developers.line.biz/console/",
    has_mark: true,
    settings: &[Setting::issuer_or("https://access.line.me")],
    quirks: Quirks { hs256_id_token: true, ..Quirks::NONE },
    note: r#"The address comes only with the permission "OC_EMAIL", to be asked for in the console."#,
    ..Service::oidc("line", "{issuer}")
};
