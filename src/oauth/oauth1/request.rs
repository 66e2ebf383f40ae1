//! A signed request: the `Authorization` header (RFC 5849 section 3.5.1) with a nonce and the time (section 3.3).

use http::HeaderValue;

use super::{
    TokenCredentials,
    signature::{Signer, Unsigned, encode},
};
use crate::{clock::Timestamp, error::Source, http_client::secret_header, random};

impl Signer {
    /// The header for one request; sent a second time it is refused as a replay.
    ///
    /// `more` are parameters of the protocol that belong to one step, such as `oauth_verifier`.
    pub(crate) fn authorization(
        &self,
        request: &Unsigned<'_>,
        token: Option<&TokenCredentials>,
        more: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<HeaderValue, Source> {
        let (nonce, timestamp) = (nonce(), now.as_seconds().to_string());
        let mut protocol = vec![
            ("oauth_consumer_key", self.client_id.as_str()),
            ("oauth_nonce", &nonce),
            ("oauth_signature_method", self.method.name()),
            ("oauth_timestamp", &timestamp),
            ("oauth_version", "1.0"),
        ];
        protocol.extend(token.map(|token| ("oauth_token", token.token.as_str())));
        protocol.extend(more);
        let signature = self.sign(request, &protocol, token.map_or("", |token| token.secret.as_str()))?;
        protocol.push(("oauth_signature", &signature));
        let fields: Vec<_> =
            protocol.iter().map(|(name, value)| format!("{name}=\"{}\"", encode(value))).collect();
        Ok(secret_header(&format!("OAuth {}", fields.join(", ")))?)
    }
}

/// 120 random bits in 30 hexadecimal digits: many services take letters and digits only, and at most 30 of them.
fn nonce() -> String {
    random::to_hex(&random::bytes::<15>())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use http::Method;
    use url::Url;

    use super::*;
    use crate::{oauth::oauth1::SignatureMethod, secret::Secret};

    fn header(now: Timestamp) -> String {
        let signer = Signer::new("our id", &Secret::new("s"), SignatureMethod::HmacSha1).unwrap();
        let url = Url::parse("https://a.test/x?y=z").unwrap();
        let request = Unsigned { method: &Method::GET, url: &url, form: &[("f", "1")] };
        let token = TokenCredentials { token: "t/1".to_owned(), secret: "secret".to_owned() };
        let header = signer.authorization(&request, Some(&token), &[("oauth_verifier", "v")], now).unwrap();
        assert!(header.is_sensitive());
        header.to_str().unwrap().to_owned()
    }

    fn field<'h>(header: &'h str, name: &str) -> &'h str {
        let (_, rest) = header.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0
    }

    #[test]
    fn the_header_holds_the_protocol_and_nothing_else() {
        let header = header(Timestamp::from_millis(1_795_242_994_007));
        let (scheme, fields) = header.split_once(' ').unwrap();
        let names: Vec<_> = fields.split(", ").map(|field| field.split_once('=').unwrap().0).collect();
        assert_eq!(scheme, "OAuth");
        assert_eq!(
            names,
            [
                "oauth_consumer_key",
                "oauth_nonce",
                "oauth_signature_method",
                "oauth_timestamp",
                "oauth_version",
                "oauth_token",
                "oauth_verifier",
                "oauth_signature"
            ]
        );
        assert_eq!(field(&header, "oauth_consumer_key"), "our%20id");
        assert_eq!(field(&header, "oauth_token"), "t%2F1");
        assert_eq!(field(&header, "oauth_timestamp"), "1795242994");
        assert!(!header.contains("secret"));
    }

    #[test]
    fn o1_06_nonces_are_unique_and_long() {
        let headers: Vec<_> = (0..10_000).map(|_| header(Timestamp::from_millis(0))).collect();
        let nonces: HashSet<_> = headers.iter().map(|header| field(header, "oauth_nonce")).collect();
        assert_eq!(nonces.len(), 10_000);
        // Each digit is four bits.
        assert!(nonces.iter().all(|nonce| nonce.len() >= 16 && nonce.bytes().all(|b| b.is_ascii_hexdigit())));
    }
}
