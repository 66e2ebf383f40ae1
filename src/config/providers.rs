//! Enables providers from the environment: a service of the catalog by its variables, and any OpenID Connect provider by
//! its issuer. Rule: a provider with only some of its variables set stops the server at startup, so that no button leads
//! nowhere.

use std::collections::BTreeSet;

use url::Url;

use super::{Reader, audit, email::NO_CLIENT_ID, is_safe_endpoint, issuer, service_links::is_service_link};
use crate::{
    jwt,
    oauth::oauth1::Signer,
    provider::{
        ClientAuthentication, ClientKey, OAuthProvider, Service, Setting, SettingKind, SignatureMethod,
        catalog,
    },
    secret::Secret,
};

/// Ids of other ways in.
const TAKEN: [&str; 4] = ["credentials", "email", "passkey", "webauthn"];

/// What each provider has, beside the settings of its own.
const COMMON_PARTS: [&str; 13] = [
    "ID",
    "SECRET",
    "PRIVATE_KEY",
    "KEY_ID",
    "PUBLIC",
    "ISSUER",
    "NAME",
    "LOGOUT",
    "TRUST_EMAIL",
    "PAR",
    "RESPONSE_MODE",
    "TOKEN_AUTH",
    "USERINFO",
];

/// What proves to a provider who we are: one of the three.
enum Credential {
    Secret(Secret),
    Key(ClientKey),
    Public,
}

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
            providers.extend(self.provider(&name));
        }
        // The order of buttons: people look for names, and those do not follow the ids.
        providers.sort_by_key(|provider| provider.name.to_lowercase());
        providers
    }

    /// The provider whose variables begin with `AUTH_<NAME>_`.
    pub(super) fn provider(&mut self, name: &str) -> Option<OAuthProvider> {
        let id = provider_id(name);
        match (catalog::service(&id), catalog::ended(&id)) {
            (Some(service), _) => self.service(service),
            (None, Some(why)) => {
                self.wrong(
                    &format!("AUTH_{name}_ID"),
                    format!("names a service that is no more: {why} Remove its variables."),
                );
                None
            }
            (None, None) => self.unlisted(name, &id),
        }
    }

    /// The `<NAME>` of all `AUTH_<NAME>_…` that say which provider is meant.
    pub(super) fn provider_names(&self) -> BTreeSet<String> {
        let is_set = |variable: &&String| {
            let value = self.get(variable);
            *variable != NO_CLIENT_ID && value.is_some_and(|value| !is_service_link(variable, value))
        };
        let name = |variable: &String| {
            let rest = variable.strip_prefix("AUTH_")?;
            let parts = ["_ID", "_SECRET", "_ISSUER", "_PRIVATE_KEY"];
            let named = parts.iter().find_map(|part| rest.strip_suffix(part))?;
            let is_ours = ["AUTH_JWT_PRIVATE_KEY", audit::SECRET].contains(&variable.as_str());
            let is_other = named.is_empty() || is_ours || self.is_part(variable);
            (!is_other).then(|| named.to_owned())
        };
        let settings = catalog::SERVICES.iter().flat_map(|service| {
            let is_any =
                service.settings.iter().any(|setting| self.get(&service.variable(setting.name)).is_some());
            is_any.then(|| service.id.to_ascii_uppercase().replace('-', "_"))
        });
        self.env.keys().filter(is_set).filter_map(name).chain(settings).collect()
    }

    /// Whether a variable that ends as the id of a provider is another part of one: `AUTH_ACME_KEY_ID` of `ACME`, and
    /// not the id of `ACME_KEY`.
    fn is_part(&self, variable: &str) -> bool {
        let is_of = |prefix: &str| {
            ["ID", "PRIVATE_KEY"].iter().any(|part| self.get(&format!("{prefix}_{part}")).is_some())
        };
        let is_setting = |service: &&Service| {
            service.settings.iter().any(|setting| service.variable(setting.name) == variable)
        };
        variable.strip_suffix("_KEY_ID").is_some_and(is_of)
            || (variable.ends_with("_ID") && catalog::SERVICES.iter().any(is_setting))
    }

    fn service(&mut self, service: &'static Service) -> Option<OAuthProvider> {
        let required = service.settings.iter().filter(|setting| setting.is_required);
        let name = service.variable("");
        let prefix = name.trim_end_matches('_');
        // A key that signs requests is one of the settings.
        let credential_parts =
            if service.has_private_key() { Vec::new() } else { self.credential_parts(prefix) };
        let parts: Vec<&str> = std::iter::once("ID")
            .chain(credential_parts.iter().copied())
            .chain(required.map(|setting| setting.name))
            .collect();
        let is_complete = self.has_all(prefix, &parts);
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
        let issuer = format!("{prefix}_ISSUER");
        if let Some(right) =
            self.get(&issuer).filter(|_| service.quirks.tenant_issuer).and_then(issuer::of_microsoft)
        {
            self.wrong(
                &issuer,
                format!("must be exactly the issuer that Microsoft uses. Example: {issuer}={right}"),
            );
        }
        if self.get(&issuer).is_some() && !service.settings.iter().any(|setting| setting.name == "ISSUER") {
            let place = format!("is not read: {} is at one place only", service.name);
            self.wrong(&issuer, format!("{place}. Remove it. Example: {issuer}="));
        }
        let credential = match service.has_private_key() {
            true => Credential::Secret(self.signing_key(service)?),
            false => self.credential(prefix)?,
        };
        let client_id = self.get(&service.variable("ID"))?.to_owned();
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let provider = credential.give(|secret| service.provider(&client_id, secret, &settings));
        is_complete.then(|| self.with_choices(prefix, provider))
    }

    /// The private key that takes the place of a secret in OAuth 1.
    fn signing_key(&mut self, service: &Service) -> Option<Secret> {
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
        let parts: Vec<&str> = ["ISSUER", "ID"].into_iter().chain(self.credential_parts(&prefix)).collect();
        let is_complete = self.has_all(&prefix, &parts);
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
        if let Some(reason) = issuer::problem(&issuer) {
            self.wrong(&variable, format!("{reason}. Example: {variable}=https://login.example.com"));
            return None;
        }
        let client_id = self.get(&format!("{prefix}_ID"))?.to_owned();
        let credential = self.credential(&prefix)?;
        let provider =
            credential.give(|secret| OAuthProvider::oidc(id, &title(id), &issuer, client_id, secret));
        is_complete.then(|| self.with_choices(&prefix, provider))
    }

    /// The parts that prove who we are: a secret, unless something else is set.
    fn credential_parts(&self, prefix: &str) -> Vec<&'static str> {
        let is_set = |part: &str| self.get(&format!("{prefix}_{part}")).is_some_and(|value| value != "false");
        let (has_key, has_secret) = (is_set("PRIVATE_KEY"), is_set("SECRET"));
        if has_team(prefix) && (has_key || is_set("TEAM_ID")) && !has_secret {
            vec!["TEAM_ID", "KEY_ID", "PRIVATE_KEY"]
        } else if has_key {
            vec!["PRIVATE_KEY"]
        } else if is_set("PUBLIC") && !has_secret {
            vec!["PUBLIC"]
        } else {
            vec!["SECRET"]
        }
    }

    /// `_SECRET`, `_PRIVATE_KEY` or `_PUBLIC`: one of them.
    fn credential(&mut self, prefix: &str) -> Option<Credential> {
        let [secret, key, public] =
            ["SECRET", "PRIVATE_KEY", "PUBLIC"].map(|part| format!("{prefix}_{part}"));
        let is_public = self.flag(&public).unwrap_or(false);
        let all = [self.get(&secret).is_some(), self.get(&key).is_some(), is_public];
        if all.into_iter().filter(|is_set| *is_set).count() > 1 {
            self.wrong(
                &secret,
                format!(
                    "contradicts {key} or {public}: one of the three proves who we are. Example: {secret}="
                ),
            );
            return None;
        }
        match all {
            [_, true, _] => self.client_key(prefix, &key).map(Credential::Key),
            [_, _, true] => Some(Credential::Public),
            _ => self.get(&secret).map(Secret::new).map(Credential::Secret),
        }
    }

    fn client_key(&mut self, prefix: &str, variable: &str) -> Option<ClientKey> {
        // In front of a key of a curve OpenSSL writes a block with the name of the curve.
        let blocks = self.pem(variable);
        let block = blocks.iter().find(|block| block.contains("PRIVATE KEY")).or(blocks.first())?.clone();
        let team_id = self.get(&format!("{prefix}_TEAM_ID")).filter(|_| has_team(prefix)).map(str::to_owned);
        let algorithms = jwt::signers(&block);
        let is_usable = match team_id {
            Some(_) => algorithms.iter().any(|(algorithm, _)| *algorithm == "ES256"),
            None => !algorithms.is_empty(),
        };
        if !is_usable {
            self.wrong(
                variable,
                format!(
                    "cannot sign: it must be RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519, at Apple P-256, \
                     and without a password. Example: {variable}=\"$(openssl genpkey -algorithm ed25519)\""
                ),
            );
            return None;
        }
        let key_id = self.get(&format!("{prefix}_KEY_ID")).map(str::to_owned);
        Some(ClientKey { pem: Secret::new(block), key_id, team_id })
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
}

