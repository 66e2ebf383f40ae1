//! Settings from the environment, checked together: all errors are reported at once, each in one sentence that names the
//! variable, says why, and gives an example. Values are never quoted, because they may be secrets.
//!
//! The names are those of Auth.js v5.

mod account;
mod audit;
mod database;
mod email;
mod issuer;
#[cfg_attr(not(feature = "ldap"), path = "config/no_ldap.rs")]
pub(crate) mod ldap;
mod limits;
mod linking;
mod outbound;
mod pages;
mod passkey;
#[cfg_attr(not(feature = "password"), path = "config/no_password.rs")]
mod password;
mod provider_choices;
mod provider_status;
mod providers;
mod second_step;
mod service_links;
mod theme;
mod trust;
mod value;

use std::{collections::BTreeMap, fmt, net::IpAddr, str::FromStr, time::Duration};

use url::{Host, Url};

pub use account::AccountSettings;
pub use audit::{AuditSettings, WebhookSettings};
pub use email::EmailSettings;
pub use ldap::LdapSettings;
pub use limits::LimitSettings;
pub use outbound::{OutboundProxy, ProxyUrl};
pub use pages::Pages;
pub use password::PasswordSettings;
pub use provider_status::{ProviderState, ProviderStatus, provider_statuses};
pub use providers::is_provider_variable;
pub use service_links::{is_address, is_service_link};
pub use theme::{ColorScheme, Theme};
pub use value::{copied_with, explain};

use crate::{
    adapter::AuthJsTables,
    clock::Timestamp,
    cookie::{SameSite, SessionCookiePolicy},
    jwt::{SessionTokens, TokenForm, TokenSettings, pem_blocks},
    provider::OAuthProvider,
    random,
    secret::Secret,
};

/// Whether mistakes are forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On a developer's machine: what is missing gets a harmless default.
    Development,
    /// In front of users: what is missing or weak stops the start.
    Production,
}

/// How sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStrategy {
    /// Stateless: an encrypted token in the cookie.
    Jwt,
    /// A row in the database; the cookie holds a random token.
    Database,
}

pub(crate) const NOT_BEFORE_EXAMPLE: &str = "Example: AUTH_SESSION_NOT_BEFORE=2026-11-21T15:00:00Z";

/// Length and kind of sessions.
#[derive(Clone, Copy, Debug)]
pub struct SessionSettings {
    /// Kind; unless it is set, in the database if there is one.
    pub strategy: Option<SessionStrategy>,
    /// A session ends this long after its last renewal. `AUTH_SESSION_MAX_AGE`, seconds, 30 days.
    pub max_age: Duration,
    /// A session in use is renewed when this old. `AUTH_SESSION_UPDATE_AGE`, seconds, 1 day or half of
    /// `max_age`.
    pub update_age: Duration,
    /// A session ends this long after the sign-in, however often it is used (OWASP ASVS 5.0, 7.3.2).
    /// `AUTH_SESSION_ABSOLUTE_MAX_AGE`, seconds, 90 days or `max_age` if that is longer; 0 for no limit (`None`).
    pub absolute_max_age: Option<Duration>,
    /// As `max_age`, for who signs in with `remember=false`: their cookie ends with the browser as well.
    /// `AUTH_SESSION_UNREMEMBERED_MAX_AGE`, seconds, 12 hours.
    pub unremembered_max_age: Duration,
    /// Sessions that began earlier are over, whatever a database or a token says: for after a break-in, or after an old
    /// backup was restored. `AUTH_SESSION_NOT_BEFORE`, a time in RFC 3339.
    pub not_before: Option<Timestamp>,
}

