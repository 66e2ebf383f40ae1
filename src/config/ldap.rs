//! The directory that checks names and passwords: `AUTH_LDAP_*`. Rule: everything that a name is put into is checked
//! here, so that a sign-in has nothing left to do but to escape the name.

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use url::Url;

use super::{Reader, is_loopback};
use crate::secret::Secret;

/// What makes no sense without `AUTH_LDAP_URL`. `AUTH_LDAP_NAME` may be the label of an OpenID Connect provider.
const OTHERS: [&str; 9] = [
    "AUTH_LDAP_CA",
    "AUTH_LDAP_USER_DN",
    "AUTH_LDAP_BIND_DN",
    "AUTH_LDAP_BIND_PASSWORD",
    "AUTH_LDAP_SEARCH_BASE",
    "AUTH_LDAP_FILTER",
    "AUTH_LDAP_GROUP_BASE",
    "AUTH_LDAP_GROUP_FILTER",
    "AUTH_LDAP_ID_ATTRIBUTE",
];
const BASE_EXAMPLE: &str = "Example: AUTH_LDAP_SEARCH_BASE=ou=people,dc=example,dc=org";
const USER_DN_EXAMPLE: &str = "Example: AUTH_LDAP_USER_DN=uid={username},ou=people,dc=example,dc=org";

/// The directory, and how people are found in it.
#[derive(Clone, Debug)]
pub struct LdapSettings {
    /// The label of the form.
    pub(crate) name: String,
    pub(crate) url: Url,
    /// Trusted instead of the system's.
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) lookup: Lookup,
    pub(crate) account_id: AccountId,
    /// Groups are searched for; else they are what `memberOf` says.
    pub(crate) groups: Option<Search>,
}

/// How a name becomes the entry of a person.
#[derive(Clone, Debug)]
pub(crate) enum Lookup {
    /// The name makes the DN of the entry.
    Dn(Template),
    /// The name makes another name that the directory takes, as `{username}@corp.example.com` in Active Directory; then
    /// the person searches for their own entry.
    Principal(Template, Search),
    /// A service account searches.
    Service { dn: String, password: Secret, search: Search },
}

/// Where and for what is searched.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    pub(crate) base: String,
    pub(crate) filter: Template,
}

/// What names an account for ever.
#[derive(Clone, Debug)]
pub(crate) enum AccountId {
    /// `entryUUID` (RFC 4530), else `objectGUID` (Active Directory).
    Standard,
    Attribute(String),
    /// Whoever gets another name is another user.
    Dn,
}

/// A text with places for values, as `(uid={username})`.
#[derive(Clone, Debug)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Place(String),
}

impl Template {
    /// `None` when a brace stays open, or something stands between them that is not the name of an attribute.
    fn parse(text: &str) -> Option<Self> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (place, after) = after.split_once('}').filter(|(place, _)| is_attribute(place))?;
            parts.extend([Part::Text(before.to_owned()), Part::Place(place.to_owned())]);
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        Some(Self(parts))
    }

    /// The names of the places.
    pub(crate) fn places(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Place(place) => Some(place.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text with values, which must be escaped already; `None` when one is missing.
    pub(crate) fn fill(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let part = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Place(place) => value(place),
        };
        self.0.iter().map(part).collect()
    }
}

impl LdapSettings {
    /// Whether TLS is spoken: always, but to a directory on this machine for which no certificates are named.
    pub(crate) fn is_encrypted(&self) -> bool {
        is_encrypted(&self.url, !self.certificates.is_empty())
    }
}

