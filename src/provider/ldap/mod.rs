//! Sign-in with a name and a password through a directory (LDAP version 3, RFC 4511, including Active Directory).
//!
//! Rules: a user signs in only through a bind as their own entry with their own password, and never without a password:
//! directories accept an empty one (RFC 4513 section 5.1.2). Every rejection gets the same response after the same time;
//! the reason is logged. If the directory is unavailable, no sign-in succeeds and none is rejected as wrong.

mod connection;
mod entry;
mod failure;
mod name;

use std::{sync::Arc, time::Duration};

use ldap3::{Scope, dn_escape, ldap_escape};

use super::{AuthorizedUser, Credentials, CredentialsError, CredentialsProvider};
use crate::{
    config::{LdapSettings, ldap::AccountId, ldap::Lookup, ldap::Search},
    error, random,
};
use connection::{Connection, Server};
use entry::Entry;
use failure::Failure;

/// The word in URLs and tables.
const ID: &str = "ldap";
/// A refusal takes a whole number of these: long enough for any hash of a password, so that a name that nobody has
/// takes as long as a wrong password.
const REFUSAL: Duration = Duration::from_secs(1);
/// Passwords are short, and each goes to the directory.
const LONGEST_PASSWORD: usize = 1024;
/// More groups than a token could carry.
const MOST_GROUPS: usize = 1000;

/// Sign-in by the directory.
///
/// # Errors
/// One half of a sentence on the certificates.
pub(crate) fn directory(settings: &LdapSettings) -> Result<CredentialsProvider, String> {
    let directory = Arc::new(Directory { server: Server::new(settings)?, settings: settings.clone() });
    let looker = directory.clone();
    let provider = CredentialsProvider::new(&settings.name, move |credentials| {
        let directory = directory.clone();
        async move { directory.authorize(&credentials).await }
    });
    let provider = provider.with_id(ID).identified_by("username").with_refusal_step(REFUSAL);
    Ok(provider.with_warm_up(move || {
        let directory = looker.clone();
        async move { directory.warm_up().await.map_err(Into::into) }
    }))
}

struct Directory {
    server: Server,
    settings: LdapSettings,
}

impl Directory {
    async fn authorize(&self, credentials: &Credentials) -> Result<Option<AuthorizedUser>, CredentialsError> {
        let failure = match self.ask(credentials.get("username"), credentials.get("password")).await {
            Ok(user) => return Ok(Some(user)),
            Err(failure) => failure,
        };
        match failure {
            Failure::Refused(_) => {
                tracing::info!(reason = error::chain(&failure), "the directory refused a sign-in");
                Ok(None)
            }
            Failure::Away(_) => Err(CredentialsError::Unavailable(failure.into())),
            Failure::Misconfigured(_) => Err(CredentialsError::Failed(failure.into())),
        }
    }

    /// Connects as a sign-in would, so that the log says early what is wrong.
    async fn warm_up(&self) -> Result<(), Failure> {
        self.server.talk(|mut connection| async move { self.bind_service(&mut connection).await }).await
    }

    async fn ask(&self, name: &str, password: &str) -> Result<AuthorizedUser, Failure> {
        let name = name::typed(name).ok_or_else(|| Failure::refused("no such name is possible"))?;
        if password.is_empty() || password.len() > LONGEST_PASSWORD {
            return Err(Failure::refused("no such password is possible"));
        }
        let user = self.server.talk(|mut connection| async move {
            let entry = self.prove(&mut connection, name, password).await?;
            let groups = self.groups(&mut connection, &entry).await?;
            entry.user(&self.settings.account_id, &groups)
        });
        user.await
    }

