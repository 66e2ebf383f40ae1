//! Zoho: OAuth 2.

use crate::provider::{ProfileMap, Service, Setting};

/// Zoho.
pub const ZOHO: Service = Service {
    name: "Zoho",
    color: "#e42527",
    docs: "https://www.zoho.com/accounts/protocol/oauth/web-server-applications.html",
    console: "https://api-console.zoho.com",
    has_mark: true,
    settings: &[Setting::issuer_or("https://accounts.zoho.com")],
    scopes: &["AaaServer.profile.Read"],
    profile: ProfileMap {
        id: "ZUID",
        name: "First_Name + Last_Name | Display_Name",
        email: "Email",
        ..ProfileMap::ID
    },
    note: "Accounts of other regions are at https://accounts.zoho.eu, https://accounts.zoho.in and so on: set the issuer.",
    ..Service::oauth2("zoho", "{base}/oauth/v2/auth", "{base}/oauth/v2/token", "{base}/oauth/user/info")
};