impl Reader<'_> {
    pub(super) fn ldap(&mut self) -> Option<LdapSettings> {
        let Some(url) = self.get("AUTH_LDAP_URL").map(str::to_owned) else {
            if let Some(variable) = OTHERS.into_iter().find(|variable| self.get(variable).is_some()) {
                self.wrong(
                    "AUTH_LDAP_URL",
                    format!(
                        "is missing: {variable} alone asks no directory. Example: AUTH_LDAP_URL=ldaps://ldap.example.com"
                    ),
                );
            }
            return None;
        };
        let certificates = self.certificates("AUTH_LDAP_CA");
        let url = parse_url(&url, !certificates.is_empty());
        if let Err(reason) = &url {
            self.wrong("AUTH_LDAP_URL", format!("{reason}. Example: AUTH_LDAP_URL=ldaps://ldap.example.com"));
        }
        let (lookup, groups) = (self.lookup(), self.groups());
        let account_id = self.account_id();
        let name = self.get("AUTH_LDAP_NAME").unwrap_or("Directory account").to_owned();
        Some(LdapSettings { name, url: url.ok()?, certificates, lookup: lookup?, account_id, groups })
    }

    fn certificates(&mut self, variable: &str) -> Vec<CertificateDer<'static>> {
        let Some(file) = self.get(variable) else { return Vec::new() };
        let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut store = RootCertStore::empty();
        let certificates = read.unwrap_or_default();
        if certificates.is_empty()
            || certificates.iter().any(|certificate| store.add(certificate.clone()).is_err())
        {
            self.wrong(
                variable,
                format!(
                    "is no file of certificates in PEM. Example: {variable}=/etc/ssl/certs/company-ca.pem"
                ),
            );
        }
        certificates
    }

    fn lookup(&mut self) -> Option<Lookup> {
        let user_dn = self.get("AUTH_LDAP_USER_DN").map(str::to_owned);
        let bind_dn = self.get("AUTH_LDAP_BIND_DN").map(str::to_owned);
        match (user_dn, bind_dn) {
            (Some(_), Some(_)) => {
                self.wrong(
                    "AUTH_LDAP_USER_DN",
                    format!(
                        "contradicts AUTH_LDAP_BIND_DN: either the name makes a DN, or a service account searches. \
                         {USER_DN_EXAMPLE}"
                    ),
                );
                None
            }
            (None, None) => {
                self.wrong(
                    "AUTH_LDAP_BIND_DN",
                    "is missing: nobody can search for people without it, and AUTH_LDAP_USER_DN is not set either. \
                     Example: AUTH_LDAP_BIND_DN=cn=app,ou=services,dc=example,dc=org",
                );
                None
            }
            (Some(template), None) => self.by_name(&template),
            (None, Some(dn)) => {
                let password = self.get("AUTH_LDAP_BIND_PASSWORD").map(Secret::new);
                if password.is_none() {
                    self.wrong(
                        "AUTH_LDAP_BIND_PASSWORD",
                        "is missing: AUTH_LDAP_BIND_DN binds with it. Example: AUTH_LDAP_BIND_PASSWORD=…",
                    );
                }
                let search = self.people();
                Some(Lookup::Service { dn, password: password?, search: search? })
            }
        }
    }

    /// `AUTH_LDAP_USER_DN`.
    fn by_name(&mut self, text: &str) -> Option<Lookup> {
        let template = Template::parse(text).filter(|template| template.places().eq(["username"]));
        let Some(template) = template else {
            self.wrong("AUTH_LDAP_USER_DN", format!("must hold {{username}} once. {USER_DN_EXAMPLE}"));
            return None;
        };
        if !text.contains('=') {
            let search = self.people();
            return Some(Lookup::Principal(template, search?));
        }
        for variable in ["AUTH_LDAP_SEARCH_BASE", "AUTH_LDAP_FILTER"] {
            if self.get(variable).is_some() {
                self.wrong(
                    variable,
                    format!("is not used: with the DN in AUTH_LDAP_USER_DN nothing is searched for. Example: {variable}="),
                );
            }
        }
        Some(Lookup::Dn(template))
    }

    /// `AUTH_LDAP_SEARCH_BASE` and `AUTH_LDAP_FILTER`.
    fn people(&mut self) -> Option<Search> {
        let base = self.get("AUTH_LDAP_SEARCH_BASE").map(str::to_owned);
        if base.is_none() {
            self.wrong(
                "AUTH_LDAP_SEARCH_BASE",
                format!("is missing: people are searched for below it. {BASE_EXAMPLE}"),
            );
        }
        let filter = self.filter("AUTH_LDAP_FILTER", "(uid={username})", |template| {
            let mut places = template.places().peekable();
            places.peek().is_some() && places.all(|place| place == "username")
        });
        Some(Search { base: base?, filter: filter? })
    }

    /// `AUTH_LDAP_GROUP_BASE` and `AUTH_LDAP_GROUP_FILTER`.
    fn groups(&mut self) -> Option<Search> {
        let Some(base) = self.get("AUTH_LDAP_GROUP_BASE").map(str::to_owned) else {
            if self.get("AUTH_LDAP_GROUP_FILTER").is_some() {
                self.wrong(
                    "AUTH_LDAP_GROUP_BASE",
                    "is missing: AUTH_LDAP_GROUP_FILTER searches below it. \
                     Example: AUTH_LDAP_GROUP_BASE=ou=groups,dc=example,dc=org",
                );
            }
            return None;
        };
        // The name that was typed must not choose groups: it need not be what the entry is called.
        let filter = self.filter("AUTH_LDAP_GROUP_FILTER", "(member={dn})", |template| {
            let mut places = template.places().peekable();
            places.peek().is_some() && places.all(|place| place != "username")
        });
        Some(Search { base, filter: filter? })
    }

    /// A filter (RFC 4515) with places for values.
    fn filter(
        &mut self,
        variable: &str,
        default: &str,
        has_its_places: impl Fn(&Template) -> bool,
    ) -> Option<Template> {
        let text = self.get(variable).unwrap_or(default);
        let template = Template::parse(text).filter(has_its_places).filter(|template| {
            template.fill(|_| Some("x".to_owned())).is_some_and(|filter| ldap3::parse_filter(filter).is_ok())
        });
        if template.is_none() {
            let places = match variable {
                "AUTH_LDAP_FILTER" => "{username}",
                _ => "{dn}, or attributes of the person as {uid}, but not {username}",
            };
            self.wrong(
                variable,
                format!("is no filter in parentheses with {places} in it. Example: {variable}={default}"),
            );
        }
        template
    }

    fn account_id(&mut self) -> AccountId {
        match self.get("AUTH_LDAP_ID_ATTRIBUTE") {
            None => AccountId::Standard,
            Some(word) if word.eq_ignore_ascii_case("dn") => AccountId::Dn,
            Some(name) if is_attribute(name) => AccountId::Attribute(name.to_owned()),
            Some(_) => {
                self.wrong(
                    "AUTH_LDAP_ID_ATTRIBUTE",
                    "is no name of an attribute. Example: AUTH_LDAP_ID_ATTRIBUTE=nsUniqueId",
                );
                AccountId::Standard
            }
        }
    }
}

