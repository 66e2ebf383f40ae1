//! Development only: what is on, and what to write where to turn the rest on.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use super::FnError;

/// One line of the development overview on the front page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// What it is.
    pub name: String,
    /// Whether it works now.
    pub is_on: bool,
    /// Where to use it, or how to turn it on.
    pub note: String,
}

/// The sign-in methods and what they need.
///
/// # Errors
/// `Configuration` when called outside of a request.
#[server(prefix = "/api/fn", endpoint = "dev_status", input = GetUrl)]
pub async fn dev_status() -> Result<Vec<Feature>, FnError> {
    use leptos_auth::{Auth, types::ErrorCode};

    let auth = use_context::<Auth>().ok_or(FnError(ErrorCode::Configuration))?;
    Ok(features(auth.providers(), auth.config().email.is_some()))
}

/// Methods that are on, in their order, then the ones of the first page that are off.
#[cfg(feature = "ssr")]
fn features(providers: &[leptos_auth::types::ProviderInfo], sends_mail: bool) -> Vec<Feature> {
    const KNOWN: [(&str, &str, &str); 5] = [
        ("dev", "Dev ID", "Three test people. Only in development."),
        ("email", "Email", "A link and a code."),
        ("credentials", "Demo account", "demo / demo-password. See server/src/auth.rs."),
        ("github", "GitHub", "AUTH_GITHUB_ID and AUTH_GITHUB_SECRET in .env"),
        ("google", "Google", "AUTH_GOOGLE_ID and AUTH_GOOGLE_SECRET in .env"),
    ];
    let note = |id: &str| {
        match KNOWN.iter().find(|known| known.0 == id) {
        Some(_) if id == "email" && !sends_mail => {
            "Emails land in the dev inbox. EMAIL_SERVER or the key of a service, and EMAIL_FROM, in .env send them.".to_owned()
        }
        Some(known) => known.2.to_owned(),
        None => "Set up in .env or server/src/auth.rs.".to_owned(),
    }
    };
    let on = providers.iter().map(|provider| Feature {
        name: provider.name.clone(),
        is_on: true,
        note: note(&provider.id),
    });
    let off = KNOWN.iter().filter(|known| !providers.iter().any(|provider| provider.id == known.0));
    let off = off.map(|known| Feature { name: known.1.to_owned(), is_on: false, note: known.2.to_owned() });
    on.chain(off).collect()
}
