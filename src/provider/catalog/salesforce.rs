//! Salesforce: OpenID Connect.

use crate::provider::{Service, Setting};

/// Salesforce.
pub const SALESFORCE: Service = Service {
    name: "Salesforce",
    color: "#00a1e0",
    docs: "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm",
    console: "https://login.salesforce.com",
    settings: &[Setting::issuer_or("https://login.salesforce.com")],
    note: "A sandbox or a domain of your own has an issuer of its own, for example https://your-domain.my.salesforce.com.",
    ..Service::oidc("salesforce", "{issuer}")
};
