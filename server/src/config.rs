//! Settings of the server itself; those of the auth core are in [`leptos_auth::config`]. Rule: all mistakes of
//! both are reported together, each in one sentence that names the variable and gives an example, never a value.

mod mode;
mod problems;

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use leptos_auth::config::is_provider_variable;
pub use leptos_auth::config::{ConfigError, Environment, Mode};
pub use problems::Problems;

use crate::{assets, client_address::TrustedProxies, connections::ConnectionLimits};

/// Where the server listens, and what it serves.
#[derive(Debug)]
pub struct ServerConfig {
    /// Development or production.
    pub mode: Mode,
    /// `HOST`: the address to listen on, 127.0.0.1 unless set.
    pub host: IpAddr,
    /// `PORT`: 3000 unless set; 0 takes any free one.
    pub port: u16,
    /// `TRUSTED_PROXIES`: whose word on client addresses counts.
    pub trusted_proxies: TrustedProxies,
    /// `MAX_CONNECTIONS`, `MAX_CONNECTIONS_PER_NETWORK`, `SLOW_CLIENT_TIMEOUT`: what clients may keep open.
    pub(crate) connections: ConnectionLimits,
    /// `LEPTOS_SITE_ROOT`: the folder of static files.
    pub site_root: PathBuf,
    /// `LEPTOS_RELOAD_PORT`: where `cargo leptos watch` listens.
    pub reload_port: u32,
}

impl ServerConfig {
    /// Reads and checks the environment; what is wrong is added to `problems` and gets a default.
    pub fn from_environment(env: &Environment, problems: &mut Problems) -> Self {
        let get = |name: &str| env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let mode = mode::read(get("AUTH_ENV").or(get("LEPTOS_ENV")), problems);
        let host = get("HOST").map_or(Some(Ipv4Addr::LOCALHOST.into()), parse_host);
        let port = get("PORT").map_or(Some(3000), |port| port.parse().ok());
        let trusted_proxies =
            get("TRUSTED_PROXIES").map_or_else(|| Some(TrustedProxies::default()), TrustedProxies::parse);
        let connections = connections(&get, problems);
        let site_root = assets::site_root(get("LEPTOS_SITE_ROOT"));
        if mode == Mode::Production && !site_root.join("pkg").is_dir() {
            problems.add(
                "LEPTOS_SITE_ROOT",
                "names no folder with the site's files. Example: LEPTOS_SITE_ROOT=/srv/app/site",
            );
        }
        Self {
            mode,
            host: problems
                .or_default(host, "HOST", "is not an address to listen on. Example: HOST=0.0.0.0")
                .unwrap_or(Ipv4Addr::LOCALHOST.into()),
            port: problems
                .or_default(port, "PORT", "is not a number from 0 to 65535. Example: PORT=3000")
                .unwrap_or_default(),
            trusted_proxies: problems
                .or_default(
                    trusted_proxies,
                    "TRUSTED_PROXIES",
                    "is not a list of addresses or networks. Example: TRUSTED_PROXIES=127.0.0.1,10.0.0.0/8",
                )
                .unwrap_or_default(),
            connections,
            site_root,
            reload_port: get("LEPTOS_RELOAD_PORT").and_then(|port| port.parse().ok()).unwrap_or(3001),
        }
    }
}

/// How many connections there may be, and how slow.
fn connections<'e>(get: &impl Fn(&str) -> Option<&'e str>, problems: &mut Problems) -> ConnectionLimits {
    let mut number = |name: &str, default: usize, most: usize| {
        let value = get(name).map_or(Some(default), |value| value.parse().ok());
        let value = value.filter(|value| (1..=most).contains(value));
        let message = format!("must be a number from 1 to {most}. Example: {name}={default}");
        problems.or_default(value, name, &message).unwrap_or(default)
    };
    let default = ConnectionLimits::default();
    let seconds = usize::try_from(default.slow_client.as_secs()).unwrap_or(usize::MAX);
    let limits = (
        number("MAX_CONNECTIONS", default.in_all, 1_000_000),
        number("MAX_CONNECTIONS_PER_NETWORK", default.per_network, 1_000_000),
        number("SLOW_CLIENT_TIMEOUT", seconds, 3600),
    );
    let slow_client = Duration::from_secs(u64::try_from(limits.2).unwrap_or(u64::MAX));
    ConnectionLimits { in_all: limits.0, per_network: limits.1, slow_client }
}

