//! Mailchimp: OAuth 2.

use crate::provider::{ProfileMap, Service};

/// Mailchimp.
pub const MAILCHIMP: Service = Service {
    name: "Mailchimp",
    color: "#ffe01b",
    docs: "https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/",
    console: "https://us1.admin.mailchimp.com/account/oauth2/",
    has_mark: true,
    profile: ProfileMap {
        id: "login.login_id",
        name: "login.login_name | accountname",
        email: "login.email",
        image: "login.avatar",
        ..ProfileMap::ID
    },
    note: "Mailchimp takes http://127.0.0.1 and not http://localhost.",
    ..Service::oauth2(
        "mailchimp",
        "https://login.mailchimp.com/oauth2/authorize",
        "https://login.mailchimp.com/oauth2/token",
        "https://login.mailchimp.com/oauth2/metadata",
    )
};
