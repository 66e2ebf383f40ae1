//! A part of the directory that belongs to one test, and servers that ask it.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod, drive};
use leptos_auth::AuthBuilder;
use url::Url;

use crate::support::{Answer, Browser, TestServer, query};

pub const SIGN_IN: &str = "/api/auth/callback/ldap";
pub const PASSWORD: &str = "right-password";
/// The limit of ten seconds, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);
const SERVICE_PASSWORD: &str = "service-password";

/// How the server finds people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The name makes the DN.
    Direct,
    /// A service account searches.
    Search,
}

pub const WAYS: [Way; 2] = [Way::Direct, Way::Search];

/// People and groups of one test.
pub struct Directory {
    /// `TEST_LDAP_URL`.
    url: Url,
    /// Above everything that the test has.
    pub base: String,
    admin: Ldap,
}

impl Directory {
    pub async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let url = std::env::var("TEST_LDAP_URL").expect("TEST_LDAP_URL: `cargo xtask services` starts it");
        let url = Url::parse(&url).unwrap();
        let admin = connect(&url).await;
        let name = format!("t{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let directory = Self { base: format!("ou={name},dc=example,dc=org"), url, admin };
        directory.bind("cn=root,dc=example,dc=org", "root-password").await;
        directory.add(&directory.base, &[("objectClass", "organizationalUnit")]).await;
        let service = [("objectClass", "device"), ("objectClass", "simpleSecurityObject")];
        directory
            .add(&directory.service(), &[&service[..], &[("userPassword", SERVICE_PASSWORD)]].concat())
            .await;
        directory
    }

    pub fn port(&self) -> u16 {
        self.url.port().unwrap()
    }

    pub fn encrypted_port(&self) -> u16 {
        query(self.url.as_str(), "ldaps").unwrap().parse().unwrap()
    }

    /// The file with the certificate that signs the directory's.
    pub fn ca(&self) -> String {
        query(self.url.as_str(), "ca").unwrap()
    }

    fn service(&self) -> String {
        format!("cn=app,{}", self.base)
    }

    pub fn dn(&self, uid: &str) -> String {
        format!("uid={},{}", ldap3::dn_escape(uid), self.base)
    }

    /// What the server has to know.
    pub fn variables(&self, way: Way) -> Vec<(&'static str, String)> {
        let url = ("AUTH_LDAP_URL", format!("ldap://127.0.0.1:{}", self.port()));
        match way {
            Way::Direct => vec![url, ("AUTH_LDAP_USER_DN", format!("uid={{username}},{}", self.base))],
            Way::Search => vec![
                url,
                ("AUTH_LDAP_BIND_DN", self.service()),
                ("AUTH_LDAP_BIND_PASSWORD", SERVICE_PASSWORD.to_owned()),
                ("AUTH_LDAP_SEARCH_BASE", self.base.clone()),
            ],
        }
    }

    /// A server that asks this directory.
    pub async fn server(&self, way: Way, changes: &[(&str, &str)]) -> TestServer {
        self.extended(way, changes, |builder| builder).await
    }

