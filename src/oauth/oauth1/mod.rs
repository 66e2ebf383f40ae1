//! The protocol steps of OAuth 1.0 (RFC 5849), and of its first edition.
//!
//! [`OAuth1`] is what we know of one such provider: it gets temporary credentials, sends the browser to the service with
//! them, and turns its way back into token credentials and a person. The temporary token takes the place of `state`:
//! the browser brings it back, and only the one that holds the cookie with its secret can use it (O1-01, O1-03).

mod answer;
mod request;
mod signature;

use std::time::Duration;

use http::{HeaderValue, Method, Request, header};
use serde_json::Value;
use url::Url;

pub use signature::SignatureMethod;
pub(crate) use signature::{Signer, Unsigned};

use super::endpoint;
use crate::{
    clock::Timestamp,
    error::Source,
    http_client::{HttpClient, HttpClientError},
    provider::{OAuth1Endpoints, OAuth1Version, Whoami, expression},
    secret::Secret,
};
use answer::Answer;

/// A token and its secret: the temporary ones of a running sign-in, or those that it ends with (RFC 5849 section 1.1).
/// Without `Debug`: both are secret.
pub(crate) struct TokenCredentials {
    pub(crate) token: String,
    pub(crate) secret: String,
}

/// One provider that speaks OAuth 1: its endpoints, checked, and what we sign with.
pub(crate) struct OAuth1 {
    request_token: (Method, Url),
    pub(super) authorization: Url,
    access_token: Url,
    userinfo: String,
    whoami: Option<Whoami>,
    version: OAuth1Version,
    pub(crate) signer: Signer,
}

/// What a step needs of the world.
#[derive(Clone, Copy)]
pub(crate) struct World<'w> {
    pub(crate) http: &'w HttpClient,
    pub(crate) now: Timestamp,
}

impl OAuth1 {
    /// # Errors
    /// Which URL or key cannot be used, as half of a sentence.
    pub(crate) fn new(
        endpoints: &OAuth1Endpoints,
        client_id: &str,
        client_secret: &Secret,
    ) -> Result<Self, String> {
        let OAuth1Endpoints { userinfo, whoami, .. } = endpoints;
        // The name that is put in stands behind the host.
        endpoint("userinfo", &userinfo.replace(['{', '}'], ""))?;
        if let Some(whoami) = whoami {
            endpoint("the name", &whoami.url)?;
        }
        let method = if endpoints.request_token_by_get { Method::GET } else { Method::POST };
        let signer = Signer::new(client_id, client_secret, endpoints.signature)
            .map_err(|problem| format!("has a secret that {problem}"))?;
        Ok(Self {
            request_token: (method, endpoint("temporary credentials", &endpoints.request_token)?),
            authorization: endpoint("authorization", &endpoints.authorization)?,
            access_token: endpoint("tokens", &endpoints.access_token)?,
            userinfo: userinfo.clone(),
            whoami: whoami.clone(),
            version: endpoints.version,
            signer,
        })
    }

    /// Temporary credentials (section 2.1), and where the browser goes with them (section 2.2).
    pub(super) async fn begin(
        &self,
        world: World<'_>,
        callback_url: &Url,
        authorization_params: &[(String, String)],
    ) -> Result<(Url, TokenCredentials), Source> {
        let (method, url) = &self.request_token;
        let callback = ("oauth_callback", callback_url.as_str());
        let is_revised = self.version == OAuth1Version::V1_0a;
        let step: &[_] = if is_revised { &[callback] } else { &[] };
        let answer = Answer::read(&self.send(world, method, url, None, step, "*/*").await?)?;
        // Without it the service may ignore the callback URL, and send no verifier.
        if is_revised && !answer.is_callback_confirmed() {
            return Err("the provider has not confirmed the callback URL".into());
        }
        let mut to = self.authorization.clone();
        to.query_pairs_mut()
            .extend_pairs(authorization_params)
            .append_pair("oauth_token", &answer.credentials.token)
            .extend_pairs((!is_revised).then_some(callback));
        Ok((to, answer.credentials))
    }