/// All settings of the core.
pub struct Config {
    /// Development or production.
    pub mode: Mode,
    /// The one public origin. Request headers never decide it.
    pub base_url: Url,
    /// The first encrypts, all decrypt.
    pub secrets: Vec<Secret>,
    /// `DATABASE_URL`, if any.
    pub database_url: Option<Secret>,
    /// `SESSION_STORE`: where sessions, mailed tokens and counters are, if not with the users.
    pub session_store: Option<Secret>,
    /// `AUTH_TABLES`: those of Auth.js, if they are used as they are.
    pub auth_js_tables: Option<AuthJsTables>,
    /// Sessions.
    pub session: SessionSettings,
    /// The tokens of stateless sessions.
    pub tokens: TokenSettings,
    /// The session's cookie.
    pub session_cookie: SessionCookiePolicy,
    /// What owners may do with their accounts.
    pub account: AccountSettings,
    /// What is kept of what happens to accounts, and who is told.
    pub audit: AuditSettings,
    /// Sign-in by address and password.
    pub password: PasswordSettings,
    /// Rate limits.
    pub limits: LimitSettings,
    /// Whether people may have a second step. `AUTH_TOTP`, yes.
    pub totp: bool,
    /// How mails are sent, if that is set.
    pub email: Option<EmailSettings>,
    /// The directory that checks names and passwords, if set.
    pub ldap: Option<LdapSettings>,
    /// `AUTH_PASSKEY`: whether people may sign in with passkeys.
    pub passkey: bool,
    /// The proxy for requests to providers and mail services.
    pub outbound_proxy: OutboundProxy,
    /// The OAuth and OpenID Connect providers whose variables are set.
    pub providers: Vec<OAuthProvider>,
    /// `AUTH_LINK_TRUSTED`: ids of the providers that lead by a proven address to the user who owns it.
    pub link_trusted: Vec<String>,
    /// Pages of your own in the place of the starter's.
    pub pages: Pages,
    /// The look of pages and mails.
    pub theme: Theme,
}

/// One mistake: the variable, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The name of the variable.
    pub variable: String,
    /// Why it cannot be used, and an example.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.variable, self.message)
    }
}

/// Variables and their values; empty ones count as not set.
pub type Environment = BTreeMap<String, String>;

impl Config {
    /// Reads and checks the environment.
    ///
    /// `default_url` stands in for `AUTH_URL` in development.
    ///
    /// # Errors
    /// Every mistake, in the order of the documentation.
    pub fn from_environment(
        env: &Environment,
        mode: Mode,
        default_url: &Url,
    ) -> Result<Self, Vec<ConfigError>> {
        let mut reader = Reader { env, mode, errors: Vec::new() };
        let secrets = reader.secrets();
        let base_url = reader.base_url(default_url);
        let [database_url, session_store] = reader.database_urls();
        let auth_js_tables = reader.auth_js_tables();
        let session = reader.session();
        let session_cookie = reader.session_cookie(&base_url);
        let tokens = reader.tokens(&secrets);
        let account = reader.account();
        let audit = reader.audit();
        let password = reader.password();
        let limits = reader.limits();
        let totp = reader.totp();
        let email = reader.email();
        let ldap = reader.ldap();
        let passkey = reader.passkey();
        let outbound_proxy = reader.outbound_proxy();
        let providers = reader.providers();
        let link_trusted = reader.link_trusted();
        let pages = reader.pages();
        let theme = reader.theme();
        reader.trust();
        if reader.errors.is_empty() {
            Ok(Self {
                mode,
                base_url,
                secrets,
                database_url,
                session_store,
                auth_js_tables,
                session,
                tokens,
                session_cookie,
                account,
                audit,
                password,
                limits,
                totp,
                email,
                ldap,
                passkey,
                outbound_proxy,
                providers,
                link_trusted,
                pages,
                theme,
            })
        } else {
            reader.errors.iter_mut().for_each(|error| explain(env, error));
            Err(reader.errors)
        }
    }
}

/// Returns warnings, as sentence fragments, about settings that work but are probably not intended. No value is quoted.
#[must_use]
pub fn warnings(env: &Environment) -> Vec<ConfigError> {
    [database::warnings(env), email::warnings(env)].concat()
}