/// A short name (RFC 4512 section 1.4).
fn is_attribute(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn parse_url(value: &str, has_certificates: bool) -> Result<Url, &'static str> {
    let url = Url::parse(value).map_err(|_| "is not a URL")?;
    if !matches!(url.scheme(), "ldap" | "ldaps") {
        return Err("must begin with ldaps://, or with ldap:// for StartTLS");
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("has no host name")?;
    let has_more = !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some();
    if has_more || !url.username().is_empty() || url.password().is_some() {
        return Err("must be a scheme, a host and perhaps a port, and nothing else");
    }
    if is_encrypted(&url, has_certificates) && ServerName::try_from(host).is_err() {
        return Err("names a host that TLS cannot check");
    }
    Ok(url)
}

fn is_encrypted(url: &Url, has_certificates: bool) -> bool {
    url.scheme() == "ldaps" || has_certificates || !is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Environment, Mode};
    use super::*;

    const DIRECT: [(&str, &str); 2] =
        [("AUTH_LDAP_URL", "ldaps://d.test"), ("AUTH_LDAP_USER_DN", "uid={username},dc=test")];
    const SEARCH: [(&str, &str); 4] = [
        ("AUTH_LDAP_URL", "ldap://d.test"),
        ("AUTH_LDAP_BIND_DN", "cn=app,dc=test"),
        ("AUTH_LDAP_BIND_PASSWORD", "hunter2"),
        ("AUTH_LDAP_SEARCH_BASE", "dc=test"),
    ];

    /// The variables that are called wrong, with the first set of pairs changed by the second.
    fn wrong(base: &[(&str, &str)], changes: &[(&str, &str)]) -> Vec<String> {
        let pairs = base.iter().chain(changes);
        let env: Environment = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let url = Url::parse("http://localhost:3000").unwrap();
        let errors = Config::from_environment(&env, Mode::Development, &url).err().unwrap_or_default();
        for error in &errors {
            assert!(error.message.contains("Example: "), "{error}");
            assert!(!error.message.contains("hunter2"), "{error}");
        }
        errors.into_iter().map(|error| error.variable).collect()
    }

    #[test]
    fn op_12_each_mistake_names_its_variable() {
        assert!(wrong(&DIRECT, &[]).is_empty() && wrong(&SEARCH, &[]).is_empty(), "controls");
        for (base, changes, expected) in [
            (&DIRECT[..], &[("AUTH_LDAP_URL", "")][..], "AUTH_LDAP_URL"),
            (&DIRECT, &[("AUTH_LDAP_URL", "https://d.test")], "AUTH_LDAP_URL"),
            (&DIRECT, &[("AUTH_LDAP_URL", "ldaps://")], "AUTH_LDAP_URL"),
            (&DIRECT, &[("AUTH_LDAP_URL", "ldaps://d.test/dc=test")], "AUTH_LDAP_URL"),
            (&DIRECT, &[("AUTH_LDAP_URL", "ldaps://cn=x:hunter2@d.test")], "AUTH_LDAP_URL"),
            (&DIRECT, &[("AUTH_LDAP_CA", "/no/such/file")], "AUTH_LDAP_CA"),
            (&DIRECT, &[("AUTH_LDAP_USER_DN", "uid=ada,dc=test")], "AUTH_LDAP_USER_DN"),
            (&DIRECT, &[("AUTH_LDAP_USER_DN", "uid={username,dc=test")], "AUTH_LDAP_USER_DN"),
            (&DIRECT, &[("AUTH_LDAP_USER_DN", "uid={username},o={username}")], "AUTH_LDAP_USER_DN"),
            (&DIRECT, &[("AUTH_LDAP_USER_DN", "{username}@corp.test")], "AUTH_LDAP_SEARCH_BASE"),
            (&DIRECT, &[("AUTH_LDAP_USER_DN", "")], "AUTH_LDAP_BIND_DN"),
            (&DIRECT, &[("AUTH_LDAP_SEARCH_BASE", "dc=test")], "AUTH_LDAP_SEARCH_BASE"),
            (&DIRECT, &[("AUTH_LDAP_GROUP_FILTER", "(member={dn})")], "AUTH_LDAP_GROUP_BASE"),
            (&DIRECT, &[("AUTH_LDAP_ID_ATTRIBUTE", "a b")], "AUTH_LDAP_ID_ATTRIBUTE"),
            (&SEARCH, &[("AUTH_LDAP_USER_DN", "uid={username},dc=test")], "AUTH_LDAP_USER_DN"),
            (&SEARCH, &[("AUTH_LDAP_BIND_PASSWORD", "")], "AUTH_LDAP_BIND_PASSWORD"),
            (&SEARCH, &[("AUTH_LDAP_SEARCH_BASE", "")], "AUTH_LDAP_SEARCH_BASE"),
            (&SEARCH, &[("AUTH_LDAP_FILTER", "(uid=ada)")], "AUTH_LDAP_FILTER"),
            (&SEARCH, &[("AUTH_LDAP_FILTER", "(uid={username}")], "AUTH_LDAP_FILTER"),
            (&SEARCH, &[("AUTH_LDAP_FILTER", "(uid={user})")], "AUTH_LDAP_FILTER"),
        ] {
            assert_eq!(wrong(base, changes), [expected], "{changes:?}");
        }
        let by_typed_name =
            [("AUTH_LDAP_GROUP_BASE", "dc=test"), ("AUTH_LDAP_GROUP_FILTER", "(memberUid={username})")];
        assert_eq!(wrong(&DIRECT, &by_typed_name), ["AUTH_LDAP_GROUP_FILTER"]);
        let by_attribute = [by_typed_name[0], ("AUTH_LDAP_GROUP_FILTER", "(memberUid={uid})")];
        assert!(wrong(&DIRECT, &by_attribute).is_empty(), "control");
    }

    #[test]
    fn ip_11_plain_text_is_for_this_machine_only() {
        let is_plain = |url: &str, has_ca| !is_encrypted(&parse_url(url, has_ca).unwrap(), has_ca);
        assert!(is_plain("ldap://127.0.0.1:389", false) && is_plain("ldap://localhost", false));
        assert!(is_plain("ldap://[::1]", false));
        assert!(!is_plain("ldap://localhost", true), "whoever names certificates wants them checked");
        assert!(!is_plain("ldaps://127.0.0.1", false) && !is_plain("ldap://d.test", false));
        assert!(!is_plain("ldap://127.0.0.1.evil.test", false));
    }
}
