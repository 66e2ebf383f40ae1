//! Nextcloud: OAuth 2.

use crate::provider::{ProfileMap, Quirks, Service, Setting};

/// Nextcloud.
pub const NEXTCLOUD: Service = Service {
    name: "Nextcloud",
    color: "#0082c9",
    docs: "https://docs.nextcloud.com/server/latest/admin_manual/configuration_server/oauth2.html",
    console: "https://nextcloud.com",
    has_mark: true,
    settings: &[Setting::issuer("https://cloud.example.com")],
    profile: ProfileMap {
        id: "ocs.data.id",
        name: "ocs.data.displayname | ocs.data.display-name",
        email: "ocs.data.email",
        ..ProfileMap::ID
    },
    quirks: Quirks { userinfo_headers: &[("OCS-APIRequest", "true")], ..Quirks::NONE },
    ..Service::oauth2(
        "nextcloud",
        "{base}/apps/oauth2/authorize",
        "{base}/apps/oauth2/api/v1/token",
        "{base}/ocs/v1.php/cloud/users/{user_id}?format=json",
    )
};
