//! Pushed authorization requests (RFC 9126): the server sends the parameters of a sign-in to the provider, and the browser
//! carries only a reference to them.

use http::StatusCode;

use super::{
    OAuthClient, ProviderMetadata,
    members::{self, Members, text},
    token,
};
use crate::{error::Source, http_client::HttpClientError};

/// Sends the parameters; what they are called from now on.
pub(super) async fn push(
    client: &OAuthClient,
    metadata: &ProviderMetadata,
    parameters: &[(String, String)],
) -> Result<String, Source> {
    let endpoint =
        metadata.oidc.as_ref().and_then(|oidc| oidc.pushed_authorization_request_endpoint.as_ref());
    let endpoint = endpoint.ok_or("the provider names no endpoint for pushed requests")?;
    let form: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let response = client.http.send(client.form_request(metadata, endpoint, &form)?).await?;
    if let Some(code) = token::refusal(&response) {
        return Err(format!("the provider refused the pushed request: {code}").into());
    }
    // RFC 9126 section 2.2 says 201; some say 200.
    if !matches!(response.status(), StatusCode::OK | StatusCode::CREATED) {
        return Err(HttpClientError::Malformed(endpoint.authority().to_owned()).into());
    }
    let answer = members::object("answer to a pushed request", response.body())?;
    let request_uri = Members::new("answer to a pushed request", &answer).required("request_uri", text)?;
    let is_name = !request_uri.is_empty() && request_uri.len() <= 2048;
    is_name.then(|| request_uri.to_owned()).ok_or_else(|| "the provider gave the request no name".into())
}
