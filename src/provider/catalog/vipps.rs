//! Vipps MobilePay: OpenID Connect.

use crate::provider::{Service, Setting};

/// Vipps MobilePay.
pub const VIPPS: Service = Service {
    name: "Vipps MobilePay",
    color: "#ff5b24",
    docs: "https://developer.vippsmobilepay.com/docs/APIs/login-api/",
    console: "https://portal.vippsmobilepay.com",
    settings: &[Setting::issuer_or("https://api.vipps.no/access-management-1.0/access/")],
    scopes: &["openid", "name", "email"],
    trusts_email: true,
    note: "The test environment has the issuer https://apitest.vipps.no/access-management-1.0/access/.",
    ..Service::oidc("vipps", "{issuer}")
};