struct Reader<'e> {
    env: &'e Environment,
    mode: Mode,
    errors: Vec<ConfigError>,
}

impl Reader<'_> {
    fn get(&self, variable: &str) -> Option<&str> {
        self.env.get(variable).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn wrong(&mut self, variable: &str, message: impl Into<String>) {
        self.errors.push(ConfigError { variable: variable.to_owned(), message: message.into() });
    }

    /// `AUTH_SECRET`, and in front of it the newer `AUTH_SECRET_1` to `_3`, as Auth.js orders them.
    fn secrets(&mut self) -> Vec<Secret> {
        let mut secrets = Vec::new();
        for variable in ["AUTH_SECRET_3", "AUTH_SECRET_2", "AUTH_SECRET_1", "AUTH_SECRET"] {
            let Some(secret) = self.get(variable).map(Secret::new) else { continue };
            if self.mode == Mode::Production && is_weak(secret.expose()) {
                self.wrong(
                    variable,
                    "is weak: it encrypts every session and must be at least 32 random bytes. \
                     Example: AUTH_SECRET=\"$(openssl rand -base64 33)\"",
                );
            }
            secrets.push(secret);
        }
        if secrets.is_empty() {
            if self.mode == Mode::Production {
                self.wrong(
                    "AUTH_SECRET",
                    "is missing: it encrypts every session. Example: AUTH_SECRET=\"$(openssl rand -base64 33)\"",
                );
            }
            secrets.push(Secret::new(random::token()));
        }
        secrets
    }

    fn base_url(&mut self, default_url: &Url) -> Url {
        const EXAMPLE: &str = "Example: AUTH_URL=https://app.example.com";
        let Some(value) = self.get("AUTH_URL") else {
            if self.mode == Mode::Production {
                self.wrong("AUTH_URL", format!("is missing: links and cookies are made for it. {EXAMPLE}"));
            }
            return default_url.clone();
        };
        match parse_base_url(value, self.mode) {
            Ok(url) => url,
            Err(reason) => {
                self.wrong("AUTH_URL", format!("{reason}. {EXAMPLE}"));
                default_url.clone()
            }
        }
    }

    fn session(&mut self) -> SessionSettings {
        let strategy = match self.get("AUTH_SESSION") {
            None => None,
            Some("jwt") => Some(SessionStrategy::Jwt),
            Some("database") => Some(SessionStrategy::Database),
            Some(_) => {
                self.wrong("AUTH_SESSION", "must be jwt or database. Example: AUTH_SESSION=jwt");
                None
            }
        };
        const ABSOLUTE_MAX_AGE: &str = "AUTH_SESSION_ABSOLUTE_MAX_AGE";
        const DAY: u64 = 24 * 3600;
        let max_age = self.seconds("AUTH_SESSION_MAX_AGE", 30 * DAY, 1);
        let update_age = self.seconds("AUTH_SESSION_UPDATE_AGE", DAY.min(max_age.as_secs() / 2), 0);
        let absolute_max_age = self.seconds(ABSOLUTE_MAX_AGE, (90 * DAY).max(max_age.as_secs()), 0);
        let unremembered_max_age = self.seconds("AUTH_SESSION_UNREMEMBERED_MAX_AGE", DAY / 2, 1);
        let not_before = self.get("AUTH_SESSION_NOT_BEFORE").map(Timestamp::from_rfc3339);
        if not_before == Some(None) {
            self.wrong("AUTH_SESSION_NOT_BEFORE", format!("is no time. {NOT_BEFORE_EXAMPLE}"));
        }
        SessionSettings {
            strategy,
            max_age,
            update_age: update_age.min(max_age),
            absolute_max_age: Some(absolute_max_age).filter(|age| !age.is_zero()),
            unremembered_max_age,
            not_before: not_before.flatten(),
        }
    }

    fn tokens(&mut self, secrets: &[Secret]) -> TokenSettings {
        const EXAMPLE: &str = "Example: AUTH_JWT_FORM=authjs-v5";
        let form = |name: &str| name.trim().parse::<TokenForm>().ok();
        let write = self.get("AUTH_JWT_FORM").map(form);
        if write == Some(None) {
            self.wrong("AUTH_JWT_FORM", format!("is no form of token: docs/tokens.md lists them. {EXAMPLE}"));
        }
        let accept: Vec<_> = self.get("AUTH_JWT_ACCEPT").unwrap_or_default().split(',').map(form).collect();
        let is_set = self.get("AUTH_JWT_ACCEPT").is_some();
        if is_set && accept.contains(&None) {
            self.wrong(
                "AUTH_JWT_ACCEPT",
                "must be forms of token, separated by commas. Example: AUTH_JWT_ACCEPT=authjs-v4,authjs-v3",
            );
        }
        let private_keys = self.pem("AUTH_JWT_PRIVATE_KEY").iter().map(Secret::new).collect();
        let public_keys = self.pem("AUTH_JWT_PUBLIC_KEY");
        let accept = accept.into_iter().flatten().collect();
        let settings = TokenSettings { write: write.flatten(), accept, private_keys, public_keys };
        if let Err(reason) = SessionTokens::new(&settings, secrets, "") {
            self.wrong(
                "AUTH_JWT_PRIVATE_KEY",
                format!("does not fit: {reason}. Example: AUTH_JWT_PRIVATE_KEY=\"$(openssl genpkey -algorithm ed25519)\""),
            );
        }
        settings
    }

    /// Keys in PEM, in the variable itself or in the file that it names.
    fn pem(&mut self, variable: &str) -> Vec<String> {
        let Some(value) = self.get(variable).map(str::to_owned) else { return Vec::new() };
        // In a .env file a key is one line with \n in it.
        let text = if value.contains("-----BEGIN ") {
            Ok(value.replace("\\n", "\n"))
        } else {
            std::fs::read_to_string(&value)
        };
        let blocks = text.as_deref().map(pem_blocks).unwrap_or_default();
        if blocks.is_empty() {
            self.wrong(
                variable,
                format!(
                    "is neither a key in PEM nor a file with one. Example: {variable}=/run/secrets/key.pem"
                ),
            );
        }
        blocks
    }

    /// What browsers would refuse, or what would give the session to others, is refused here with the reason.
    fn session_cookie(&mut self, base_url: &Url) -> SessionCookiePolicy {
        let mut policy = SessionCookiePolicy::default();
        let is_secure = base_url.scheme() == "https";
        if let Some(name) = self.get("AUTH_COOKIE_NAME").map(str::to_owned) {
            if !is_cookie_name(&name) {
                self.wrong(
                    "AUTH_COOKIE_NAME",
                    "must be letters, digits, dots and dashes, without __Secure- or __Host-, which are put in front of it \
                     on https. Example: AUTH_COOKIE_NAME=next-auth.session-token",
                );
            }
            policy.name = name;
        }
        policy.same_site = match self.get("AUTH_COOKIE_SAME_SITE") {
            None | Some("lax") => SameSite::Lax,
            Some("strict") => SameSite::Strict,
            Some("none") if is_secure => SameSite::None,
            Some("none") => {
                self.wrong(
                    "AUTH_COOKIE_SAME_SITE",
                    "is none, and browsers take such a cookie on https only. Example: AUTH_COOKIE_SAME_SITE=lax",
                );
                SameSite::Lax
            }
            Some(_) => {
                self.wrong(
                    "AUTH_COOKIE_SAME_SITE",
                    "must be lax, strict or none. Example: AUTH_COOKIE_SAME_SITE=lax",
                );
                SameSite::Lax
            }
        };
        policy.host_prefix = self.flag("AUTH_COOKIE_HOST_PREFIX").unwrap_or(false);
        policy.domain =
            self.get("AUTH_COOKIE_DOMAIN").map(|domain| domain.trim_start_matches('.').to_lowercase());
        let reason =
            policy.domain.as_deref().and_then(|domain| domain_problem(domain, base_url, policy.host_prefix));
        if let Some(reason) = reason {
            self.wrong("AUTH_COOKIE_DOMAIN", format!("{reason}. Example: AUTH_COOKIE_DOMAIN=example.com"));
        }
        policy
    }

    fn seconds(&mut self, variable: &str, default: u64, least: u64) -> Duration {
        /// Browsers forget cookies after 400 days (RFC 6265bis section 5.5).
        const MOST: u64 = 400 * 24 * 3600;
        let seconds = match self.get(variable).map(str::parse) {
            None => default,
            Some(Ok(seconds)) if (least..=MOST).contains(&seconds) => seconds,
            Some(_) => {
                self.wrong(
                    variable,
                    format!(
                        "must be a number of seconds from {least} to {MOST}. Example: {variable}={default}"
                    ),
                );
                default
            }
        };
        Duration::from_secs(seconds)
    }

    fn number<N>(&mut self, variable: &str, default: N, least: N, most: N) -> N
    where
        N: FromStr + PartialOrd + fmt::Display + Copy,
    {
        match self.get(variable).map(N::from_str) {
            None => default,
            Some(Ok(number)) if (least..=most).contains(&number) => number,
            Some(_) => {
                self.wrong(
                    variable,
                    format!("must be a number from {least} to {most}. Example: {variable}={default}"),
                );
                default
            }
        }
    }

    fn flag(&mut self, variable: &str) -> Option<bool> {
        match self.get(variable)? {
            "false" => Some(false),
            "true" => Some(true),
            _ => {
                self.wrong(variable, format!("must be true or false. Example: {variable}=true"));
                None
            }
        }
    }
}

