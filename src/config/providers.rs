//! Which providers the environment turns on: a service of the catalogue by its variables, and any OpenID Connect
//! provider by an issuer. Rule: a provider whose variables are set in part stops the start, so that no button leads
//! nowhere.

use std::collections::BTreeSet;

use url::Url;

use super::{Reader, email::NO_CLIENT_ID, is_safe_endpoint};
use crate::{
    oauth::oauth1::Signer,
    provider::{Endpoints, OAuthProvider, Service, Setting, SettingKind, SignatureMethod, catalog},
    secret::Secret,
};

/// Ids of other ways in.
const TAKEN: [&str; 4] = ["credentials", "email", "passkey", "webauthn"];

/// What each provider has, beside the settings of its own.
const COMMON_PARTS: [&str; 6] = ["ID", "SECRET", "ISSUER", "NAME", "LOGOUT", "TRUST_EMAIL"];

/// Whether a variable of that name could belong to a provider.
#[must_use]
pub fn is_provider_variable(variable: &str) -> bool {
    let of_service = |service: &&Service| {
        service.settings.iter().any(|setting| service.variable(setting.name) == variable)
    };
    let is_common = variable.strip_prefix("AUTH_").is_some_and(|rest| {
        COMMON_PARTS.iter().any(|part| {
            rest.strip_suffix(part)
                .and_then(|name| name.strip_suffix('_'))
                .is_some_and(|name| !name.is_empty())
        })
    });
    is_common || catalog::SERVICES.iter().any(of_service)
}

