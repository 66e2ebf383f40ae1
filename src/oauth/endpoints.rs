//! Where a provider is and how it is asked, from its settings or from its discovery document.

use std::sync::Arc;

use url::Url;

use super::{metadata::Metadata, tenant};
use crate::{
    config::is_safe_endpoint,
    error::Source,
    provider::{ClientAuthentication, FixedEndpoints, OAuthProvider},
};

/// The provider's endpoints and habits, wherever they were learned.
#[derive(Clone)]
pub(super) struct ProviderMetadata {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) client_authentication: ClientAuthentication,
    /// What `iss` must be if it comes.
    pub(super) issuer: Option<String>,
    /// Whether `iss` must come.
    pub(super) requires_iss: bool,
    pub(super) oidc: Option<Arc<Metadata>>,
}

/// What the discovery document of a provider may call itself besides `issuer`.
pub(super) fn template(provider: &OAuthProvider, issuer: &str) -> Option<String> {
    provider.quirks.tenant_issuer.then(|| tenant::template(issuer)).flatten()
}

/// What is known of a provider by its discovery document.
///
/// # Errors
/// Why it takes no proof of who we are that we have.
pub(super) fn discovered(provider: &OAuthProvider, oidc: Arc<Metadata>) -> Result<ProviderMetadata, Source> {
    let wanted = provider.client_authentication;
    Ok(ProviderMetadata {
        authorization: oidc.authorization_endpoint.clone(),
        token: oidc.token_endpoint.clone(),
        client_authentication: match provider.client_authentication_is_fixed {
            true => wanted,
            false => oidc.client_authentication(wanted)?,
        },
        issuer: Some(oidc.issuer.clone()),
        requires_iss: oidc.authorization_response_iss_parameter_supported,
        oidc: Some(oidc),
    })
}

/// What is known of a provider by its fixed endpoints.
pub(super) fn fixed(
    endpoints: &FixedEndpoints,
    client_authentication: ClientAuthentication,
) -> Result<ProviderMetadata, String> {
    // What the token answer puts in stands behind the host.
    endpoint("userinfo", &endpoints.userinfo.url.replace(['{', '}'], ""))?;
    if let Some(url) = &endpoints.userinfo.emails {
        endpoint("emails", url)?;
    }
    Ok(ProviderMetadata {
        authorization: endpoint("authorization", &endpoints.authorization)?,
        token: endpoint("tokens", &endpoints.token)?,
        client_authentication,
        issuer: endpoints.issuer.clone(),
        requires_iss: false,
        oidc: None,
    })
}

/// One URL of a provider, which must be https, or on this machine.
///
/// # Errors
/// Half of a sentence with an example.
pub(super) fn endpoint(name: &str, url: &str) -> Result<Url, String> {
    let parsed = Url::parse(url).ok().filter(|url| is_safe_endpoint(url, true));
    parsed
        .ok_or_else(|| format!("has a URL for {name} that is not https. Example: https://api.example.com/me"))
}
