//! Outbound HTTP client shared by providers, mail services and the audit webhook, with hard limits.
//!
//! It follows no redirect (IP-06), keeps no cookies, reads at most 1 MB of a response (IP-04), and ends every request after
//! ten seconds, even if bytes still arrive slowly (IP-05). Bodies are never decompressed, so a small one stays small.

use std::time::Duration;

use http::{
    HeaderValue, Request, Response,
    header::{self, InvalidHeaderValue},
};
use reqwest::{ClientBuilder, NoProxy, Proxy};
use serde::de::DeserializeOwned;
use url::Url;

use crate::config::{OutboundProxy, is_loopback};

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
    /// The response is a redirect, which is never followed.
    #[error("{0} answered {1} and redirects to {2}")]
    Redirect(String, http::StatusCode, Box<Url>),
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
    /// A hint that is added to connection errors in the log.
    hint: Option<String>,
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
pub(crate) type Customize = Box<dyn FnOnce(ClientBuilder) -> ClientBuilder + Send>;

impl HttpClient {
    /// `customize` comes first, so that it cannot lift a limit.
    pub(crate) fn new(customize: Option<Customize>, proxy: &OutboundProxy) -> Result<Self, reqwest::Error> {
        // Else a program that chose no implementation of TLS would end here. One that did keeps its own: this changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The proxy variables of other programs are used only if the operator says so.
        let builder = with_proxy(reqwest::Client::builder().no_proxy(), proxy)?;
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
        let hint = proxy.ignored.map(|variable| {
            format!("{variable} is set but not used: AUTH_OUTBOUND_PROXY=env lets this server use it")
        });
        Ok(Self { client, hint })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpClientError> {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        // `without_url`: a query can hold an access token.
        let unreachable = |error: reqwest::Error| {
            let is_connecting = error.is_connect();
            let mut reason = crate::error::chain(&error.without_url());
            if let Some(hint) = &self.hint {
                reason = format!("{reason}. {hint}");
            }
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

    /// Sends a GET request that accepts JSON. The caller checks the status with [`success`].
    pub(crate) async fn get(&self, url: &Url) -> Result<Response<Vec<u8>>, HttpClientError> {
        let request = Request::get(url.as_str()).header(header::ACCEPT, "application/json").body(Vec::new());
        self.send(request.map_err(|_| HttpClientError::Malformed(host(url)))?).await
    }

    /// Sends a GET request and expects a success status and JSON.
    pub(crate) async fn get_json<T: DeserializeOwned>(
        &self,
        url: &Url,
        access_token: Option<&str>,
    ) -> Result<T, HttpClientError> {
        let host = host(url);
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

/// # Errors
/// If the response to a GET of `url` is not a success. For a redirect the error names its target, without query and
/// fragment, which can contain secrets.
pub(crate) fn success(url: &Url, response: &Response<Vec<u8>>) -> Result<(), HttpClientError> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let target = location.filter(|_| status.is_redirection()).and_then(|location| url.join(location).ok());
    Err(match target {
        Some(mut target) if target.as_str().len() <= 300 => {
            target.set_query(None);
            target.set_fragment(None);
            let _ = target.set_username("");
            let _ = target.set_password(None);
            HttpClientError::Redirect(host(url), status, Box::new(target))
        }
        _ => HttpClientError::Status(host(url), status),
    })
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// Adds the operator's proxy to the client.
///
/// http is used only for hosts on this machine. A remote proxy would get such a request in plain text and send it to its
/// own machine, so requests for this machine never go to a proxy elsewhere.
fn with_proxy(mut builder: ClientBuilder, proxy: &OutboundProxy) -> Result<ClientBuilder, reqwest::Error> {
    let OutboundProxy { https, http, no_proxy, .. } = proxy;
    let direct = |url: &Url| {
        let local = if is_loopback(url) { "" } else { ",localhost,127.0.0.0/8,::1" };
        NoProxy::from_string(&format!("{no_proxy}{local}"))
    };
    if let Some(url) = https {
        let url = url.url();
        builder = builder.proxy(Proxy::https(url.as_str())?.no_proxy(direct(url)));
    }
    if let Some(url) = http {
        let url = url.url();
        builder = builder.proxy(Proxy::http(url.as_str())?.no_proxy(direct(url)));
    }
    Ok(builder)
}

/// Returns how long a response is fresh by its `Cache-Control` (RFC 9111 section 5.2.2). `None` if it does not say.
pub(crate) fn max_age(response: &Response<Vec<u8>>) -> Option<Duration> {
    let values = response.headers().get_all(header::CACHE_CONTROL).iter();
    let directives = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut max_age = None;
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return Some(Duration::ZERO),
            "max-age" => max_age = value.trim().trim_matches('"').parse().ok().map(Duration::from_secs),
            _ => {}
        }
    }
    max_age
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3); its other form, a date, is rare and not read.
pub(crate) fn retry_after(response: &Response<Vec<u8>>) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn response(status: u16, name: http::HeaderName, value: &str) -> Response<Vec<u8>> {
        Response::builder().status(status).header(name, value).body(Vec::new()).unwrap()
    }

    #[test]
    fn f_b7_cache_control_says_how_long_keys_are_fresh() {
        for (value, seconds) in [
            ("max-age=300", Some(300)),
            ("public, Max-Age=\"60\" , must-revalidate", Some(60)),
            ("max-age=60, no-store", Some(0)),
            ("no-cache", Some(0)),
            ("max-age=soon", None),
            ("max-age=-1", None),
            ("public", None),
            ("", None),
        ] {
            let age = max_age(&response(200, header::CACHE_CONTROL, value));
            assert_eq!(age, seconds.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn i_13_a_redirect_says_where_it_leads_without_a_secret() {
        let url = Url::parse("https://op.test/.well-known/openid-configuration").unwrap();
        let problem = |status, location: &str| {
            success(&url, &response(status, header::LOCATION, location)).unwrap_err().to_string()
        };
        assert_eq!(
            problem(301, "https://u:canary@www.op.test/x?canary#canary"),
            "op.test answered 301 Moved Permanently and redirects to https://www.op.test/x"
        );
        assert!(problem(302, "/login?next=canary").ends_with("redirects to https://op.test/login"));
        for (status, location) in
            [(301, "https://[canary"), (500, "https://canary"), (301, &"/canary".repeat(99))]
        {
            assert!(!problem(status, location).contains("canary"), "{location}");
        }
        assert!(success(&url, &response(204, header::LOCATION, "/x")).is_ok(), "control");
    }

    proptest! {
        #[test]
        fn any_header_is_read(value in "[ -~]{0,60}") {
            let _ = max_age(&response(200, header::CACHE_CONTROL, &value));
            let _ = success(&Url::parse("https://op.test").unwrap(), &response(301, header::LOCATION, &value));
        }
    }
}
