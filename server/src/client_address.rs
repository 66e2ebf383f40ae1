//! Determines the client's IP address, which rate limits and the log use.
//!
//! Threat: the client controls its own headers. `X-Forwarded-For` (or `Forwarded`) is therefore read only if the connection
//! comes from a proxy in `TRUSTED_PROXIES`, and from its right end: the last address that is not one of these proxies is
//! the client that they saw (HH-02, RL-07).

use std::{
    net::IpAddr,
    sync::atomic::{AtomicBool, Ordering},
};

use http::HeaderMap;

const X_FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED: &str = "forwarded";

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
            warn_of_untrusted_proxy(peer, headers);
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

    /// Returns whether an address belongs to one of the trusted proxies.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
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

/// Warns once if a private address sends client addresses: it is a proxy, and limits count all of its clients as one.
fn warn_of_untrusted_proxy(peer: IpAddr, headers: &HeaderMap) {
    static IS_SAID: AtomicBool = AtomicBool::new(false);
    let is_forwarded = [X_FORWARDED_FOR, FORWARDED].iter().any(|name| headers.contains_key(*name));
    if is_forwarded && is_private(peer) && !IS_SAID.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            %peer,
            "a proxy that is not in TRUSTED_PROXIES sends client addresses: rate limits count all of its clients as one. \
             Example: TRUSTED_PROXIES={peer}"
        );
    }
}

/// Returns whether an address belongs to this machine or to a private network, where proxies run.
pub fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            // 100.64.0.0/10 is the shared address space of carriers and container networks (RFC 6598).
            let is_shared = address.octets()[0] == 100 && address.octets()[1] & 0xc0 == 64;
            address.is_loopback() || address.is_private() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// Returns the addresses that proxies have added, the last one first; `None` for an entry that is not an address.
///
/// `Forwarded` (RFC 7239) is read only if there is no `X-Forwarded-For`: a proxy that writes one of them passes the other
/// one on as the client sent it.
fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let read = |name: &str, elements: fn(&str) -> Vec<Option<IpAddr>>| -> Vec<Option<IpAddr>> {
        let values = headers.get_all(name).iter().rev();
        values.flat_map(|value| elements(&String::from_utf8_lossy(value.as_bytes()))).collect()
    };
    if headers.contains_key(X_FORWARDED_FOR) {
        read(X_FORWARDED_FOR, |value| elements(value, ',').map(node).collect())
    } else {
        read(FORWARDED, |value| elements(value, ',').map(forwarded_node).collect())
    }
}

/// Returns the elements of a list, the last one first, without empty ones (RFC 9110 section 5.6.1). Double quotes protect
/// separators. They are paired from the right end, which a proxy of ours wrote: a quote that the client left open hides
/// nothing of it.
fn elements(list: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let parts = list.rsplit(move |c: char| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    });
    parts.map(|part| part.trim_matches([' ', '\t'])).filter(|part| !part.is_empty())
}

/// Returns the `for=` of one element of `Forwarded` (RFC 7239 section 4).
fn forwarded_node(element: &str) -> Option<IpAddr> {
    let pairs = elements(element, ';').filter_map(|pair| pair.split_once('='));
    let mut nodes = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = nodes.next()?;
    if nodes.next().is_some() { None } else { node(value.trim()) }
}

/// Parses an address as proxies write it: alone, with a port, in brackets, in quotes. Names such as `unknown` and `_hidden`
/// (RFC 7239 section 6) give `None`.
fn node(text: &str) -> Option<IpAddr> {
    let text = match text.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => text,
    };
    let (address, port) = if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        (address.contains(':').then_some(address)?, port_behind(rest)?)
    } else if text.matches(':').count() == 1 {
        text.split_once(':')?
    } else {
        (text, "")
    };
    if !is_port(port) {
        return None;
    }
    // A zone names the network interface of a link-local address (RFC 4007 section 11).
    let address = address.split_once('%').map_or(address, |(address, _zone)| address);
    address.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Returns what follows a closing bracket: nothing, or a colon and a port.
fn port_behind(rest: &str) -> Option<&str> {
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
}

