//! `AUTH_LINK_TRUSTED`: which providers' word on an address is enough to sign in as the user who owns it.
//!
//! Rule: nobody is on the list by default. Whoever runs such a provider, or takes over a mailbox there, signs in as any
//! user of this site who has an address there.

use super::{Config, ConfigError, Reader};

const VARIABLE: &str = "AUTH_LINK_TRUSTED";
const EXAMPLE: &str = "Example: AUTH_LINK_TRUSTED=google,github";

impl Reader<'_> {
    pub(super) fn link_trusted(&mut self) -> Vec<String> {
        let list = self.get(VARIABLE).unwrap_or_default().to_owned();
        let ids = list.split(',').map(str::trim).filter(|id| !id.is_empty());
        ids.map(str::to_owned).collect()
    }
}

impl Config {
    /// What is wrong with the list, once all providers are known.
    pub(crate) fn untrusted_for_linking(&self) -> Vec<ConfigError> {
        let reason = |id: &String| match self.providers.iter().find(|provider| provider.id == *id) {
            None => Some("names a provider that is not on"),
            Some(provider) if !provider.trusts_email => {
                Some("names a provider whose word on addresses is not trusted (AUTH_<NAME>_TRUST_EMAIL)")
            }
            Some(_) => None,
        };
        // The id itself could be something else that was pasted here.
        let error = |reason| ConfigError {
            variable: VARIABLE.to_owned(),
            message: format!("{reason}: it would link nobody. {EXAMPLE}"),
        };
        self.link_trusted.iter().filter_map(reason).map(error).collect()
    }
}
