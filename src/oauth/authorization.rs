//! The way to the provider: the authorization request (RFC 6749 section 4.1.1) with PKCE (RFC 7636), `state` and,
//! for OpenID Connect, `nonce`. Nothing of it can be set by the caller.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use url::Url;

use super::{ProviderMetadata, Transaction};
use crate::{hash, provider::OAuthProvider};

/// Where the browser goes with these parameters.
pub(super) fn url(
    provider: &OAuthProvider,
    metadata: &ProviderMetadata,
    parameters: &[(String, String)],
) -> Url {
    let mut url = metadata.authorization.clone();
    url.query_pairs_mut().extend_pairs(parameters);
    let fragment = provider.quirks.fragment;
    url.set_fragment((!fragment.is_empty()).then_some(fragment));
    url
}

/// All that the provider is asked.
pub(super) fn parameters(
    provider: &OAuthProvider,
    metadata: &ProviderMetadata,
    base_url: &Url,
    transaction: &Transaction,
) -> Vec<(String, String)> {
    let quirks = &provider.quirks;
    let mut parameters = vec![
        ("response_type", "code".to_owned()),
        (quirks.client_id, provider.client_id.clone()),
        ("redirect_uri", provider.callback_url(base_url).into()),
        ("state", transaction.state.clone()),
    ];
    if !provider.scopes.is_empty() {
        parameters.push(("scope", provider.scopes.join(quirks.scope_separator)));
    }
    if provider.pkce {
        parameters.push(("code_challenge", challenge(&transaction.verifier)));
        parameters.push(("code_challenge_method", "S256".to_owned()));
    }
    if metadata.oidc.is_some() {
        parameters.push(("nonce", transaction.nonce.clone()));
    }
    let own = parameters.into_iter().map(|(name, value)| (name.to_owned(), value));
    own.chain(provider.authorization_params.iter().cloned()).collect()
}

/// RFC 7636 section 4.2.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(hash::sha256(&[verifier]))
}

#[cfg(test)]
mod tests {
    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(super::challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