impl Credential {
    /// The provider that `make` makes of a secret, with this credential.
    fn give(self, make: impl FnOnce(Secret) -> OAuthProvider) -> OAuthProvider {
        let none = || Secret::new(String::new());
        match self {
            Self::Secret(secret) => make(secret),
            // Apple's key makes a secret, which goes the way of secrets.
            Self::Key(key) if key.team_id.is_some() => {
                OAuthProvider { client_key: Some(key), ..make(none()) }
            }
            Self::Key(key) => OAuthProvider {
                client_key: Some(key),
                client_authentication: ClientAuthentication::PrivateKeyJwt,
                ..make(none())
            },
            Self::Public => {
                OAuthProvider { client_authentication: ClientAuthentication::None, ..make(none()) }
            }
        }
    }
}

/// Whether keys of that service belong to a team, and make the client secret: Apple's do.
fn has_team(prefix: &str) -> bool {
    let of_team = |service: &&Service| {
        service.settings.iter().any(|setting| setting.name == "TEAM_ID")
            && service.variable("") == format!("{prefix}_")
    };
    catalog::SERVICES.iter().any(of_team)
}

/// The provider of `AUTH_MY_COMPANY_ID` is `my-company`.
pub(super) fn provider_id(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// `my-company` is shown as `My Company`.
pub(super) fn title(id: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    id.split('-').filter_map(word).collect::<Vec<_>>().join(" ")
}

fn problem(setting: &Setting, value: &str) -> Option<&'static str> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    match setting.kind {
        SettingKind::Url => issuer::problem(value),
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
