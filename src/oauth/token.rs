//! The token endpoint: the code becomes tokens (RFC 6749 section 4.1.3), a refresh token new ones (section 6).

use std::time::Duration;

use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::{OAuthClient, ProviderMetadata};
use crate::{
    error::Source,
    http_client::{HttpClientError, retry_after},
};

/// What the token endpoint gave (RFC 6749 section 5.1). Without `Debug`: all of it is secret.
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    /// OAuth 1: what requests with the token are signed by.
    pub(crate) token_secret: Option<String>,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
    pub(crate) expires_in: Option<Duration>,
    /// What was granted; `None` when it is what was asked for.
    pub(crate) scope: Option<String>,
    /// The whole answer: some services say in it who it was.
    pub(super) answer: Map<String, Value>,
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

/// Why the token endpoint gave nothing.
#[derive(Debug, thiserror::Error)]
enum TokenError {
    /// It says so, with a code (RFC 6749 section 5.2).
    #[error("the token endpoint refused: {0}")]
    Refused(String),
    /// It sent what is no answer. The text holds nothing of it: it may repeat a secret (IP-10).
    #[error("the token endpoint sent something else than a token")]
    Strange,
    /// It was not asked: we cannot prove who we are.
    #[error("the token endpoint cannot be asked: {0}")]
    Unsent(#[source] Source),
    #[error(transparent)]
    Http(#[from] HttpClientError),
}

impl RefreshError {
    pub(super) fn unavailable(reason: Source) -> Self {
        Self::Unavailable { retry_after: None, reason }
    }
}

pub(super) async fn exchange(
    client: &OAuthClient,
    metadata: &ProviderMetadata,
    base_url: &Url,
    code: &str,
    verifier: &str,
) -> Result<Tokens, Source> {
    let redirect_uri = client.provider.callback_url(base_url);
    let mut form =
        vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_uri.as_str())];
    if client.provider.pkce {
        form.push(("code_verifier", verifier));
    }
    Ok(ask(client, metadata, form).await?)
}

pub(super) async fn refresh(
    client: &OAuthClient,
    metadata: &ProviderMetadata,
    refresh_token: &str,
) -> Result<Tokens, RefreshError> {
    let form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    ask(client, metadata, form).await.map_err(|error| match error {
        // The grant is gone for good; the second word is GitHub's. Any other error is ours or the provider's, not the
        // person's: a wrong client secret must not cost all users their tokens.
        TokenError::Refused(code) if matches!(code.as_str(), "invalid_grant" | "bad_refresh_token") => {
            RefreshError::Refused(TokenError::Refused(code).to_string())
        }
        TokenError::Http(HttpClientError::Busy(host, status, retry_after)) => {
            let reason = HttpClientError::Busy(host, status, retry_after).into();
            RefreshError::Unavailable { retry_after, reason }
        }
        error => RefreshError::unavailable(error.into()),
    })
}

async fn ask(
    client: &OAuthClient,
    metadata: &ProviderMetadata,
    mut form: Vec<(&str, &str)>,
) -> Result<Tokens, TokenError> {
    form.extend(client.provider.quirks.token_params);
    let request = client.form_request(metadata, &metadata.token, &form).map_err(TokenError::Unsent)?;
    let response = client.http.send(request).await?;
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        let host = metadata.token.authority().to_owned();
        return Err(HttpClientError::Busy(host, status, retry_after(&response)).into());
    }
    read(&response)
}

/// The code with which an endpoint refuses (RFC 6749 section 5.2), or the status where it gives none.
pub(super) fn refusal(response: &Response<Vec<u8>>) -> Option<String> {
    let members: Map<String, Value> = serde_json::from_slice(response.body()).unwrap_or_default();
    // GitHub and WeChat refuse with status 200.
    if let Some(error) = members.get("error").or_else(|| members.get("errcode")) {
        let code = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
        return Some(code.chars().filter(|c| !c.is_control()).take(60).collect());
    }
    (!response.status().is_success()).then(|| response.status().as_u16().to_string())
}

/// The members of an answer that we use, as the standard has them and as services send them.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    /// WeChat leaves it out.
    token_type: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    /// A number, or a text of one.
    #[serde(default)]
    expires_in: Value,
    /// A text, or a list of them as Twitch sends it.
    #[serde(default)]
    scope: Value,
}

fn read(response: &Response<Vec<u8>>) -> Result<Tokens, TokenError> {
    let members: Map<String, Value> =
        serde_json::from_slice(response.body()).map_err(|_| TokenError::Strange)?;
    if let Some(code) = refusal(response) {
        return Err(TokenError::Refused(code));
    }
    let answer = Answer::deserialize(&members).map_err(|_| TokenError::Strange)?;
    let is_bearer = answer.token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    if !is_bearer || answer.access_token.is_empty() {
        return Err(TokenError::Strange);
    }
    let seconds = answer.expires_in.as_u64().or_else(|| answer.expires_in.as_str()?.parse().ok());
    // Mailchimp's 0 means that the token does not end.
    let seconds = seconds.filter(|seconds| *seconds > 0);
    let scopes =
        answer.scope.as_array().map(|list| list.iter().filter_map(Value::as_str).collect::<Vec<_>>());
    Ok(Tokens {
        access_token: answer.access_token,
        token_secret: None,
        refresh_token: answer.refresh_token.filter(|token| !token.is_empty()),
        id_token: answer.id_token,
        expires_in: seconds.map(Duration::from_secs),
        scope: scopes.map(|list| list.join(" ")).or_else(|| answer.scope.as_str().map(str::to_owned)),
        answer: members,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Tokens, TokenError> {
        let response = Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap();
        read(&response)
    }

    #[test]
    fn services_write_the_same_answer_in_several_ways() {
        for body in [
            r#"{"access_token":"a","token_type":"Bearer","expires_in":60,"scope":"x y"}"#,
            r#"{"access_token":"a","token_type":"bearer","expires_in":"60","scope":["x","y"]}"#,
            r#"{"access_token":"a","expires_in":60,"scope":"x y","refresh_token":""}"#,
        ] {
            let tokens = answer(200, body).ok().unwrap();
            assert_eq!(tokens.expires_in, Some(Duration::from_secs(60)), "{body}");
            assert_eq!((tokens.scope.as_deref(), tokens.refresh_token), (Some("x y"), None), "{body}");
        }
    }

    #[test]
    fn oa_22_ip_10_what_is_no_token_is_refused_without_a_word_of_it() {
        for (status, body) in [
            (200, r#"{"access_token":"canary","token_type":"mac"}"#),
            (200, r#"{"access_token":"","token_type":"bearer"}"#),
            (200, r#"{"access_token":["canary"]}"#),
            (200, "access_token=canary"),
            (200, "<html>canary</html>"),
            (400, r#"{"error":"invalid_client","error_description":"canary"}"#),
            (200, r#"{"error":"bad_verification_code","access_token":"canary"}"#),
            (200, r#"{"errcode":40029,"errmsg":"canary"}"#),
            (403, r#"{"access_token":"canary"}"#),
            // Twitch.
            (400, r#"{"status":400,"message":"canary"}"#),
        ] {
            let error = answer(status, body).err().unwrap();
            assert!(!error.to_string().contains("canary"), "{body}: {error}");
        }
    }
}
