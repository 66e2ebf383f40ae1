//! Classifies the host of a URL as local, private or public. Rule: only the text counts, without a DNS query, so that the
//! result is the same at every start. A host that is not known to be private is public.

use std::net::IpAddr;

/// The network that a host is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Network {
    /// This machine, or a Unix socket.
    Local,
    /// A name without a dot, as in Docker Compose and Kubernetes; a private address (RFC 1918, RFC 4193); or a name
    /// that exists only in private networks.
    Private,
    /// Everything else.
    Public,
}

/// Returns the least trusted network of the hosts that a URL names.
pub(super) fn network_of(url: &str, pairs: &[(String, String)]) -> Network {
    let is_srv = url.starts_with("mongodb+srv:");
    let named = |wanted: &[&str]| {
        let mut values = pairs.iter().filter(|(name, _)| wanted.contains(&name.as_str()));
        values.next_back().map(|(_, value)| value.clone())
    };
    if let Some(host) = named(&["host", "hostaddr"]) {
        return network_of_host(&host);
    }
    if named(&["socket"]).is_some() {
        return Network::Local;
    }
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let networks = hosts.split(',').map(|host| {
        let host = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        network_of_host(&percent_encoding::percent_decode_str(host).decode_utf8_lossy())
    });
    let network = networks.max().unwrap_or(Network::Local);
    if is_srv && network == Network::Private { Network::Public } else { network }
}

fn network_of_host(host: &str) -> Network {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.is_empty() || host.starts_with('/') || host == "localhost" || host.ends_with(".localhost") {
        return Network::Local;
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return network_of_address(address.to_canonical());
    }
    /// Names that public DNS does not resolve (RFC 6762, RFC 8375, ICANN's `.internal`), and those of Kubernetes.
    const PRIVATE: [&str; 7] =
        [".internal", ".local", ".localdomain", ".lan", ".home.arpa", ".svc", ".flycast"];
    let is_private = !host.contains('.') || PRIVATE.iter().any(|suffix| host.ends_with(suffix));
    if is_private { Network::Private } else { Network::Public }
}

fn network_of_address(address: IpAddr) -> Network {
    let is_private = match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            // 100.64.0.0/10: shared address space (RFC 6598), used by Tailscale and some cloud providers.
            address.is_private() || address.is_link_local() || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    match (address.is_loopback() || address.is_unspecified(), is_private) {
        (true, _) => Network::Local,
        (_, true) => Network::Private,
        _ => Network::Public,
    }
}
