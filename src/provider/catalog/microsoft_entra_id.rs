//! Microsoft Entra ID: OpenID Connect.

use crate::provider::{ProfileMap, Quirks, Service, Setting};

/// Microsoft Entra ID.
pub const MICROSOFT_ENTRA_ID: Service = Service {
    name: "Microsoft Entra ID",
    color: "#0078d4",
    docs: "https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc",
    console: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
    has_mark: true,
    settings: &[Setting::issuer_or("https://login.microsoftonline.com/common/v2.0")],
    scopes: &["openid", "profile", "email", "User.Read"],
    profile: ProfileMap { email_verified: "", image: "", ..ProfileMap::CLAIMS },
    quirks: Quirks { tenant_issuer: true, url_is_audience: true, ..Quirks::NONE },
    note: "By default everybody with an account at Microsoft may come in: set the issuer to https://login.microsoftonline.com/<tenant id>/v2.0 for one organisation. Its addresses are not checked, so none counts as proven.",
    ..Service::oidc("microsoft-entra-id", "{issuer}")
};
