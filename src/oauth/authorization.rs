//! The way to the provider: the authorization request (RFC 6749 section 4.1.1) with PKCE (RFC 7636), `state` and,
//! for OpenID Connect, `nonce`. Nothing of it can be set by the caller.

use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, basic::BasicClient,
};
use url::Url;

use super::{ProviderMetadata, Transaction};
use crate::{error::Source, provider::OAuthProvider};

pub(super) fn authorization_url(
    provider: &OAuthProvider,
    metadata: &ProviderMetadata,
    base_url: &Url,
    transaction: &Transaction,
) -> Result<Url, Source> {
    let verifier = PkceCodeVerifier::new(transaction.verifier.clone());
    let client = BasicClient::new(ClientId::new(provider.client_id.clone()))
        .set_auth_uri(AuthUrl::from_url(metadata.authorization.clone()))
        .set_redirect_uri(RedirectUrl::from_url(provider.callback_url(base_url)));
    let mut request = client
        .authorize_url(|| CsrfToken::new(transaction.state.clone()))
        .add_scopes(provider.scopes.iter().cloned().map(Scope::new))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    if metadata.oidc.is_some() {
        request = request.add_extra_param("nonce", transaction.nonce.clone());
    }
    for (name, value) in &provider.authorization_params {
        request = request.add_extra_param(name, value);
    }
    Ok(request.url().0)
}
