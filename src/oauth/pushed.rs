//! Pushed authorization requests (RFC 9126): the parameters of a sign-in go to the provider from here, and the browser
//! takes along only a name for them.

use http::StatusCode;
use serde::Deserialize;

use super::{OAuthClient, ProviderMetadata, token};
use crate::{error::Source, http_client::HttpClientError};

#[derive(Deserialize)]
struct Answer {
    request_uri: String,
}

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
    let answer: Answer = match response.status() {
        StatusCode::OK | StatusCode::CREATED => serde_json::from_slice(response.body()).ok(),
        _ => None,
    }
    .ok_or_else(|| HttpClientError::Malformed(endpoint.authority().to_owned()))?;
    let is_name = !answer.request_uri.is_empty() && answer.request_uri.len() <= 2048;
    is_name.then_some(answer.request_uri).ok_or_else(|| "the provider gave the request no name".into())
}
