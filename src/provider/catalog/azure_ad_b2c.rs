//! Azure AD B2C: OpenID Connect.

use crate::provider::{ProfileMap, Service, Setting};

/// Azure AD B2C.
pub const AZURE_AD_B2C: Service = Service {
    name: "Azure AD B2C",
    color: "#0078d4",
    docs: "https://learn.microsoft.com/azure/active-directory-b2c/openid-connect",
    console: "https://portal.azure.com/#view/Microsoft_AAD_B2CAdmin/TenantManagementMenuBlade/~/registeredApps",
    settings: &[Setting::issuer("https://your-tenant.b2clogin.com/tfp/your-tenant-id/b2c_1_your-flow/v2.0/")],
    profile: ProfileMap {
        name: "name | preferred_username",
        email: "emails[0] | email",
        image: "",
        ..ProfileMap::CLAIMS
    },
    note: "New tenants cannot be made since May 2025; existing ones go on. In the properties of the user flow choose the issuer claim with `tfp` in it, and set that as the issuer: the other one has no discovery document.",
    ..Service::oidc("azure-ad-b2c", "{issuer}")
};
