//! NetSuite: OAuth 2.

use crate::provider::{ProfileMap, Service, Setting, SettingKind};

/// NetSuite.
pub const NETSUITE: Service = Service {
    name: "NetSuite",
    color: "#c74634",
    docs: "https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_157769826287.html",
    console: "https://system.netsuite.com",
    settings: &[
        Setting::word("ACCOUNT", "the account id, as it stands in host names", "1234567-sb1"),
        Setting {
            kind: SettingKind::Endpoint,
            ..Setting::word(
                "USERINFO",
                "the URL of the RESTlet that you have deployed to say who it is",
                "https://1234567.restlets.api.netsuite.com/app/site/hosting/restlet.nl",
            )
        },
    ],
    scopes: &["restlets", "rest_webservices"],
    profile: ProfileMap { name: "name", email: "email", ..ProfileMap::ID },
    note: "NetSuite has no place that says who signed in: deploy a RESTlet that answers with id, name and email.",
    ..Service::oauth2(
        "netsuite",
        "https://{account}.app.netsuite.com/app/login/oauth2/authorize.nl",
        "https://{account}.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token",
        "{userinfo}",
    )
};
