//! Builds URLs of pages, such as the sign-in page with the callback URL. Rule: a value enters a URL only through
//! [`encode`], so it cannot end the parameter, the header line or the attribute that contains it.

/// The sign-in page of this app.
pub(super) const SIGN_IN_PAGE: &str = "/signin";

/// The window of a sign-in beside the page.
#[cfg(feature = "hydrate")]
pub(super) const POPUP_PAGE: &str = "/signin/popup";
/// Where that window comes back to.
#[cfg(feature = "hydrate")]
pub(super) const POPUP_DONE: &str = "/signin/popup?done";

/// Where somebody is sent who has to sign in first; `here` is where to come back to.
pub(super) fn session_required(here: &str) -> String {
    format!("{SIGN_IN_PAGE}?error=SessionRequired&callbackUrl={}", encode(here))
}

/// Builds a URL of this site with a query.
pub(crate) fn with_query(path: &str, values: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = values.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(super) fn encode(value: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(value.len() + 16);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_the_parameter() {
        assert_eq!(encode("/a?b=c&d#e f\r\n\"<%ü"), "%2Fa%3Fb%3Dc%26d%23e%20f%0D%0A%22%3C%25%C3%BC");
        assert_eq!(encode("Az09-._~"), "Az09-._~");
    }

    #[test]
    fn i_03_a_value_is_encoded_once() {
        let address = with_query("/signin", &[("callbackUrl", "/a?q=50%25%41+b"), ("remember", "false")]);
        assert_eq!(address, "/signin?callbackUrl=%2Fa%3Fq%3D50%2525%2541%2Bb&remember=false");
        assert_eq!(with_query("/signin", &[]), "/signin");
    }

    #[test]
    fn the_way_back_keeps_its_fragment() {
        assert_eq!(
            session_required("/account?tab=1#devices"),
            "/signin?error=SessionRequired&callbackUrl=%2Faccount%3Ftab%3D1%23devices"
        );
    }
}
