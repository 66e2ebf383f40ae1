//! Settings of the server itself; those of the auth core are in [`leptos_auth::config`]. Rule: all errors of both are
//! reported together, each in one sentence that names the variable and gives an example, never a value.

mod env_file;
mod mode;
mod problems;
mod variables;

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

pub use env_file::load_env_file;
pub use leptos_auth::config::{ConfigError, Environment, Mode};
use leptos_auth::config::{is_address, is_service_link};
pub use problems::Problems;
pub use variables::{environment, notices};

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
    /// `MAX_CONNECTIONS`, `MAX_CONNECTIONS_PER_NETWORK`, `SLOW_CLIENT_TIMEOUT`: limits on open connections.
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
        let port_problem = match get("PORT").is_some_and(is_address) {
            true => {
                "is an address, as Kubernetes sets it for a service: set PORT in the pod, and enableServiceLinks to false. \
                 Example: PORT=3000"
            }
            false => "is not a number from 0 to 65535. Example: PORT=3000",
        };
        const RELOAD_PORT: &str = "LEPTOS_RELOAD_PORT";
        let reload_port = get(RELOAD_PORT).filter(|port| !is_service_link(RELOAD_PORT, port));
        let reload_port = reload_port.map_or(Some(3001), |port| port.parse::<u16>().ok());
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
            port: problems.or_default(port, "PORT", port_problem).unwrap_or_default(),
            trusted_proxies: problems
                .or_default(
                    trusted_proxies,
                    "TRUSTED_PROXIES",
                    "is not a list of addresses or networks. Example: TRUSTED_PROXIES=127.0.0.1,10.0.0.0/8",
                )
                .unwrap_or_default(),
            connections,
            site_root,
            reload_port: problems
                .or_default(
                    reload_port,
                    RELOAD_PORT,
                    "is not a number from 0 to 65535. Example: LEPTOS_RELOAD_PORT=3001",
                )
                .unwrap_or_default()
                .into(),
        }
    }
}

/// Reads the limits on open connections and slow clients.
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

fn parse_host(host: &str) -> Option<IpAddr> {
    if host == "localhost" { Some(Ipv4Addr::LOCALHOST.into()) } else { host.parse().ok() }
}

#[cfg(test)]
mod tests;
