//! Who is at the other end: limits count by it, the log names it.
//!
//! Threat: a header is written by whoever sends the request. `X-Forwarded-For` is therefore read only when the
//! connection itself comes from a proxy that `TRUSTED_PROXIES` names, and from its right end: the last address that
//! is not one of these proxies is the one that they saw (HH-02, RL-07).

use std::net::IpAddr;

use http::HeaderMap;

/// Addresses and networks of our own proxies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u32,
}

impl TrustedProxies {
    /// Reads a list such as `127.0.0.1,10.0.0.0/8,fd00::/8`.
    #[must_use]
    pub fn parse(list: &str) -> Option<Self> {
        list.split(',').map(|item| Network::parse(item.trim())).collect::<Option<_>>().map(Self)
    }

    /// Whether none is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The client's address: the connection's own, or the one that our proxies tell.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.contains(peer) {
            return peer;
        }
        let mut client = peer;
        for address in forwarded_for(headers) {
            // Beyond something that is no address nothing can be believed.
            let Some(address) = address else { break };
            client = address;
            if !self.contains(address) {
                break;
            }
        }
        client
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse::<IpAddr>().ok()?.to_canonical();
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        (prefix <= longest).then_some(Self { address, prefix })
    }

    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                own.to_bits().checked_shr(32 - self.prefix) == other.to_bits().checked_shr(32 - self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                own.to_bits().checked_shr(128 - self.prefix) == other.to_bits().checked_shr(128 - self.prefix)
            }
            _ => false,
        }
    }
}

/// The addresses of all `X-Forwarded-For` headers, last one first; `None` for what is no address.
fn forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let values: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    values.into_iter().rev().flat_map(|value| {
        let addresses: Vec<_> = value.to_str().unwrap_or("?").split(',').rev().map(parse).collect();
        addresses
    })
}

fn parse(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded_for: &[&str]) -> String {
        let headers = forwarded_for
            .iter()
            .map(|value| (http::HeaderName::from_static("x-forwarded-for"), value.parse().unwrap()))
            .collect();
        let proxies = if trusted.is_empty() {
            TrustedProxies::default()
        } else {
            TrustedProxies::parse(trusted).unwrap()
        };
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn hh_02_without_trust_the_header_is_not_read() {
        assert_eq!(client("", "127.0.0.1", &["6.6.6.6"]), "127.0.0.1");
        assert_eq!(client("10.0.0.0/8", "9.9.9.9", &["6.6.6.6"]), "9.9.9.9");
    }

    #[test]
    fn the_last_address_that_is_not_ours_counts() {
        assert_eq!(
            client("127.0.0.1", "127.0.0.1", &["1.1.1.1, 2.2.2.2"]),
            "2.2.2.2",
            "the client wrote 1.1.1.1"
        );
        assert_eq!(client("127.0.0.1,10.0.0.0/8", "127.0.0.1", &["2.2.2.2, 10.1.2.3"]), "2.2.2.2");
        assert_eq!(client("127.0.0.1,10.0.0.0/8", "127.0.0.1", &["2.2.2.2", "10.1.2.3"]), "2.2.2.2");
        assert_eq!(client("127.0.0.1", "127.0.0.1", &["2.2.2.2, junk"]), "127.0.0.1");
        assert_eq!(client("127.0.0.1", "127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(client("fd00::/8", "fd00::1", &["2001:db8::7"]), "2001:db8::7");
    }

    #[test]
    fn rl_07_one_machine_is_one_address() {
        assert_eq!(client("127.0.0.1", "::ffff:127.0.0.1", &["::ffff:2.2.2.2"]), "2.2.2.2");
        assert_eq!(client("0.0.0.0/0", "3.3.3.3", &[]), "3.3.3.3");
    }

    #[test]
    fn lists_are_checked() {
        for list in ["x", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "1.2.3.4,,"] {
            assert_eq!(TrustedProxies::parse(list), None, "{list}");
        }
    }
}
