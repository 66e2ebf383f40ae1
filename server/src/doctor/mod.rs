//! `leptos-auth-server doctor`: checks everything that a start and a sign-in need, and reports all problems at once. Rule: it
//! changes nothing, starts nothing, and shows no value that could be a secret.

mod mail;
mod network;
mod report;
mod settings;

use leptos_auth::config::{ProviderState, provider_statuses};

use crate::config::Environment;
use network::Network;
pub use report::{Finding, Provider, Report, State};

/// Looks at the settings, this machine, and what it has to reach.
pub async fn examine(env: &Environment) -> Report {
    let statuses = provider_statuses(env);
    let settings = settings::examine(env, &statuses).await;
    let network = Network::new(env);
    let mut findings = settings.findings;
    findings.push(network.port(settings.host, settings.port).await);
    findings.push(network.database(settings.database_url.as_deref()).await);
    if let Some(email) = &settings.email {
        findings.extend(mail::examine(email).await);
    }

    let on = statuses.iter().filter_map(|status| match &status.state {
        ProviderState::On(provider) => Some(network.provider(provider)),
        _ => None,
    });
    let mut reached = futures_util::future::join_all(on).await.into_iter();
    let mut clocks = Vec::new();
    let providers = statuses.iter().map(|status| {
        let mut provider = Provider::of(status, &settings.origin);
        if matches!(status.state, ProviderState::On(_)) {
            let reached = reached.next().unwrap_or_default();
            clocks.extend(reached.ahead);
            provider.reached(reached.problem);
        }
        provider
    });
    let providers = providers.collect();
    findings.push(network::clock(&clocks));
    Report { findings, providers }
}