/// Returns whether a text is a port number, an obfuscated port (RFC 7239 section 6.3), or empty.
fn is_port(text: &str) -> bool {
    let is_hidden =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    text.strip_prefix('_').is_some_and(is_hidden)
        || (text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit()))
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
    fn f_b8_addresses_are_read_as_proxies_write_them() {
        for (written, address) in [
            ("203.0.113.5:41234", "203.0.113.5"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("\"203.0.113.5:41234\"", "203.0.113.5"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"),
            ("[::ffff:203.0.113.5]:80", "203.0.113.5"),
            ("::ffff:203.0.113.5", "203.0.113.5"),
            ("[fe80::1%25eth0]:80", "fe80::1"),
            ("  203.0.113.5\t", "203.0.113.5"),
            ("9.9.9.9, 203.0.113.5:1,", "203.0.113.5"),
            ("\u{e9}, 203.0.113.5", "203.0.113.5"),
        ] {
            assert_eq!(of_proxy(X_FORWARDED_FOR, written), address, "{written}");
        }
        for (written, address) in [
            ("for=203.0.113.5", "203.0.113.5"),
            ("For=\"[2001:db8::1]:4711\";proto=https;by=203.0.113.43", "2001:db8::1"),
            ("for=9.9.9.9, for=203.0.113.5:80;host=\"a,b;c\"", "203.0.113.5"),
            ("for=203.0.113.5:_port", "203.0.113.5"),
        ] {
            assert_eq!(of_proxy(FORWARDED, written), address, "{written}");
        }
    }

    #[test]
    fn f_b8_what_is_no_address_is_not_believed_nor_what_stands_before_it() {
        for junk in [
            "unknown",
            "_hidden",
            "_SEVKISEK",
            "203.0.113.5:x",
            "203.0.113.5:123456",
            "[2001:db8::1",
            "[203.0.113.5]",
            "2001:db8::1]:443",
            "\"203.0.113.5",
            "010.0.0.1",
            "1.2.3",
            "[]:80",
            ":80",
            "[::1]x",
            "[::1]80",
            "localhost",
            "a b",
        ] {
            assert_eq!(of_proxy(X_FORWARDED_FOR, &format!("6.6.6.6, {junk}")), "127.0.0.1", "{junk}");
            assert_eq!(of_proxy(FORWARDED, &format!("for=6.6.6.6, for={junk}")), "127.0.0.1", "{junk}");
        }
        for hidden in
            ["for=6.6.6.6, for=\", for=203.0.113.5", "for=6.6.6.6, for=\"x, for=\"[2001:db8::1]:443\""]
        {
            assert_ne!(of_proxy(FORWARDED, hidden), "6.6.6.6", "{hidden}");
        }
        for nothing in ["proto=https", "for=6.6.6.6;for=7.7.7.7", ""] {
            assert_eq!(of_proxy(FORWARDED, nothing), "127.0.0.1", "{nothing}");
        }
    }

    #[test]
    fn f_b8_one_header_is_read() {
        let headers = HeaderMap::from_iter([
            (http::HeaderName::from_static(FORWARDED), "for=6.6.6.6".parse().unwrap()),
            (http::HeaderName::from_static(X_FORWARDED_FOR), "203.0.113.5".parse().unwrap()),
        ]);
        let proxies = TrustedProxies::parse("127.0.0.1").unwrap();
        assert_eq!(proxies.client([127, 0, 0, 1].into(), &headers).to_string(), "203.0.113.5");
    }

    fn of_proxy(name: &'static str, value: &str) -> String {
        let value = http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
        let headers = HeaderMap::from_iter([(http::HeaderName::from_static(name), value)]);
        TrustedProxies::parse("127.0.0.1").unwrap().client([127, 0, 0, 1].into(), &headers).to_string()
    }

    proptest::proptest! {
        /// Whatever a client sends, the address that the proxy appends is used.
        #[test]
        fn f_b8_no_client_chooses_its_address(claimed in "[ -~]{0,60}", is_quoted: bool, port: u16) {
            let appended = format!("203.0.113.5:{port}");
            let seen = of_proxy(X_FORWARDED_FOR, &format!("{claimed}, {appended}"));
            proptest::prop_assert_eq!(seen, "203.0.113.5");
            let appended = if is_quoted { format!("\"{appended}\"") } else { appended };
            let seen = of_proxy(FORWARDED, &format!("{claimed}, for={appended}"));
            proptest::prop_assert_eq!(seen, "203.0.113.5");
        }

        #[test]
        fn f_b8_every_address_is_read_in_every_spelling(address: std::net::IpAddr, port: u16) {
            let canonical = address.to_canonical().to_string();
            let with_port = std::net::SocketAddr::new(address, port).to_string();
            for written in [address.to_string(), with_port.clone(), format!("\"{with_port}\"")] {
                proptest::prop_assert_eq!(of_proxy(X_FORWARDED_FOR, &written), canonical.clone());
                proptest::prop_assert_eq!(of_proxy(FORWARDED, &format!("for=\"{}\"", with_port)), canonical.clone());
            }
        }
    }

    #[test]
    fn lists_are_checked() {
        for list in ["x", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "1.2.3.4,,"] {
            assert_eq!(TrustedProxies::parse(list), None, "{list}");
        }
    }
}