    pub async fn extended(
        &self,
        way: Way,
        changes: &[(&str, &str)],
        extend: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> TestServer {
        let own = self.variables(way);
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<_> = own.chain(changes.iter().copied()).collect();
        TestServer::extended(&all, extend).await
    }

    /// A bind on a connection of its own: the result code.
    pub async fn try_bind(&self, dn: &str, password: &str) -> u32 {
        connect(&self.url).await.simple_bind(dn, password).await.unwrap().rc
    }

    async fn bind(&self, dn: &str, password: &str) {
        self.admin.clone().simple_bind(dn, password).await.unwrap().success().unwrap();
    }

    pub async fn add(&self, dn: &str, attributes: &[(&str, &str)]) {
        let names: HashSet<&str> = attributes.iter().map(|(name, _)| *name).collect();
        let values = |name: &str| {
            attributes.iter().filter(|(other, _)| *other == name).map(|(_, value)| *value).collect()
        };
        let attributes: Vec<(&str, HashSet<&str>)> =
            names.into_iter().map(|name| (name, values(name))).collect();
        let added = self.admin.clone().add(dn, attributes).await.unwrap();
        added.success().unwrap_or_else(|error| panic!("{dn}: {error}"));
    }

    /// Somebody with [`PASSWORD`], unless the other attributes have one.
    pub async fn add_person(&self, uid: &str, more: &[(&str, &str)]) {
        let mail = format!("{}@example.org", if uid.is_ascii() { "person" } else { "someone" });
        let mut attributes =
            vec![("objectClass", "inetOrgPerson"), ("uid", uid), ("cn", "Ada Lovelace"), ("sn", "Lovelace")];
        for (name, value) in [("userPassword", PASSWORD), ("mail", mail.as_str())] {
            if !more.iter().any(|(other, _)| *other == name) {
                attributes.push((name, value));
            }
        }
        attributes.extend(more);
        self.add(&self.dn(uid), &attributes).await;
    }

    /// A group of these people: its DN.
    pub async fn add_group(&self, name: &str, uids: &[&str]) -> String {
        let dn = format!("cn={name},{}", self.base);
        let members: Vec<_> = uids.iter().map(|uid| self.dn(uid)).collect();
        let members = members.iter().map(|member| ("member", member.as_str()));
        let attributes: Vec<_> = [("objectClass", "groupOfNames")].into_iter().chain(members).collect();
        self.add(&dn, &attributes).await;
        dn
    }

    pub async fn rename(&self, uid: &str, new: &str) {
        let renamed =
            self.admin.clone().modifydn(&self.dn(uid), &format!("uid={new}"), true, None).await.unwrap();
        renamed.success().unwrap();
    }

    pub async fn replace(&self, uid: &str, attribute: &str, value: &str) {
        let change = vec![Mod::Replace(attribute, HashSet::from([value]))];
        self.admin.clone().modify(&self.dn(uid), change).await.unwrap().success().unwrap();
    }

    pub async fn delete(&self, dn: &str) {
        self.admin.clone().delete(dn).await.unwrap().success().unwrap();
    }

    /// An attribute as the directory has it.
    pub async fn read(&self, uid: &str, attribute: &str) -> String {
        let scope = ldap3::Scope::Base;
        let found = self.admin.clone().search(&self.dn(uid), scope, "(objectClass=*)", vec![attribute]).await;
        let (mut entries, _) = found.unwrap().success().unwrap();
        let entry = ldap3::SearchEntry::construct(entries.pop().unwrap());
        entry.attrs[attribute][0].clone()
    }
}

async fn connect(url: &Url) -> Ldap {
    let mut url = url.clone();
    url.set_query(None);
    let (driver, ldap) = LdapConnAsync::from_url(&url).await.unwrap();
    drive!(driver);
    ldap
}

pub async fn try_sign_in(browser: &mut Browser, username: &str, password: &str) -> Answer {
    browser.submit(SIGN_IN, &[("username", username), ("password", password)]).await
}

/// The right name and password: as a control, or to go on.
pub async fn sign_in(server: &TestServer, username: &str) -> Browser {
    let mut browser = server.browser();
    try_sign_in(&mut browser, username, PASSWORD).await.assert_signed_in();
    browser
}

/// A certificate that nobody here has the key of.
pub const OTHER_CA: &str = "-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUcadPdymPXEeeeO7SzyNFpViYviEwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKQW5vdGhlciBDQTAeFw0yNjExMjExODIyNThaFw00NjExMTYx
ODIyNThaMBUxEzARBgNVBAMMCkFub3RoZXIgQ0EwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATY+faqbQ0RNKwbv2qrK/XEtBp4mS1Mh5nAH+cYgXI0eFbikM+Ingq4
MYFFvR0S0+uaduy+DwABwyLHcXMuvthuo1MwUTAdBgNVHQ4EFgQUV7sRK8jJPQRX
WQROpvW6l5tuPnwwHwYDVR0jBBgwFoAUV7sRK8jJPQRXWQROpvW6l5tuPnwwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA0NzKZCVlmyD+8juaf9//
ynkY+qHqqtFboXbI0hX3s4MCIQC6pPaABksd8rb1xWy1vQ0MTlJG8lY/7ORPzwgE
XvmNAA==
-----END CERTIFICATE-----
";