    /// The entry of the person, after a bind of that very entry.
    async fn prove(&self, connection: &mut Connection, name: &str, password: &str) -> Result<Entry, Failure> {
        match &self.settings.lookup {
            Lookup::Dn(template) => {
                let dn = template.fill(|_| Some(dn_escape(name).into_owned())).unwrap_or_default();
                connection.bind_person(&dn, password).await?;
                let own = connection
                    .search(&dn, Scope::Base, "(objectClass=*)", &self.attributes(), 1)
                    .await?
                    .and_then(|mut own| own.pop());
                own.ok_or_else(|| Failure::misconfigured("people may not read their own entry"))
            }
            Lookup::Principal(template, search) => {
                let principal = name::is_principal(name)
                    .then(|| template.fill(|_| Some(name.to_owned())).unwrap_or_default())
                    .ok_or_else(|| Failure::refused("no such principal is possible"))?;
                connection.bind_person(&principal, password).await?;
                let entry = self.find(connection, search, name).await?;
                // The principal of one person can be the short name of another: what counts is whose entry it is.
                connection.bind_person(&entry.dn, password).await?;
                Ok(entry)
            }
            Lookup::Service { search, .. } => {
                self.bind_service(connection).await?;
                match self.find(connection, search, name).await {
                    Ok(entry) => {
                        connection.bind_person(&entry.dn, password).await?;
                        Ok(entry)
                    }
                    Err(failure @ Failure::Refused(_)) => {
                        // As many questions and answers as for a wrong password.
                        let nobody = format!("cn={},{}", random::uuid(), search.base);
                        let _ = connection.bind_person(&nobody, &random::token()).await;
                        Err(failure)
                    }
                    Err(failure) => Err(failure),
                }
            }
        }
    }

    /// The one entry for a name.
    async fn find(&self, connection: &mut Connection, search: &Search, name: &str) -> Result<Entry, Failure> {
        let filter = search.filter.fill(|_| Some(ldap_escape(name).into_owned())).unwrap_or_default();
        let found = connection.search(&search.base, Scope::Subtree, &filter, &self.attributes(), 1).await?;
        let entry = found.ok_or_else(|| Failure::refused("several entries have that name"))?.pop();
        entry.ok_or_else(|| Failure::refused("no entry has that name"))
    }

    /// The DNs of the person's groups.
    async fn groups(&self, connection: &mut Connection, entry: &Entry) -> Result<Vec<String>, Failure> {
        let too_many = || {
            Failure::misconfigured(format!(
                "somebody is in more than {MOST_GROUPS} groups: AUTH_LDAP_GROUP_FILTER can name those that matter"
            ))
        };
        let Some(search) = &self.settings.groups else {
            let groups = entry.groups().ok_or_else(too_many)?;
            return if groups.len() > MOST_GROUPS { Err(too_many()) } else { Ok(groups) };
        };
        // Without a value for the filter there are no groups; with several, somebody may have added one of their own.
        let value =
            |place: &str| if place == "dn" { Some(entry.dn.as_str()) } else { entry.only_text(place) };
        let filter = search.filter.fill(|place| Some(ldap_escape(value(place)?).into_owned()));
        let Some(filter) = filter else { return Ok(Vec::new()) };
        self.bind_service(connection).await?;
        // No attribute but the name (RFC 4511 section 4.5.1.8).
        let none = ["1.1".to_owned()];
        let found = connection.search(&search.base, Scope::Subtree, &filter, &none, MOST_GROUPS).await?;
        Ok(found.ok_or_else(too_many)?.into_iter().map(|group| group.dn).collect())
    }

    /// As the service account, if there is one; else the connection stays as it is.
    async fn bind_service(&self, connection: &mut Connection) -> Result<(), Failure> {
        match &self.settings.lookup {
            Lookup::Service { dn, password, .. } => connection.bind_service(dn, password).await,
            Lookup::Dn(_) | Lookup::Principal(..) => Ok(()),
        }
    }

    /// What is asked of a person's entry: those that are not sent unless named are among them.
    fn attributes(&self) -> Vec<String> {
        let mut attributes: Vec<_> = entry::ATTRIBUTES.map(str::to_owned).into();
        if let AccountId::Attribute(name) = &self.settings.account_id {
            attributes.push(name.clone());
        }
        let places = self.settings.groups.iter().flat_map(|search| search.filter.places());
        attributes.extend(places.filter(|place| *place != "dn").map(str::to_owned));
        attributes
    }
}