    /// Token credentials for the temporary ones (section 2.3), and how long they live if the service says so. Without a
    /// verifier only where the first edition is spoken, which has none (O1-02).
    pub(super) async fn exchange(
        &self,
        world: World<'_>,
        temporary: &TokenCredentials,
        verifier: Option<&str>,
    ) -> Result<(TokenCredentials, Option<Duration>), Source> {
        let step: Vec<_> = match (self.version, verifier) {
            (OAuth1Version::V1_0, _) => Vec::new(),
            (OAuth1Version::V1_0a, Some(verifier)) => vec![("oauth_verifier", verifier)],
            (OAuth1Version::V1_0a, None) => return Err("the callback has no verifier".into()),
        };
        let url = &self.access_token;
        let answer = self.send(world, &Method::POST, url, Some(temporary), &step, "*/*").await?;
        let answer = Answer::read(&answer)?;
        let expires_in = answer.expires_in();
        Ok((answer.credentials, expires_in))
    }

    /// Who the token speaks for (section 3).
    pub(super) async fn person(&self, world: World<'_>, token: &TokenCredentials) -> Result<Value, Source> {
        let name = match &self.whoami {
            Some(whoami) => Some(self.name(world, token, whoami).await?),
            None => None,
        };
        let url = expression::fill(&self.userinfo, |_| name.clone()).unwrap_or_default();
        let url = Url::parse(&url)?;
        let answer = self.send(world, &Method::GET, &url, Some(token), &[], "application/json").await?;
        let answer: Value =
            serde_json::from_slice(&answer).map_err(|_| HttpClientError::Malformed(host(&url)))?;
        let person = match (&self.whoami, &name) {
            (Some(whoami), Some(name)) => {
                let people = answer[whoami.list].as_array().map(Vec::as_slice).unwrap_or_default();
                people.iter().find(|person| person[whoami.name] == name.as_str()).cloned()
            }
            _ => Some(answer),
        };
        person.filter(Value::is_object).ok_or_else(|| "the provider does not say who it was".into())
    }

    async fn name(
        &self,
        world: World<'_>,
        token: &TokenCredentials,
        whoami: &Whoami,
    ) -> Result<String, Source> {
        let url = Url::parse(&whoami.url)?;
        let name = self.send(world, &Method::GET, &url, Some(token), &[], "text/plain").await?;
        let name = String::from_utf8(name).unwrap_or_default();
        let name = name.trim();
        let is_name = !name.is_empty() && name.len() <= 255 && !name.contains(char::is_control);
        is_name.then(|| name.to_owned()).ok_or_else(|| "the provider does not say who it was".into())
    }

    /// Sends a signed request without a body.
    async fn send(
        &self,
        World { http, now }: World<'_>,
        method: &Method,
        url: &Url,
        token: Option<&TokenCredentials>,
        step: &[(&str, &str)],
        accept: &'static str,
    ) -> Result<Vec<u8>, Source> {
        let authorization =
            self.signer.authorization(&Unsigned { method, url, form: &[] }, token, step, now)?;
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(header::ACCEPT, HeaderValue::from_static(accept))
            .header(header::AUTHORIZATION, authorization);
        if method == Method::POST {
            // The client leaves it out when there is no body, and some servers then answer 411 (RFC 9110 section 8.6).
            request = request.header(header::CONTENT_LENGTH, 0);
        }
        let response = http.send(request.body(Vec::new())?).await?;
        if !response.status().is_success() {
            return Err(HttpClientError::Status(host(url), response.status()).into());
        }
        Ok(response.into_body())
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ip_08_endpoints_are_https() {
        let good = || {
            OAuth1Endpoints::new(
                "https://a.test/r",
                "https://a.test/a",
                "https://a.test/t",
                "https://a.test/{whoami}",
            )
        };
        let problem =
            |endpoints: OAuth1Endpoints| OAuth1::new(&endpoints, "id", &Secret::new("secret")).err();
        assert_eq!(problem(good()), None, "control");
        for url in ["http://a.test/", "ftp://a.test/", "/r", "", "https://"] {
            let url = url.to_owned();
            let whoami = Whoami { url: url.clone(), list: "", name: "" };
            for endpoints in [
                OAuth1Endpoints { request_token: url.clone(), ..good() },
                OAuth1Endpoints { authorization: url.clone(), ..good() },
                OAuth1Endpoints { access_token: url.clone(), ..good() },
                OAuth1Endpoints { userinfo: url.clone(), ..good() },
                OAuth1Endpoints { whoami: Some(whoami), ..good() },
            ] {
                assert!(problem(endpoints).is_some_and(|problem| problem.contains("not https")), "{url}");
            }
        }
        let rsa = OAuth1Endpoints { signature: SignatureMethod::RsaSha1, ..good() };
        assert_eq!(problem(rsa).as_deref(), Some("has a secret that is not a private key in PEM"));
    }
}