/// The variables of this process. Names and values that are not UTF-8 cannot be ours.
#[must_use]
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Reads `.env` in the working directory, if there is one. Variables that are set already stay as they are.
///
/// # Errors
/// When a line is not `NAME=value`.
pub fn load_env_file() -> Result<(), Problems> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        // The error's own text would repeat the line, and with it perhaps a secret.
        Err(_) => Err(Problems::one(".env", "has a line that is not NAME=value. Example: PORT=3000")),
    }
}

/// Variables that look like ours and are not: mostly mistyped.
#[must_use]
pub fn unknown_variables(env: &Environment) -> BTreeSet<&str> {
    const KNOWN: &[&str] = &[
        "AUTH_AUDIT_RETENTION",
        "AUTH_AUDIT_WEBHOOK_SECRET",
        "AUTH_AUDIT_WEBHOOK_URL",
        "AUTH_COOKIE_DOMAIN",
        "AUTH_COOKIE_HOST_PREFIX",
        "AUTH_COOKIE_NAME",
        "AUTH_COOKIE_SAME_SITE",
        "AUTH_DELETION_GRACE",
        "AUTH_ENV",
        "AUTH_FORWARDEMAIL_KEY",
        "AUTH_JWT_ACCEPT",
        "AUTH_JWT_FORM",
        "AUTH_JWT_PRIVATE_KEY",
        "AUTH_JWT_PUBLIC_KEY",
        "AUTH_LDAP_BIND_DN",
        "AUTH_LDAP_BIND_PASSWORD",
        "AUTH_LDAP_CA",
        "AUTH_LDAP_FILTER",
        "AUTH_LDAP_GROUP_BASE",
        "AUTH_LDAP_GROUP_FILTER",
        "AUTH_LDAP_ID_ATTRIBUTE",
        "AUTH_LDAP_SEARCH_BASE",
        "AUTH_LDAP_URL",
        "AUTH_LDAP_USER_DN",
        "AUTH_LIMIT_ACCOUNT_FAILURES",
        "AUTH_LIMIT_ACCOUNT_SIGN_INS",
        "AUTH_LIMIT_ADDRESS_EMAILS",
        "AUTH_LIMIT_NETWORK_EMAILS",
        "AUTH_LIMIT_NETWORK_PROVIDER_SIGN_INS",
        "AUTH_LIMIT_NETWORK_SIGN_INS",
        "AUTH_LINK_TRUSTED",
        "AUTH_LOOPS_KEY",
        "AUTH_LOOPS_TRANSACTIONAL_ID",
        "AUTH_MAILGUN_KEY",
        "AUTH_MAILGUN_REGION",
        "AUTH_PAGES_ERROR",
        "AUTH_PAGES_NEW_USER",
        "AUTH_PAGES_SIGN_IN",
        "AUTH_PAGES_SIGN_OUT",
        "AUTH_PAGES_VERIFY_REQUEST",
        "AUTH_PASSKEY",
        "AUTH_PASSWORD",
        "AUTH_PASSWORD_MIN_LENGTH",
        "AUTH_PASSWORD_QUEUE",
        "AUTH_POSTMARK_KEY",
        "AUTH_RESEND_KEY",
        "AUTH_SECRET",
        "AUTH_SECRET_1",
        "AUTH_SECRET_2",
        "AUTH_SECRET_3",
        "AUTH_SECURITY_MAILS",
        "AUTH_SENDGRID_KEY",
        "AUTH_SESSION",
        "AUTH_SESSION_ABSOLUTE_MAX_AGE",
        "AUTH_SESSION_MAX_AGE",
        "AUTH_SESSION_NOT_BEFORE",
        "AUTH_SESSION_UNREMEMBERED_MAX_AGE",
        "AUTH_SESSION_UPDATE_AGE",
        "AUTH_TABLES",
        "AUTH_THEME_BRAND_COLOR",
        "AUTH_THEME_BUTTON_TEXT",
        "AUTH_THEME_COLOR_SCHEME",
        "AUTH_THEME_FONT",
        "AUTH_THEME_LOGO",
        "AUTH_THEME_RADIUS",
        "AUTH_TOTP",
        "AUTH_URL",
    ];
    env.keys()
        .map(String::as_str)
        .filter(|name| name.starts_with("AUTH_") || name.starts_with("NEXTAUTH_"))
        .filter(|name| !KNOWN.contains(name) && !is_provider_variable(name))
        .collect()
}

fn parse_host(host: &str) -> Option<IpAddr> {
    if host == "localhost" { Some(Ipv4Addr::LOCALHOST.into()) } else { host.parse().ok() }
}

#[cfg(test)]
mod tests;
