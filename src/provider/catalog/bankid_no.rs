//! BankID Norge: OpenID Connect.

use crate::provider::{ClientAuthentication, ProfileMap, Service, Setting};

/// BankID Norge.
pub const BANKID_NO: Service = Service {
    name: "BankID Norge",
    color: "#39134c",
    docs: "https://developer.bankid.no/bankid-with-biometrics/implementation/oidc-integration/",
    console: "https://developer.bankid.no",
    settings: &[Setting::issuer_or("https://auth.bankid.no/auth/realms/prod")],
    client_authentication: ClientAuthentication::Post,
    authorization_params: &[("ui_locales", "no"), ("login_hint", "BIS")],
    profile: ProfileMap { image: "", ..ProfileMap::CLAIMS },
    ..Service::oidc("bankid-no", "{issuer}")
};
