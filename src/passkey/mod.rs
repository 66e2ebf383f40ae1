//! Passkeys: the side of the website in W3C Web Authentication Level 3 (section 7), and nothing else of it.
//!
//! What makes a passkey two factors is decided here: its owner must have shown a fingerprint, a face or a PIN to the
//! authenticator (user verification), so one that was found lying about opens nothing. Attestation, which tells who made
//! an authenticator, is neither asked for nor looked at: no decision of ours depends on it.
//! Why this is our own code: `docs/decisions/0026-passkeys.md`.

mod aaguid;
mod authenticator_data;
mod cbor;
mod ceremony;
mod client_data;
mod public_key;
mod relying_party;
mod response;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use url::Url;

use crate::{adapter::Adapter, config::Config, jwt::TokenKeys};

pub(crate) use ceremony::{Action, Ceremony};
pub(crate) use relying_party::{NewPasskey, RelyingParty};
pub(crate) use response::{Assertion, Registration};

/// What passkeys need.
pub(crate) struct Passkeys {
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) relying_party: RelyingParty,
    keys: TokenKeys,
}

impl Passkeys {
    /// The id of the provider and its name, as Auth.js has them.
    pub(crate) const ID: &str = "passkey";
    pub(crate) const NAME: &str = "Passkey";

    /// `None` without a database, where they are switched off, or where browsers would not make any: then the log says so.
    pub(crate) fn new(config: &Config, adapter: Option<&Arc<dyn Adapter>>) -> Option<Self> {
        let adapter = adapter.filter(|_| config.passkey)?.clone();
        let relying_party = relying_party(&config.base_url)?;
        let keys = TokenKeys::derive(&config.secrets, Ceremony::PURPOSE);
        Some(Self { adapter, relying_party, keys })
    }
}

fn relying_party(base_url: &Url) -> Option<RelyingParty> {
    RelyingParty::of(base_url)
        .inspect_err(|reason| tracing::warn!("passkeys are off: AUTH_URL {reason}"))
        .ok()
}
