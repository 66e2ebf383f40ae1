//! An application that may ask this provider who somebody is.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};
use url::form_urlencoded;

use super::parameters::Parameters;

/// A registered client.
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: String,
    /// The only place where browsers are sent back to, compared byte by byte.
    pub redirect_uri: String,
}

impl Client {
    /// Whether a request to the token endpoint comes from this client: by HTTP Basic or in the form, never both
    /// (RFC 6749 section 2.3.1).
    pub fn is_authenticated(&self, headers: &HeaderMap, form: &Parameters) -> bool {
        let basic = headers.get(header::AUTHORIZATION).map(|value| basic(value.as_bytes()));
        let (id, secret) = match (basic, form.get("client_secret")) {
            (Some(Some(pair)), None) => pair,
            (None, Some(secret)) => (form.get("client_id").unwrap_or_default().to_owned(), secret.to_owned()),
            _ => return false,
        };
        id == self.id && secret == self.secret
    }
}

/// Name and password of `Basic …`; both are form-encoded in there.
fn basic(value: &[u8]) -> Option<(String, String)> {
    let encoded = value.strip_prefix(b"Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((decode(id), decode(secret)))
}

fn decode(text: &str) -> String {
    form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_or_form_but_not_both() {
        let client = Client { id: "dev".to_owned(), secret: "a+b".to_owned(), redirect_uri: String::new() };
        let header = |pair: &str| {
            HeaderMap::from_iter([(
                header::AUTHORIZATION,
                format!("Basic {}", STANDARD.encode(pair)).parse().unwrap(),
            )])
        };
        let form = |text: &str| Parameters::parse(text.as_bytes()).unwrap();
        assert!(client.is_authenticated(&header("dev:a%2Bb"), &form("")));
        assert!(client.is_authenticated(&HeaderMap::new(), &form("client_id=dev&client_secret=a%2Bb")));
        assert!(!client.is_authenticated(&header("dev:a%2Bb"), &form("client_id=dev&client_secret=a%2Bb")));
        assert!(!client.is_authenticated(&header("dev:x"), &form("")));
        assert!(!client.is_authenticated(&HeaderMap::new(), &form("client_id=dev")));
    }
}
