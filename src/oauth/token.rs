//! The token endpoint: exchanges the code for tokens (RFC 6749 section 4.1.3), and refreshes tokens (section 6).

use std::time::Duration;

use http::{Response, StatusCode};
use serde_json::{Map, Value};
use url::Url;

use super::{
    OAuthClient, ProviderMetadata,
    members::{self, MemberError, Members, text},
};
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
    #[error("the token endpoint sent something else than a token: {0}")]
    Strange(&'static str),
    /// Like `Strange`, with the name of the member that is wrong.
    #[error("the token endpoint sent something else than a token: {0}")]
    Member(#[from] MemberError),
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
    // Some services include these members in every response.
    let is_error = |value: &&Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        _ => true,
    };
    // GitHub and WeChat refuse with status 200.
    let code = ["error", "errcode"].iter().find_map(|name| members.get(*name).filter(is_error));
    if let Some(error) = code {
        let code = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
        return Some(code.chars().filter(|c| !c.is_control()).take(60).collect());
    }
    (!response.status().is_success()).then(|| response.status().as_u16().to_string())
}

fn read(response: &Response<Vec<u8>>) -> Result<Tokens, TokenError> {
    if let Some(code) = refusal(response) {
        return Err(TokenError::Refused(code));
    }
    let members = members::object("token answer", response.body())?;
    let answer = Members::new("token answer", &members);
    let access_token = answer.required("access_token", text)?;
    if access_token.is_empty() {
        return Err(TokenError::Strange("access_token is empty"));
    }
    // WeChat omits it.
    if answer.text("token_type").is_some_and(|kind| !kind.trim().eq_ignore_ascii_case("bearer")) {
        return Err(TokenError::Strange("token_type is not Bearer"));
    }
    let owned = |name| answer.text(name).map(str::to_owned);
    Ok(Tokens {
        access_token: access_token.to_owned(),
        token_secret: None,
        refresh_token: owned("refresh_token"),
        id_token: owned("id_token"),
        expires_in: answer.value("expires_in").and_then(lifetime),
        scope: scope(answer),
        answer: members.clone(),
    })
}

/// Reads a number of seconds, or a string with one. Mailchimp's 0 means that the token does not expire.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::String(text) => text.trim().parse().ok()?,
        value => value.as_f64()?,
    };
    Duration::try_from_secs_f64(seconds.floor()).ok().filter(|lifetime| !lifetime.is_zero())
}

/// Reads a string, or a list of strings as Twitch sends it.
fn scope(answer: Members<'_>) -> Option<String> {
    answer.texts("scope").map(|scopes| scopes.join(" ")).or_else(|| answer.text("scope").map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::oauth::tests::any_json;

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

    #[test]
    fn i_06_odd_members_that_are_not_needed_are_absent() {
        for (name, value) in [
            ("expires_in", "null"),
            ("expires_in", "\"soon\""),
            ("expires_in", "-5"),
            ("expires_in", "[60]"),
            ("expires_in", "1e300"),
            ("scope", "null"),
            ("scope", "[]"),
            ("scope", "[null, 7]"),
            ("scope", "7"),
            ("token_type", "null"),
            ("token_type", "\"\""),
            ("token_type", "7"),
            ("refresh_token", "null"),
            ("refresh_token", "{}"),
            ("id_token", "\"\""),
            ("id_token", "[\"x\"]"),
            ("error", "null"),
            ("error", "\"\""),
            ("error", "false"),
            ("errcode", "0"),
        ] {
            let tokens = answer(200, &format!(r#"{{"access_token":"a","{name}":{value}}}"#));
            let tokens = tokens.unwrap_or_else(|error| panic!("{name} {value}: {error}"));
            assert_eq!(
                (tokens.expires_in, tokens.scope, tokens.id_token),
                (None, None, None),
                "{name} {value}"
            );
            assert_eq!(tokens.refresh_token, None, "{name} {value}");
        }
        for (value, seconds) in [("60.9", 60), ("\"60\"", 60), ("\" 60 \"", 60), ("6e1", 60)] {
            let tokens =
                answer(200, &format!(r#"{{"access_token":"a","expires_in":{value}}}"#)).ok().unwrap();
            assert_eq!(tokens.expires_in, Some(Duration::from_secs(seconds)), "{value}");
        }
    }

    #[test]
    fn i_06_an_error_names_the_member() {
        for (body, problem) in [
            ("{}", "the token answer lacks access_token"),
            (r#"{"access_token":null}"#, "the token answer lacks access_token"),
            (r#"{"access_token":7}"#, "access_token of the token answer has the wrong type"),
            (r#"{"access_token":""}"#, "access_token is empty"),
            (r#"{"access_token":"a","token_type":"mac"}"#, "token_type is not Bearer"),
            ("[]", "the token answer is not a JSON object"),
        ] {
            let error = answer(200, body).err().unwrap().to_string();
            assert!(error.ends_with(problem), "{body}: {error}");
        }
    }

    proptest! {
        #[test]
        fn i_06_no_optional_member_makes_an_answer_useless(
            members in proptest::collection::btree_map(
                prop_oneof![
                    Just("expires_in".to_owned()), Just("scope".to_owned()), Just("refresh_token".to_owned()),
                    Just("id_token".to_owned()), Just("state".to_owned()),
                    "[a-z_]{1,10}".prop_filter("needed", |name| {
                        !["access_token", "token_type", "error", "errcode"].contains(&name.as_str())
                    }),
                ],
                any_json(),
                0..6,
            )
        ) {
            let mut body = json!(members);
            body["access_token"] = json!("a");
            prop_assert_eq!(answer(200, &body.to_string()).ok().unwrap().access_token, "a");
        }

        #[test]
        fn i_06_any_bytes_are_an_answer_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..60), status in 200_u16..600) {
            let _ = read(&Response::builder().status(status).body(bytes).unwrap());
        }
    }
}
