//! The discovery document (OpenID Connect Discovery 1.0 section 4), remembered for an hour.
//!
//! It must name the very issuer it was asked of (IP-07), and its endpoints must be https; http is taken only from
//! an issuer on this machine, for endpoints on this machine.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::{
    clock::Timestamp,
    config::{is_loopback, is_safe_endpoint},
    error::Source,
    http_client::HttpClient,
    provider::ClientAuthentication,
};

const REMEMBERED: Duration = Duration::from_secs(3600);
/// After a failure nobody waits for the same slow answer again for so long (IP-02).
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The parts of the document that we use.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) end_session_endpoint: Option<Url>,
    pub(super) jwks_uri: Url,
    #[serde(default = "rs256")]
    pub(super) id_token_signing_alg_values_supported: Vec<String>,
    pub(super) userinfo_signing_alg_values_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    pub(super) token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    pub(super) pushed_authorization_request_endpoint: Option<Url>,
    #[serde(default)]
    pub(super) require_pushed_authorization_requests: bool,
}

/// What is remembered of one issuer.
#[derive(Default)]
pub(super) struct Discovery {
    /// Held while asking, so that many sign-ins make one request.
    asking: Mutex<Option<Timestamp>>,
    known: std::sync::RwLock<Option<(Timestamp, Arc<Metadata>)>>,
}

impl Metadata {
    /// What is wanted, if the provider takes it. A secret may go another way than is wanted; that it is sent is the
    /// usual thing, so it signs only where nothing else is taken.
    pub(super) fn client_authentication(
        &self,
        wanted: ClientAuthentication,
    ) -> Result<ClientAuthentication, Source> {
        use ClientAuthentication::{Basic, None, Post, PrivateKeyJwt, SecretJwt};
        let Some(offered) = &self.token_endpoint_auth_methods_supported else { return Ok(wanted) };
        let is_offered = |method: &ClientAuthentication| has(offered, method.name());
        match wanted {
            // Many take public clients and do not say so.
            None => Ok(None),
            PrivateKeyJwt if is_offered(&PrivateKeyJwt) => Ok(PrivateKeyJwt),
            PrivateKeyJwt => {
                Err("the provider takes no private key (private_key_jwt): set the secret".into())
            }
            _ => match [wanted, Basic, Post, SecretJwt].into_iter().find(is_offered) {
                Some(method) => Ok(method),
                Option::None if is_offered(&PrivateKeyJwt) => {
                    Err("the provider takes no secret, but a private key (private_key_jwt)".into())
                }
                Option::None => Ok(wanted),
            },
        }
    }

    /// `template`: what it may call itself besides.
    pub(super) fn check(&self, issuer: &str, template: Option<&str>) -> Result<(), Source> {
        if self.issuer != issuer && Some(self.issuer.as_str()) != template {
            // Compared letter by letter; what is public may be said.
            let named: String = self.issuer.chars().filter(|c| !c.is_control()).take(200).collect();
            return Err(format!("the discovery document is that of the issuer {named}").into());
        }
        let allow_loopback = Url::parse(issuer).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url));
        let endpoints = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        if endpoints
            .into_iter()
            .chain(&self.userinfo_endpoint)
            .chain(&self.end_session_endpoint)
            .chain(&self.pushed_authorization_request_endpoint)
            .all(|url| is_safe_endpoint(url, allow_loopback))
        {
            Ok(())
        } else {
            Err("the discovery document names an endpoint without https".into())
        }
    }
}

impl Discovery {
    /// The document as last seen, if it was seen.
    pub(super) fn known(&self) -> Option<Arc<Metadata>> {
        self.remembered().map(|(_, metadata)| metadata)
    }

    /// The document, asked for if it is not fresh. An old one serves while the provider is away. It must call itself
    /// `issuer`, or as `template` says.
    pub(super) async fn metadata(
        &self,
        http: &HttpClient,
        issuer: &str,
        template: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<Metadata>, Source> {
        if let Some(fresh) = self.fresh(now) {
            return Ok(fresh);
        }
        let mut last_failure = self.asking.lock().await;
        if let Some(fresh) = self.fresh(now) {
            return Ok(fresh);
        }
        let may_ask = last_failure.is_none_or(|failure| now.since(failure) >= PAUSE_AFTER_FAILURE);
        let asked = match may_ask {
            true => ask(http, issuer, template).await,
            false => Err("the provider was away a moment ago".into()),
        };
        match asked {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *self.known.write().unwrap_or_else(std::sync::PoisonError::into_inner) =
                    Some((now, metadata.clone()));
                *last_failure = None;
                Ok(metadata)
            }
            Err(error) => {
                if may_ask {
                    *last_failure = Some(now);
                }
                self.known().ok_or(error)
            }
        }
    }

    fn fresh(&self, now: Timestamp) -> Option<Arc<Metadata>> {
        self.remembered().filter(|(seen, _)| now.since(*seen) < REMEMBERED).map(|(_, metadata)| metadata)
    }

    fn remembered(&self) -> Option<(Timestamp, Arc<Metadata>)> {
        self.known.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

async fn ask(http: &HttpClient, issuer: &str, template: Option<&str>) -> Result<Metadata, Source> {
    let url = Url::parse(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))?;
    let metadata: Metadata = http.get_json(&url, None).await?;
    metadata.check(issuer, template)?;
    Ok(metadata)
}

fn has(methods: &[String], method: &str) -> bool {
    methods.iter().any(|candidate| candidate == method)
}

fn rs256() -> Vec<String> {
    vec!["RS256".to_owned()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(issuer: &str, changes: serde_json::Value) -> bool {
        let mut document = json!({
            "issuer": "https://op.test", "authorization_endpoint": "https://op.test/a",
            "token_endpoint": "https://op.test/t", "jwks_uri": "https://keys.test/j",
        });
        document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        serde_json::from_value::<Metadata>(document)
            .is_ok_and(|metadata| metadata.check(issuer, None).is_ok())
    }

    #[test]
    fn ip_07_the_issuer_must_be_the_same_text() {
        assert!(check("https://op.test", json!({})), "control");
        for issuer in ["https://op.test/", "https://OP.test", "http://op.test", "https://op.test.evil"] {
            assert!(!check("https://op.test", json!({ "issuer": issuer })), "{issuer}");
        }
    }

    #[test]
    fn ip_08_endpoints_are_https() {
        for name in [
            "authorization_endpoint",
            "token_endpoint",
            "jwks_uri",
            "userinfo_endpoint",
            "end_session_endpoint",
            "pushed_authorization_request_endpoint",
        ] {
            for url in ["http://op.test/x", "http://localhost/x", "file:///x", "javascript:x"] {
                assert!(!check("https://op.test", json!({ name: url })), "{name} {url}");
            }
        }
        let local = json!({
            "issuer": "http://localhost:9", "authorization_endpoint": "http://localhost:9/a",
            "token_endpoint": "http://127.0.0.1:9/t", "jwks_uri": "http://[::1]:9/j",
        });
        assert!(check("http://localhost:9", local.clone()), "control");
        assert!(!check("http://localhost:9", {
            let mut l = local;
            l["token_endpoint"] = json!("http://10.0.0.1/t");
            l
        }));
    }
}