/// A name as RFC 6265 section 4.1.1 has it, without the characters that nobody needs.
fn is_cookie_name(name: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !name.is_empty() && name.len() <= 64 && name.bytes().all(is_known) && !name.starts_with("__")
}

/// Why hosts under that domain must not share the session.
fn domain_problem(domain: &str, base_url: &Url, host_prefix: bool) -> Option<&'static str> {
    let Some(Host::Domain(host)) = base_url.host() else {
        return Some("is a domain, but AUTH_URL has an address of numbers");
    };
    if host_prefix {
        return Some("contradicts AUTH_COOKIE_HOST_PREFIX: a cookie of that kind belongs to one host");
    }
    if !domain.contains('.') {
        return Some("is a whole top-level domain: everybody under it would get the session");
    }
    let is_own = host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    (!is_own).then_some("is not the domain that AUTH_URL is under, so browsers refuse the cookie")
}

/// Too short, too regular, or known from a documentation.
fn is_weak(secret: &str) -> bool {
    const KNOWN: [&str; 1] = ["0123456789abcdef0123456789abcdef"];
    let distinct = secret.bytes().collect::<std::collections::BTreeSet<_>>().len();
    secret.len() < 32 || distinct < 12 || KNOWN.contains(&secret)
}

fn parse_base_url(value: &str, mode: Mode) -> Result<Url, &'static str> {
    let mut url = Url::parse(value).map_err(|_| "is not a URL")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("must begin with https://");
    }
    if url.scheme() == "http" && !is_loopback(&url) && mode == Mode::Production {
        return Err("must begin with https://: cookies would travel in clear text");
    }
    if !matches!(url.path(), "/" | "/api/auth" | "/api/auth/")
        || url.query().is_some()
        || !url.username().is_empty()
    {
        return Err("must be an origin without a path");
    }
    url.set_path("/");
    url.set_fragment(None);
    Ok(url)
}

/// https, or http on this machine when `allow_loopback`.
pub(crate) fn is_safe_endpoint(url: &Url, allow_loopback: bool) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && allow_loopback && is_loopback(url))
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // For schemes it does not know, `url` leaves addresses as names.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
