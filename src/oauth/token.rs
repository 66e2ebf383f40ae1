//! The code becomes tokens (RFC 6749 section 4.1.3).

use std::pin::Pin;

use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, Client, ClientId, ClientSecret, ExtraTokenFields,
    HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, StandardRevocableToken, StandardTokenResponse,
    TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
    },
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::ProviderMetadata;
use crate::{
    error::Source,
    http_client::{HttpClient, HttpClientError},
    provider::{ClientAuthentication, OAuthProvider},
};

/// The bridge to our one way out.
impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpClientError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpClientError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// What the token endpoint gave. Not kept: the profile is read, then it is dropped.
pub(super) struct Tokens {
    pub(super) access_token: String,
    pub(super) id_token: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct OidcFields {
    id_token: Option<String>,
}

impl ExtraTokenFields for OidcFields {}

type TokenClient = Client<
    BasicErrorResponse,
    StandardTokenResponse<OidcFields, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

pub(super) async fn exchange(
    http: &HttpClient,
    provider: &OAuthProvider,
    metadata: &ProviderMetadata,
    base_url: &Url,
    code: &str,
    verifier: &str,
) -> Result<Tokens, Source> {
    let auth_type = match metadata.client_authentication {
        ClientAuthentication::Basic => AuthType::BasicAuth,
        ClientAuthentication::Post => AuthType::RequestBody,
    };
    let client = TokenClient::new(ClientId::new(provider.client_id.clone()))
        .set_client_secret(ClientSecret::new(provider.client_secret.expose().to_owned()))
        .set_auth_type(auth_type)
        .set_token_uri(TokenUrl::from_url(metadata.token.clone()))
        .set_redirect_uri(RedirectUrl::from_url(provider.callback_url(base_url)));
    let response = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
        .request_async(http)
        .await
        .map_err(without_body)?;
    if *response.token_type() != BasicTokenType::Bearer {
        return Err("the token is not a bearer token".into());
    }
    Ok(Tokens {
        access_token: response.access_token().secret().clone(),
        id_token: response.extra_fields().id_token.clone(),
    })
}

/// The error in words that cannot repeat a secret: of a refusal only its code, of a strange body nothing (IP-10).
fn without_body<E: std::error::Error + Send + Sync + 'static>(
    error: oauth2::RequestTokenError<E, BasicErrorResponse>,
) -> Source {
    match error {
        oauth2::RequestTokenError::ServerResponse(refusal) => format!(
            "the token endpoint refused: {}",
            refusal.error().as_ref().chars().take(60).collect::<String>()
        )
        .into(),
        oauth2::RequestTokenError::Request(error) => Box::new(error),
        oauth2::RequestTokenError::Parse(..) | oauth2::RequestTokenError::Other(_) => {
            "the token endpoint sent something else than a token".into()
        }
    }
}
