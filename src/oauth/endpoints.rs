//! The endpoints of a provider and how they are used, from its settings or from its discovery document.

use std::sync::Arc;

use url::Url;

use super::{metadata::Metadata, tenant};
use crate::{
    config::is_safe_endpoint,
    error::Source,
    provider::{ClientAuthentication, FixedEndpoints, OAuthProvider},
};

/// The provider's endpoints and its protocol options, from either source.
#[derive(Clone)]
pub(super) struct ProviderMetadata {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) client_authentication: ClientAuthentication,
    /// What `iss` must be if it is present.
    pub(super) issuer: Option<String>,
    /// Whether `iss` must be present.
    pub(super) requires_iss: bool,
    pub(super) oidc: Option<Arc<Metadata>>,
}

/// Returns the issuer template that the discovery document of a provider may contain in place of `issuer`.
pub(super) fn template(provider: &OAuthProvider, issuer: &str) -> Option<String> {
    provider.quirks.tenant_issuer.then(|| tenant::template(issuer)).flatten()
}

/// Returns a provider's metadata from its discovery document.
///
/// # Errors
/// Returns why the provider supports none of our client authentication methods.
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

/// Returns a provider's metadata from its fixed endpoints.
pub(super) fn fixed(
    endpoints: &FixedEndpoints,
    client_authentication: ClientAuthentication,
) -> Result<ProviderMetadata, String> {
    // Placeholders are filled in from the token response; they come after the host.
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

/// Parses one URL of a provider, which must be https, or on this machine.
///
/// # Errors
/// Returns a sentence fragment with an example.
pub(super) fn endpoint(name: &str, url: &str) -> Result<Url, String> {
    let parsed = Url::parse(url).ok().filter(|url| is_safe_endpoint(url, true));
    parsed
        .ok_or_else(|| format!("has a URL for {name} that is not https. Example: https://api.example.com/me"))
}
