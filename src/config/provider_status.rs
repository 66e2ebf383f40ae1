//! Reports every known provider and whether it is enabled, for operators who set one up. Rule: all providers are checked,
//! however many are wrong, and no value of a variable is ever shown.

use super::{ConfigError, Environment, Mode, Reader, explain, providers};
use crate::provider::{OAuthProvider, Service, catalog};

/// Whether a provider is on.
#[derive(Clone, Debug)]
pub enum ProviderState {
    /// Its variables are set, and right as far as can be seen from here.
    On(Box<OAuthProvider>),
    /// Some are missing or wrong: the server does not start like this.
    Misconfigured(Vec<ConfigError>),
    /// None is set.
    Off,
    /// The service is no more.
    Ended(&'static str),
}

/// A provider, on or not.
#[derive(Clone, Debug)]
pub struct ProviderStatus {
    /// The word in its callback URL.
    pub id: String,
    /// What people read.
    pub name: String,
    /// Whether it is on.
    pub state: ProviderState,
    /// The variables that it needs.
    pub variables: Vec<String>,
    /// What the catalogue knows of it.
    pub service: Option<&'static Service>,
}

/// All that the environment turns on, or tries to; then the rest of the catalogue, by name.
#[must_use]
pub fn provider_statuses(env: &Environment) -> Vec<ProviderStatus> {
    let reader = || Reader { env, mode: Mode::Development, errors: Vec::new() };
    let set = reader().provider_names().into_iter().map(|name| {
        let mut reader = reader();
        let provider = reader.provider(&name);
        reader.errors.iter_mut().for_each(|error| explain(env, error));
        status(&name, provider, reader.errors)
    });
    let mut statuses: Vec<_> = set.collect();
    let is_set = |id: &str| statuses.iter().any(|status| status.id == id);
    let ended = catalog::ENDED.iter().filter(|(id, _)| !is_set(id)).map(|(id, why)| ProviderStatus {
        id: (*id).to_owned(),
        name: providers::title(id),
        state: ProviderState::Ended(why),
        variables: Vec::new(),
        service: None,
    });
    let off = catalog::SERVICES.iter().filter(|service| !is_set(service.id)).map(|service| ProviderStatus {
        id: service.id.to_owned(),
        name: service.name.to_owned(),
        state: ProviderState::Off,
        variables: service.variables(),
        service: Some(service),
    });
    let mut rest: Vec<_> = off.chain(ended).collect();
    rest.sort_by_key(|status| status.name.to_lowercase());
    statuses.sort_by_key(|status| status.name.to_lowercase());
    statuses.extend(rest);
    statuses
}

fn status(name: &str, provider: Option<OAuthProvider>, errors: Vec<ConfigError>) -> ProviderStatus {
    let id = providers::provider_id(name);
    let service = catalog::service(&id);
    let own = || ["ISSUER", "ID", "SECRET"].map(|part| format!("AUTH_{name}_{part}")).to_vec();
    let known_name = || service.map_or_else(|| providers::title(&id), |service| service.name.to_owned());
    ProviderStatus {
        name: provider.as_ref().map_or_else(known_name, |provider| provider.name.clone()),
        variables: service.map_or_else(own, Service::variables),
        service,
        id,
        state: match provider {
            Some(provider) if errors.is_empty() => ProviderState::On(Box::new(provider)),
            _ => ProviderState::Misconfigured(errors),
        },
    }
}
