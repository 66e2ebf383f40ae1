//! The token endpoint: the code becomes tokens (RFC 6749 section 4.1.3), a refresh token new ones (section 6).

use std::{pin::Pin, time::Duration};

use http::{StatusCode, header};
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, Client, ClientId, ClientSecret, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
        BasicTokenIntrospectionResponse, BasicTokenType,
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
        Box::pin(async move {
            let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
            let response = self.send(request).await?;
            let status = response.status();
            if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
                return Err(HttpClientError::Busy(host, status, retry_after(&response)));
            }
            Ok(response)
        })
    }
}

/// What the token endpoint gave (RFC 6749 section 5.1). Without `Debug`: all of it is secret.
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
    pub(crate) expires_in: Option<Duration>,
    /// What was granted; `None` when it is what was asked for.
    pub(crate) scope: Option<String>,
}

/// Why there are no new tokens.
pub(crate) enum RefreshError {
    /// They will never come: the person has to sign in again.
    Refused(String),
    /// They may come later.
    Unavailable {
        /// What the provider said of that.
        retry_after: Option<Duration>,
        /// The cause, for the log.
        reason: Source,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct OidcFields {
    id_token: Option<String>,
}

impl ExtraTokenFields for OidcFields {}

type TokenAnswer = StandardTokenResponse<OidcFields, BasicTokenType>;
type TokenError = RequestTokenError<HttpClientError, BasicErrorResponse>;
type TokenClient<HasTokenUrl = EndpointNotSet> = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    HasTokenUrl,
>;

pub(super) async fn exchange(
    http: &HttpClient,
    provider: &OAuthProvider,
    metadata: &ProviderMetadata,
    base_url: &Url,
    code: &str,
    verifier: &str,
) -> Result<Tokens, Source> {
    let response = client(provider, metadata)
        .set_redirect_uri(RedirectUrl::from_url(provider.callback_url(base_url)))
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
        .request_async(http)
        .await
        .map_err(without_body)?;
    read(&response)
}

pub(super) async fn refresh(
    http: &HttpClient,
    provider: &OAuthProvider,
    metadata: &ProviderMetadata,
    refresh_token: &str,
) -> Result<Tokens, RefreshError> {
    let response = client(provider, metadata)
        .exchange_refresh_token(&RefreshToken::new(refresh_token.to_owned()))
        .request_async(http)
        .await;
    match response {
        Ok(response) => read(&response).map_err(RefreshError::unavailable),
        Err(error) if is_refusal(&error) => Err(RefreshError::Refused(without_body(error).to_string())),
        Err(RequestTokenError::Request(HttpClientError::Busy(host, status, retry_after))) => {
            let reason = HttpClientError::Busy(host, status, retry_after).into();
            Err(RefreshError::Unavailable { retry_after, reason })
        }
        Err(error) => Err(RefreshError::unavailable(without_body(error))),
    }
}

impl RefreshError {
    pub(super) fn unavailable(reason: Source) -> Self {
        Self::Unavailable { retry_after: None, reason }
    }
}

fn client(provider: &OAuthProvider, metadata: &ProviderMetadata) -> TokenClient<EndpointSet> {
    let auth_type = match metadata.client_authentication {
        ClientAuthentication::Basic => AuthType::BasicAuth,
        ClientAuthentication::Post => AuthType::RequestBody,
    };
    TokenClient::new(ClientId::new(provider.client_id.clone()))
        .set_client_secret(ClientSecret::new(provider.client_secret.expose().to_owned()))
        .set_auth_type(auth_type)
        .set_token_uri(TokenUrl::from_url(metadata.token.clone()))
}

fn read(response: &TokenAnswer) -> Result<Tokens, Source> {
    if *response.token_type() != BasicTokenType::Bearer {
        return Err("the token is not a bearer token".into());
    }
    let scope =
        |scopes: &Vec<oauth2::Scope>| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ");
    Ok(Tokens {
        access_token: response.access_token().secret().clone(),
        refresh_token: response.refresh_token().map(|token| token.secret().clone()),
        id_token: response.extra_fields().id_token.clone(),
        expires_in: response.expires_in(),
        scope: response.scopes().map(scope),
    })
}

/// Whether the grant is gone for good (RFC 6749 section 5.2). Any other error is ours or the provider's, not the
/// person's: a wrong client secret must not cost all users their tokens.
fn is_refusal(error: &TokenError) -> bool {
    let is_gone = |refusal: &BasicErrorResponse| match refusal.error() {
        BasicErrorResponseType::InvalidGrant => true,
        // GitHub's word, in an answer with status 200.
        BasicErrorResponseType::Extension(code) => code == "bad_refresh_token",
        _ => false,
    };
    match error {
        RequestTokenError::ServerResponse(refusal) => is_gone(refusal),
        RequestTokenError::Parse(_, body) => {
            serde_json::from_slice(body).is_ok_and(|refusal| is_gone(&refusal))
        }
        _ => false,
    }
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3); its other form, a date, is rare and not read.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The error in words that cannot repeat a secret: of a refusal only its code, of a strange body nothing (IP-10).
fn without_body(error: TokenError) -> Source {
    match error {
        RequestTokenError::ServerResponse(refusal) => format!(
            "the token endpoint refused: {}",
            refusal.error().as_ref().chars().take(60).collect::<String>()
        )
        .into(),
        RequestTokenError::Request(error) => Box::new(error),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            "the token endpoint sent something else than a token".into()
        }
    }
}
