//! The way out: one HTTP client for all providers and mail services, with hard limits.
//!
//! No redirect is followed (IP-06), no cookie kept, no answer over 1 MB read (IP-04), and everything ends after
//! ten seconds, a slow drip included (IP-05). Bodies are never decompressed, so a small one stays small.

use std::time::Duration;

use http::{
    HeaderValue, Request, Response,
    header::{self, InvalidHeaderValue},
};
use serde::de::DeserializeOwned;
use url::Url;

const DEADLINE: Duration = Duration::from_secs(10);
const MAX_BODY: usize = 1 << 20;

/// Why an answer could not be had. The texts hold no body: it may repeat a secret.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// No connection, or no trust: the request was not sent.
    #[error("no answer from {0}: {1}")]
    NoConnection(String, String),
    /// No answer in time, or not the whole of it: whatever was asked for may have been done.
    #[error("no answer from {0}: {1}")]
    Unreachable(String, String),
    /// The body is longer than anything sensible.
    #[error("the answer of {0} is over 1 MB")]
    TooLarge(String),
    /// Not a success.
    #[error("{0} answered {1}")]
    Status(String, http::StatusCode),
    /// It cannot answer now (429 or 5xx), and may have said for how long.
    #[error("{0} answered {1}")]
    Busy(String, http::StatusCode, Option<Duration>),
    /// Not the JSON that it should be.
    #[error("{0} sent something else than the expected JSON")]
    Malformed(String),
}

/// The client.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: reqwest::Client,
}

/// `Authorization: Bearer` (RFC 6750 section 2.1).
pub(crate) fn bearer(token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    secret_header(&format!("Bearer {token}"))
}

/// A header that no log shows.
pub(crate) fn secret_header(value: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}

/// What a host changes about the client.
pub(crate) type Customize = Box<dyn FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send>;

impl HttpClient {
    /// `customize` comes first, so that it cannot lift a limit.
    pub(crate) fn new(customize: Option<Customize>) -> Result<Self, reqwest::Error> {
        // Else a program that chose no implementation of TLS would end here. One that did keeps its own: this changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A proxy that the environment names for other programs would see the tokens.
        let builder = reqwest::Client::builder().no_proxy();
        let builder = match customize {
            Some(customize) => customize(builder),
            None => builder,
        };
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .timeout(DEADLINE)
            .connect_timeout(DEADLINE / 2)
            .referer(false)
            // GitHub and Reddit refuse requests without one.
            .user_agent("leptos-auth")
            .build()?;
        Ok(Self { client })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpClientError> {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        // `without_url`: a query can hold an access token.
        let unreachable = |error: reqwest::Error| {
            let is_connecting = error.is_connect();
            let reason = crate::error::chain(&error.without_url());
            if is_connecting {
                HttpClientError::NoConnection(host.clone(), reason)
            } else {
                HttpClientError::Unreachable(host.clone(), reason)
            }
        };
        let request = reqwest::Request::try_from(request).map_err(unreachable)?;
        let mut answer = self.client.execute(request).await.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(HttpClientError::TooLarge(host));
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }

    /// GET, expecting JSON.
    pub(crate) async fn get_json<T: DeserializeOwned>(
        &self,
        url: &Url,
        access_token: Option<&str>,
    ) -> Result<T, HttpClientError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let malformed = || HttpClientError::Malformed(host.clone());
        let mut request = Request::get(url.as_str()).header(header::ACCEPT, "application/json");
        if let Some(token) = access_token {
            request = request.header(header::AUTHORIZATION, bearer(token).map_err(|_| malformed())?);
        }
        self.json(request.body(Vec::new()).map_err(|_| malformed())?).await
    }

    /// Sends a request, expecting a success and JSON.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<T, HttpClientError> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let response = self.send(request).await?;
        if !response.status().is_success() {
            return Err(HttpClientError::Status(host, response.status()));
        }
        serde_json::from_slice(response.body()).map_err(|_| HttpClientError::Malformed(host))
    }
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3); its other form, a date, is rare and not read.
pub(crate) fn retry_after(response: &Response<Vec<u8>>) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
