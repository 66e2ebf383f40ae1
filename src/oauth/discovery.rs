//! Fetches and caches the discovery document (OpenID Connect Discovery 1.0 section 4), fresh for an hour.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::Response;
use url::Url;

use super::{cached::Cached, members, metadata::Metadata};
use crate::{
    clock::Clock,
    config::is_safe_endpoint,
    error::Source,
    http_client::{HttpClient, HttpClientError},
};

const FRESH: Duration = Duration::from_secs(3600);
const PATH: &str = "/.well-known/openid-configuration";

/// What is remembered of one issuer.
pub(super) struct Discovery {
    cached: Cached<Metadata>,
    /// The unusable endpoints that were already logged.
    reported: Mutex<Vec<&'static str>>,
}

impl Discovery {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { cached: Cached::new(clock), reported: Mutex::default() }
    }

    /// The document as last seen, if it was seen.
    pub(super) fn known(&self) -> Option<Arc<Metadata>> {
        self.cached.known()
    }

    /// Returns the document and fetches it if it is not fresh. An old one is used while the provider is slow or unavailable.
    /// Its `issuer` must be `issuer` or match `template`.
    pub(super) async fn metadata(
        &self,
        http: &HttpClient,
        provider: &str,
        issuer: &str,
        template: Option<&str>,
    ) -> Result<Arc<Metadata>, Source> {
        let (http, owned) = (http.clone(), (issuer.to_owned(), template.map(str::to_owned)));
        let metadata = self.cached.get(async move {
            let (issuer, template) = owned;
            let (url, response) = ask(&http, &issuer).await?;
            Ok((read(&url, &response, &issuer, template.as_deref())?, FRESH))
        });
        let metadata = metadata.await?;
        self.report(provider, &metadata);
        Ok(metadata)
    }

    /// Logs once that an optional endpoint is not used.
    fn report(&self, provider: &str, metadata: &Metadata) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if *reported != metadata.unusable {
            reported.clone_from(&metadata.unusable);
            for endpoint in &metadata.unusable {
                tracing::warn!(
                    provider,
                    endpoint,
                    "endpoint of the discovery document is not used: it is not an https URL"
                );
            }
        }
    }
}

/// Requests the discovery document of an issuer. Returns its URL and the response.
pub(super) async fn ask(http: &HttpClient, issuer: &str) -> Result<(Url, Response<Vec<u8>>), Source> {
    let url = Url::parse(&format!("{}{PATH}", issuer.trim_end_matches('/')))?;
    let response = http.get(&url).await?;
    Ok((url, response))
}

/// Parses the response to [`ask`]. The server and `doctor` both use this.
///
/// # Errors
/// Returns why users cannot sign in with the provider, as text for the operator.
pub(super) fn read(
    url: &Url,
    response: &Response<Vec<u8>>,
    issuer: &str,
    template: Option<&str>,
) -> Result<Metadata, Source> {
    match crate::http_client::success(url, response) {
        Ok(()) => Metadata::parse(&members::object("discovery document", response.body())?, issuer, template),
        Err(HttpClientError::Redirect(host, status, target)) => {
            let canonical = target.as_str().strip_suffix(PATH).filter(|_| is_safe_endpoint(&target, true));
            Err(match canonical {
                Some(canonical) => {
                    format!("{host} answered {status} and redirects to {canonical}: write that as the issuer")
                }
                None => format!("{host} answered {status} and redirects to {target}: is the issuer right?"),
            }
            .into())
        }
        Err(error) => {
            Err(format!("{url} is not a discovery document ({error}): is the issuer right?").into())
        }
    }
}