impl Reader<'_> {
    pub(super) fn providers(&mut self) -> Vec<OAuthProvider> {
        let mut providers = Vec::new();
        for name in self.provider_names() {
            let id = name.to_ascii_lowercase().replace('_', "-");
            let provider = match (catalog::service(&id), catalog::ended(&id)) {
                (Some(service), _) => self.service(service),
                (None, Some(why)) => {
                    self.wrong(
                        &format!("AUTH_{name}_ID"),
                        format!("names a service that is no more: {why} Remove its variables."),
                    );
                    None
                }
                (None, None) => self.unlisted(&name, &id),
            };
            providers.extend(provider);
        }
        providers
    }

    /// The `<NAME>` of all `AUTH_<NAME>_…` that say which provider is meant.
    fn provider_names(&self) -> BTreeSet<String> {
        let is_set = |variable: &&String| *variable != NO_CLIENT_ID && self.get(variable).is_some();
        let name = |variable: &String| {
            let rest = variable.strip_prefix("AUTH_")?;
            let named = ["_ID", "_SECRET", "_ISSUER"].iter().find_map(|part| rest.strip_suffix(part))?;
            (!named.is_empty()).then(|| named.to_owned())
        };
        let settings = catalog::SERVICES.iter().flat_map(|service| {
            let is_any =
                service.settings.iter().any(|setting| self.get(&service.variable(setting.name)).is_some());
            is_any.then(|| service.id.to_ascii_uppercase().replace('-', "_"))
        });
        self.env.keys().filter(is_set).filter_map(name).chain(settings).collect()
    }

    fn service(&mut self, service: &'static Service) -> Option<OAuthProvider> {
        let required = service.settings.iter().filter(|setting| setting.is_required);
        let secret = (!service.has_private_key()).then_some("SECRET");
        let parts = ["ID"].into_iter().chain(secret).chain(required.map(|setting| setting.name));
        let parts: Vec<&str> = parts.collect();
        let name = service.variable("");
        let is_complete = self.has_all(name.trim_end_matches('_'), &parts);
        let mut settings = Vec::new();
        for setting in service.settings.iter().filter(|setting| setting.kind != SettingKind::PrivateKey) {
            let variable = service.variable(setting.name);
            let Some(value) = self.get(&variable).map(str::to_owned) else { continue };
            match problem(setting, &value) {
                Some(reason) => {
                    self.wrong(&variable, format!("{reason}. Example: {variable}={}", setting.example))
                }
                None => settings.push((setting.name, value)),
            }
        }
        let (client_id, secret) =
            (self.get(&service.variable("ID"))?.to_owned(), self.service_secret(service)?);
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let provider = service.provider(&client_id, secret, &settings);
        is_complete.then(|| self.with_choices(name.trim_end_matches('_'), provider))
    }

    /// The secret, or the private key that takes its place.
    fn service_secret(&mut self, service: &Service) -> Option<Secret> {
        if !service.has_private_key() {
            return self.secret(&service.variable("SECRET"));
        }
        let variable = service.variable("PRIVATE_KEY");
        let key = Secret::new(self.pem(&variable).first()?);
        match Signer::new("", &key, SignatureMethod::RsaSha1) {
            Ok(_) => Some(key),
            Err(reason) => {
                self.wrong(&variable, format!("{reason}. Example: {variable}=\"$(openssl genrsa 2048)\""));
                None
            }
        }
    }

    /// An OpenID Connect provider that the catalogue does not know.
    fn unlisted(&mut self, name: &str, id: &str) -> Option<OAuthProvider> {
        let prefix = format!("AUTH_{name}");
        let is_complete = self.has_all(&prefix, &["ISSUER", "ID", "SECRET"]);
        let is_word = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if TAKEN.contains(&id) || !is_word {
            self.wrong(
                &format!("{prefix}_ID"),
                "names a provider by a word that is taken. Example: AUTH_ACME_ID=…",
            );
            return None;
        }
        let variable = format!("{prefix}_ISSUER");
        let issuer = self.get(&variable)?.to_owned();
        if let Some(reason) = url_problem(&issuer) {
            self.wrong(&variable, format!("{reason}. Example: {variable}=https://login.example.com"));
            return None;
        }
        let client_id = self.get(&format!("{prefix}_ID"))?.to_owned();
        let secret = self.secret(&format!("{prefix}_SECRET"))?;
        let provider = OAuthProvider::oidc(id, &title(id), &issuer, client_id, secret);
        is_complete.then(|| self.with_choices(&prefix, provider))
    }

    /// `_NAME`, `_LOGOUT` and `_TRUST_EMAIL`.
    fn with_choices(&mut self, prefix: &str, provider: OAuthProvider) -> OAuthProvider {
        let name = self.get(&format!("{prefix}_NAME")).map_or_else(|| provider.name.clone(), str::to_owned);
        let logout = format!("{prefix}_LOGOUT");
        let federated_sign_out = self.flag(&logout).unwrap_or(false);
        if federated_sign_out && !matches!(provider.endpoints, Endpoints::Issuer(_)) {
            self.wrong(
                &logout,
                format!(
                    "cannot be true: {} has no way to be signed out by others. Example: {logout}=false",
                    provider.name
                ),
            );
        }
        let trusts_email = self.flag(&format!("{prefix}_TRUST_EMAIL")).unwrap_or(provider.trusts_email);
        OAuthProvider { name, federated_sign_out, trusts_email, ..provider }
    }

    /// Whether all those variables are set; each one that is not is said.
    fn has_all(&mut self, prefix: &str, parts: &[&str]) -> bool {
        let variable = |part: &&str| format!("{prefix}_{part}");
        let all: Vec<String> = parts.iter().map(variable).collect();
        let missing: Vec<String> =
            all.iter().filter(|variable| self.get(variable).is_none()).cloned().collect();
        for variable in &missing {
            let needs = all.join(", ");
            self.wrong(variable, format!("is missing: this provider needs {needs}. Example: {variable}=…"));
        }
        missing.is_empty()
    }

    fn secret(&self, variable: &str) -> Option<Secret> {
        self.get(variable).map(Secret::new)
    }
}

/// `my-company` is shown as `My Company`.
fn title(id: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    id.split('-').filter_map(word).collect::<Vec<_>>().join(" ")
}

fn problem(setting: &Setting, value: &str) -> Option<&'static str> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    match setting.kind {
        SettingKind::Url => url_problem(value),
        SettingKind::Endpoint if Url::parse(value).is_ok_and(|url| is_safe_endpoint(&url, true)) => None,
        SettingKind::Endpoint => Some("must begin with https://"),
        SettingKind::Word if value.bytes().all(is_word) => None,
        SettingKind::Word => Some("must be letters, digits, dots, dashes and underscores"),
        SettingKind::Version if matches!(value, "2.0" | "1.0a") => None,
        SettingKind::Version => Some("must be 2.0 or 1.0a"),
        // Read as a secret.
        SettingKind::PrivateKey => None,
    }
}

/// An issuer is compared as a text, so it is kept as it was written; this only checks that it can be one.
fn url_problem(value: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(value) else { return Some("is not a URL") };
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Some("must have no query, fragment or user name");
    }
    (!is_safe_endpoint(&url, true)).then_some("must begin with https:// (http:// only on this machine)")
}
