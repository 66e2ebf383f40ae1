//! Checks for `doctor` whether a provider can be reached and matches its settings. Rule: the request and the check of the
//! response use the server's own code, so that the two cannot disagree.

use std::sync::Arc;

use http::header;
use url::Url;

use super::{discovered, discovery, template};
use crate::{
    config::{ConfigError, Environment, OutboundProxy},
    error::{self, Source},
    http_client::{HttpClient, HttpClientError},
    provider::{Endpoints, OAuthProvider},
};

/// Checks providers with the same requests as the server.
pub struct ProviderChecker {
    http: HttpClient,
}

/// The result of checking a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderCheck {
    /// Why users cannot sign in with it, as text for the operator. `None` if nothing is wrong.
    pub problem: Option<String>,
    /// The `Date` header of its response, if there was one.
    pub date: Option<String>,
}

impl ProviderChecker {
    /// Creates a checker with the outbound proxy of these variables.
    ///
    /// # Errors
    /// Returns what is wrong with the variables, or with the certificates of this machine.
    pub fn new(env: &Environment) -> Result<Self, String> {
        let proxy = OutboundProxy::from_environment(env);
        let proxy = proxy
            .map_err(|errors| errors.iter().map(ConfigError::to_string).collect::<Vec<_>>().join(" "))?;
        let http = HttpClient::new(None, &proxy);
        let http = http.map_err(|error| {
            format!("there are no certificates on this machine: {}", error::chain(&error))
        })?;
        Ok(Self { http })
    }

    /// Sends one request without credentials.
    pub async fn check(&self, provider: &OAuthProvider) -> ProviderCheck {
        let mut date = None;
        let checked = match &provider.endpoints {
            Endpoints::Issuer(issuer) => self.issuer(provider, issuer, &mut date).await,
            // A GET request cannot get a token; any response shows that the endpoint can be reached.
            Endpoints::Fixed(endpoints) => self.anything(&endpoints.token, &mut date).await,
            Endpoints::OAuth1(endpoints) => self.anything(&endpoints.request_token, &mut date).await,
        };
        let problem = checked.err().map(|error| match error.downcast_ref() {
            Some(HttpClientError::NoConnection(..) | HttpClientError::Unreachable(..)) => {
                format!("cannot be reached: {}", error::chain(&*error))
            }
            _ => error::chain(&*error),
        });
        ProviderCheck { problem, date }
    }

    async fn anything(&self, url: &str, date: &mut Option<String>) -> Result<(), Source> {
        let response = self.http.get(&Url::parse(url)?).await?;
        *date = date_of(&response);
        Ok(())
    }

    async fn issuer(
        &self,
        provider: &OAuthProvider,
        issuer: &str,
        date: &mut Option<String>,
    ) -> Result<(), Source> {
        let (url, response) = discovery::ask(&self.http, issuer).await?;
        *date = date_of(&response);
        let metadata = discovery::read(&url, &response, issuer, template(provider, issuer).as_deref())?;
        discovered(provider, Arc::new(metadata)).map(drop)
    }
}

fn date_of<B>(response: &http::Response<B>) -> Option<String> {
    response.headers().get(header::DATE)?.to_str().ok().map(str::to_owned)
}
