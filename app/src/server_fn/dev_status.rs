//! Development only: which sign-in methods are enabled, and which settings enable the others.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use super::FnError;

/// Whether a way to sign in works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FeatureState {
    /// It is on the sign-in page.
    On,
    /// Its variables are wrong: the next start will not succeed.
    Misconfigured,
    /// Nothing of it is set.
    Off,
}

/// One line of the development overview on the front page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// What it is.
    pub name: String,
    /// Whether it works now.
    pub state: FeatureState,
    /// Where to use it, or how to turn it on; what is wrong.
    pub notes: Vec<String>,
    /// What to register at the service.
    pub callback_url: Option<String>,
    /// Where to register it.
    pub console: Option<String>,
}

/// The sign-in methods and what they need: those that are on, those that are wrong, those that are off.
///
/// # Errors
/// `Configuration` when called outside of a request, and in production: the host answers 404 there.
#[server(prefix = "/api/fn", endpoint = "dev_status", input = GetUrl)]
pub async fn dev_status() -> Result<Vec<Feature>, FnError> {
    use leptos_auth::{Auth, config::Mode, types::ErrorCode};

    let auth = use_context::<Auth>().filter(|auth| auth.config().mode == Mode::Development);
    let auth = auth.ok_or(FnError(ErrorCode::Configuration))?;
    Ok(features::all(&auth))
}

#[cfg(feature = "ssr")]
mod features {
    use leptos_auth::{
        Auth,
        config::{Environment, ProviderState, ProviderStatus, provider_statuses},
        types::{ProviderInfo, ProviderType},
    };

    use super::{Feature, FeatureState};

    pub(super) fn all(auth: &Auth) -> Vec<Feature> {
        // Names and values that are not UTF-8 cannot be ours.
        let env = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let statuses = provider_statuses(&env.collect::<Environment>());
        let origin = auth.base_url().as_str().trim_end_matches('/');
        let is_on = |id: &str| auth.providers().iter().any(|provider| provider.id == id);
        let on = auth
            .providers()
            .iter()
            .map(|provider| working(provider, statuses.iter().find(|status| status.id == provider.id), auth));
        let others = statuses.iter().filter(|status| !is_on(&status.id));
        on.chain(others.map(|status| waiting(status, origin))).collect()
    }

    /// One that is on the sign-in page.
    fn working(provider: &ProviderInfo, status: Option<&ProviderStatus>, auth: &Auth) -> Feature {
        let is_remote =
            matches!(provider.r#type, ProviderType::OAuth | ProviderType::Oidc) && provider.id != "dev";
        let note = match (provider.id.as_str(), provider.r#type) {
            ("dev", _) => "Three test people. Only in development.",
            (_, ProviderType::Email) if auth.config().email.is_none() => {
                "A link and a code. Emails land in the dev inbox. EMAIL_SERVER or the key of a service, and EMAIL_FROM, in .env send them."
            }
            (_, ProviderType::Email) => "A link and a code, sent as .env says.",
            ("password", _) => {
                "An address and a password, with sign-up and reset. AUTH_PASSWORD=false in .env turns it off."
            }
            ("passkey", _) => "Whoever is signed in adds them. AUTH_PASSKEY=false in .env turns them off.",
            ("credentials", _) => "demo / demo-password. See server/src/auth.rs.",
            (_, ProviderType::Credentials) => "The directory of AUTH_LDAP_URL.",
            _ if status.is_none() => "Set up in server/src/auth.rs.",
            _ => "",
        };
        Feature {
            name: provider.name.clone(),
            state: FeatureState::On,
            notes: Some(note.to_owned()).filter(|note| !note.is_empty()).into_iter().collect(),
            callback_url: is_remote.then(|| provider.callback_url.clone()),
            console: status.and_then(console),
        }
    }

    /// One that is not.
    fn waiting(status: &ProviderStatus, origin: &str) -> Feature {
        let (state, notes) = match &status.state {
            ProviderState::Ended(why) => (FeatureState::Off, vec![format!("No more: {why}")]),
            ProviderState::Misconfigured(problems) => {
                (FeatureState::Misconfigured, problems.iter().map(ToString::to_string).collect())
            }
            _ => (FeatureState::Off, vec![format!("{} in .env", status.variables.join(", "))]),
        };
        let is_ended = matches!(status.state, ProviderState::Ended(_));
        Feature {
            name: status.name.clone(),
            state,
            notes,
            callback_url: (!is_ended).then(|| format!("{origin}/api/auth/callback/{}", status.id)),
            console: console(status),
        }
    }

    fn console(status: &ProviderStatus) -> Option<String> {
        status.service.map(|service| service.console.to_owned())
    }
}
