//! One connection to the directory for each sign-in, with hard limits. Rule: it is encrypted, or the directory is on this
//! machine; referrals are not followed, and whatever the directory sends, the worst is that it counts as away.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Scope, SearchEntry, SearchOptions,
    controls::RawControl,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};
use tokio::sync::Semaphore;
use url::Url;

use super::{
    entry::Entry,
    failure::{self, Failure, PASSWORD_POLICY},
};
use crate::{config::LdapSettings, secret::Secret};

/// To a connection that is encrypted.
const CONNECT: Duration = Duration::from_secs(5);
/// To the last answer, and to a turn before it.
const TOTAL: Duration = Duration::from_secs(10);
/// At the same time: a directory has other things to do.
const CONNECTIONS: usize = 32;
/// For one search, at the directory.
const SEARCH_SECONDS: i32 = 5;

/// Where the directory is, and how it is spoken to.
pub(super) struct Server {
    url: Url,
    settings: LdapConnSettings,
    turns: Semaphore,
}

/// A connection while a conversation runs.
pub(super) struct Connection(Ldap);

impl Server {
    /// # Errors
    /// When there is nothing to check a certificate against.
    pub(super) fn new(settings: &LdapSettings) -> Result<Self, String> {
        let mut connection = LdapConnSettings::new().set_conn_timeout(CONNECT);
        if settings.is_encrypted() {
            connection = connection.set_starttls(true).set_config(tls(&settings.certificates)?);
        }
        Ok(Self { url: settings.url.clone(), settings: connection, turns: Semaphore::new(CONNECTIONS) })
    }

    /// Runs a conversation on a connection of its own, which ends with it.
    pub(super) async fn talk<T, F>(&self, conversation: impl FnOnce(Connection) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let talk = async {
            let _turn = self.turns.acquire().await.map_err(Failure::away)?;
            let connecting = LdapConnAsync::from_url_with_settings(self.settings.clone(), &self.url);
            let (driver, ldap) = connecting.await.map_err(not_understood)?;
            // When it ends, what waits for it has failed already, and says more.
            let driver = async {
                let _ = driver.drive().await;
                std::future::pending().await
            };
            tokio::select! {
                biased;
                result = conversation(Connection(ldap)) => result,
                never = driver => never,
            }
        };
        // The client panics when a message is not what the standard says.
        match tokio::time::timeout(TOTAL, AssertUnwindSafe(talk).catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(Failure::away("it sent what LDAP does not know")),
            Err(_late) => Err(Failure::away("it did not answer in time")),
        }
    }
}

impl Connection {
    /// Whether it is this person's password.
    pub(super) async fn bind_person(&mut self, dn: &str, password: &str) -> Result<(), Failure> {
        failure::of_person(&self.bind(dn, password).await?)
    }

    /// As the service account, which searches.
    pub(super) async fn bind_service(&mut self, dn: &str, password: &Secret) -> Result<(), Failure> {
        let result = self.bind(dn, password.expose()).await?;
        match result.rc {
            0 => Ok(()),
            _ => Err(Failure::of_operation("the bind of AUTH_LDAP_BIND_DN", &result)),
        }
    }

    /// A bind without a password or without a name succeeds and proves nothing (RFC 4513 section 5.1), so there is none.
    async fn bind(&mut self, dn: &str, password: &str) -> Result<LdapResult, Failure> {
        if dn.is_empty() || password.is_empty() {
            return Err(Failure::refused("a bind needs a name and a password"));
        }
        let policy = RawControl { ctype: PASSWORD_POLICY.to_owned(), crit: false, val: None };
        self.0.with_controls(policy).simple_bind(dn, password).await.map_err(not_understood)
    }

    /// Entries that fit; `None` when there are more than `most`.
    pub(super) async fn search(
        &mut self,
        base: &str,
        scope: Scope,
        filter: &str,
        attributes: &[String],
        most: usize,
    ) -> Result<Option<Vec<Entry>>, Failure> {
        let limit = i32::try_from(most).unwrap_or(i32::MAX).saturating_add(1);
        let options = SearchOptions::new().sizelimit(limit).timelimit(SEARCH_SECONDS);
        let ldap = self.0.with_search_options(options);
        let stream = ldap.streaming_search(base, scope, filter, attributes).await;
        let mut stream = stream.map_err(not_understood)?;
        let mut entries = Vec::new();
        while let Some(item) = stream.next().await.map_err(not_understood)? {
            // Another server that would know more: nobody has asked it.
            if item.is_ref() || item.is_intermediate() {
                continue;
            }
            // A directory need not keep to the limit.
            if entries.len() == most {
                return Ok(None);
            }
            entries.push(Entry::from(SearchEntry::construct(item)));
        }
        const TOO_MANY: u32 = 4;
        let result = stream.finish().await;
        match result.rc {
            0 => Ok(Some(entries)),
            TOO_MANY => Ok(None),
            _ => Err(Failure::of_operation("a search", &result)),
        }
    }
}

/// Trust in the certificates that are named, or else in those of the system.
fn tls(certificates: &[CertificateDer<'static>]) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    if certificates.is_empty() {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    } else {
        roots.add_parsable_certificates(certificates.iter().cloned());
    }
    if roots.is_empty() {
        return Err("cannot be checked: this system has no certificates".to_owned());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// No connection, no trust, no TLS where it is required, or a message that breaks off.
fn not_understood(error: LdapError) -> Failure {
    Failure::away(error)
}
