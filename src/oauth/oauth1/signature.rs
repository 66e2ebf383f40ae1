//! The signature of a request (RFC 5849 section 3.4): what is signed, and the four methods.
//!
//! Everything here follows from its arguments: nonce and time come from [`super::request`], so the examples of the RFC
//! and of Twitter are tests. SHA-1 is what most of these services know and nothing else; what is broken of it, finding
//! two texts with one hash, does not help to forge an HMAC or a signature of a text that we choose.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use http::Method;
use openssl::{
    hash::MessageDigest,
    pkey::{PKey, Private},
    sign::Signer as RsaSigner,
};
use percent_encoding::percent_decode;
use sha1::Sha1;
use sha2::Sha256;
use url::Url;

use crate::{config::is_safe_endpoint, error::Source, percent, secret::Secret};

/// Shorter keys can be factored with means that exist.
const LEAST_RSA_BITS: u32 = 2048;

/// How requests are signed (RFC 5849 section 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureMethod {
    /// By both secrets and SHA-1 (section 3.4.2): what most services want.
    HmacSha1,
    /// The same with SHA-256, which is not in the RFC.
    HmacSha256,
    /// By a private key (section 3.4.3): the client secret is that key in PEM, and the service has the public one.
    RsaSha1,
    /// No signature but both secrets themselves (section 3.4.4): over TLS only, and on this machine.
    Plaintext,
}

impl SignatureMethod {
    /// The word for `oauth_signature_method`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::RsaSha1 => "RSA-SHA1",
            Self::Plaintext => "PLAINTEXT",
        }
    }
}

/// A client's name at a service, and what it signs with.
pub(crate) struct Signer {
    pub(super) client_id: String,
    pub(super) method: SignatureMethod,
    key: Key,
}

enum Key {
    Secret(Secret),
    Rsa(PKey<Private>),
}

/// The parts of a request that are signed, but for the parameters of the protocol itself.
pub(crate) struct Unsigned<'r> {
    pub(crate) method: &'r Method,
    pub(crate) url: &'r Url,
    /// The body, if it is a form; any other body is not signed.
    pub(crate) form: &'r [(&'r str, &'r str)],
}

impl Signer {
    /// # Errors
    /// When a private key is needed and the secret is none.
    pub(crate) fn new(
        client_id: &str,
        client_secret: &Secret,
        method: SignatureMethod,
    ) -> Result<Self, &'static str> {
        let key = match method {
            SignatureMethod::RsaSha1 => Key::Rsa(rsa_key(client_secret.expose())?),
            _ => Key::Secret(client_secret.clone()),
        };
        Ok(Self { client_id: client_id.to_owned(), method, key })
    }

    /// The value of `oauth_signature`. `protocol` are the parameters that begin with `oauth_`.
    pub(super) fn sign(
        &self,
        request: &Unsigned<'_>,
        protocol: &[(&str, &str)],
        token_secret: &str,
    ) -> Result<String, Source> {
        let secrets = |secret: &Secret| format!("{}&{}", encode(secret.expose()), encode(token_secret));
        match (&self.key, self.method) {
            (Key::Rsa(key), _) => rsa_sha1(key, base_string(request, protocol).as_bytes()),
            (Key::Secret(secret), SignatureMethod::Plaintext) if is_safe_endpoint(request.url, true) => {
                Ok(secrets(secret))
            }
            (Key::Secret(_), SignatureMethod::Plaintext) => {
                Err("PLAINTEXT would send the secrets without TLS".into())
            }
            (Key::Secret(secret), SignatureMethod::HmacSha256) => {
                hmac::<Hmac<Sha256>>(&secrets(secret), &base_string(request, protocol))
            }
            (Key::Secret(secret), _) => hmac::<Hmac<Sha1>>(&secrets(secret), &base_string(request, protocol)),
        }
    }
}

/// Percent-encoding as every part of the protocol has it (section 3.6).
pub(super) fn encode(text: &str) -> String {
    percent::encode(text).to_string()
}

/// The signature base string (section 3.4.1.1).
fn base_string(request: &Unsigned<'_>, protocol: &[(&str, &str)]) -> String {
    let plain = protocol.iter().chain(request.form).map(|(name, value)| (encode(name), encode(value)));
    let mut parameters: Vec<(String, String)> = plain.chain(query_parameters(request.url)).collect();
    parameters.sort();
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let method = request.method.as_str().to_ascii_uppercase();
    [method.as_str(), &base_string_uri(request.url), &parameters.join("&")].map(encode).join("&")
}

/// Scheme, host and path (section 3.4.1.2). An [`Url`] has both in small letters already, and no port that is the
/// scheme's own.
fn base_string_uri(url: &Url) -> String {
    url.origin().ascii_serialization() + url.path()
}

/// The query as a form (section 3.4.1.3.1), encoded anew byte by byte: what is no UTF-8 must stay what it is.
fn query_parameters(url: &Url) -> impl Iterator<Item = (String, String)> {
    let anew = |part: &str| {
        let decoded: Vec<u8> = percent_decode(part.replace('+', " ").as_bytes()).collect();
        percent::encode(&decoded).to_string()
    };
    let pairs = url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (anew(name), anew(value))
    })
}

fn hmac<M: Mac + KeyInit>(key: &str, text: &str) -> Result<String, Source> {
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes())?;
    mac.update(text.as_bytes());
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}

/// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
fn rsa_sha1(key: &PKey<Private>, text: &[u8]) -> Result<String, Source> {
    // OpenSSL's own words are left out: they say nothing that an operator could act on.
    let cannot = |_| "OpenSSL does not sign with RSA and SHA-1: its policy on this machine may forbid it";
    let mut signer = RsaSigner::new(MessageDigest::sha1(), key).map_err(cannot)?;
    Ok(STANDARD.encode(signer.sign_oneshot_to_vec(text).map_err(cannot)?))
}

fn rsa_key(pem: &str) -> Result<PKey<Private>, &'static str> {
    // With an empty passphrase: else OpenSSL would ask the terminal for that of an encrypted key.
    let key = PKey::private_key_from_pem_passphrase(pem.as_bytes(), b"")
        .map_err(|_| "is not a private key in PEM")?;
    match key.rsa() {
        Ok(_) if key.bits() < LEAST_RSA_BITS => Err("is an RSA key of less than 2048 bits"),
        Ok(_) => Ok(key),
        Err(_) => Err("is a private key, but not of RSA"),
    }
}

#[cfg(test)]
mod tests {
    use openssl::{ec, nid::Nid, rsa::Rsa, sign::Verifier};

    use super::*;

    /// A request whose signature is known.
    #[derive(Clone)]
    struct Example {
        method: Method,
        url: &'static str,
        form: &'static [(&'static str, &'static str)],
        protocol: &'static [(&'static str, &'static str)],
        secrets: (&'static str, &'static str),
    }

    impl Example {
        fn sign(&self, method: SignatureMethod) -> String {
            let (url, form) = (Url::parse(self.url).unwrap(), self.form);
            let signer = Signer::new("", &Secret::new(self.secrets.0), method).unwrap();
            let request = Unsigned { method: &self.method, url: &url, form };
            signer.sign(&request, self.protocol, self.secrets.1).unwrap()
        }

        fn base_string(&self) -> String {
            let url = Url::parse(self.url).unwrap();
            base_string(&Unsigned { method: &self.method, url: &url, form: self.form }, self.protocol)
        }
    }

    const PRINTER: (&str, &str) = ("oauth_consumer_key", "dpf43f3p2l4k3l03");
    const HMAC_SHA1: (&str, &str) = ("oauth_signature_method", "HMAC-SHA1");

    /// RFC 5849 section 3.4.1.1.
    const REQUEST: Example = Example {
        method: Method::POST,
        url: "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
        form: &[("c2", ""), ("a3", "2 q")],
        protocol: &[
            ("oauth_consumer_key", "9djdj82h48djs9d2"),
            ("oauth_token", "kkk9d7dh3k39sjv7"),
            HMAC_SHA1,
            ("oauth_timestamp", "137131201"),
            ("oauth_nonce", "7d8f3e4a"),
        ],
        secrets: ("j49sk3j29djd", "dh893hdasih9"),
    };

    #[test]
    fn o1_05_the_base_string_of_the_rfc() {
        assert_eq!(
            REQUEST.base_string(),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D\
             %26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1\
             %26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
        // As corrected by erratum 2550.
        assert_eq!(REQUEST.sign(SignatureMethod::HmacSha1), "r6/TJjbCOr97/+UU0NsvSne7s5g=");
    }

    #[test]
    fn o1_05_the_three_requests_of_the_rfc() {
        let initiate = Example {
            method: Method::POST,
            url: "https://photos.example.net/initiate",
            form: &[],
            protocol: &[
                PRINTER,
                HMAC_SHA1,
                ("oauth_timestamp", "137131200"),
                ("oauth_nonce", "wIjqoS"),
                ("oauth_callback", "http://printer.example.com/ready"),
            ],
            secrets: ("kd94hf93k423kf44", ""),
        };
        let token = Example {
            url: "https://photos.example.net/token",
            protocol: &[
                PRINTER,
                ("oauth_token", "hh5s93j4hdidpola"),
                HMAC_SHA1,
                ("oauth_timestamp", "137131201"),
                ("oauth_nonce", "walatlh"),
                ("oauth_verifier", "hfdp7dh39dks9884"),
            ],
            secrets: ("kd94hf93k423kf44", "hdhd0244k9j7ao03"),
            ..initiate.clone()
        };
        let photos = Example {
            method: Method::GET,
            url: "http://photos.example.net/photos?file=vacation.jpg&size=original",
            protocol: &[
                PRINTER,
                ("oauth_token", "nnch734d00sl2jdk"),
                HMAC_SHA1,
                ("oauth_timestamp", "137131202"),
                ("oauth_nonce", "chapoH"),
            ],
            secrets: ("kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
            ..initiate.clone()
        };
        for (example, signature) in [
            (initiate, "74KNZJeDHnMBp0EMJ9ZHt/XKycU="),
            (token, "gKgrFCywp7rO0OXSjdot/IHF7IU="),
            (photos, "MdpQcU8iPSUjWoN/UDMsK2sui9I="),
        ] {
            assert_eq!(example.sign(SignatureMethod::HmacSha1), signature, "{}", example.url);
        }
    }

    /// <https://developer.x.com/en/docs/authentication/oauth-1-0a/creating-a-signature>
    #[test]
    fn o1_05_the_example_of_twitter() {
        let update = Example {
            method: Method::POST,
            url: "https://api.twitter.com/1.1/statuses/update.json?include_entities=true",
            form: &[("status", "Hello Ladies + Gentlemen, a signed OAuth request!")],
            protocol: &[
                ("oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"),
                ("oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"),
                HMAC_SHA1,
                ("oauth_timestamp", "1318622958"),
                ("oauth_token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"),
                ("oauth_version", "1.0"),
            ],
            secrets: (
                "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
                "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
            ),
        };
        assert_eq!(update.sign(SignatureMethod::HmacSha1), "hCtSmYh+iHYCEqBWrE7C7hYmtUk=");
    }

    /// No document has an example: this is what oauthlib 4.0.1 makes of it.
    #[test]
    fn o1_05_sha_256_instead() {
        let request = Example {
            protocol: &[
                ("oauth_consumer_key", "9djdj82h48djs9d2"),
                ("oauth_token", "kkk9d7dh3k39sjv7"),
                ("oauth_signature_method", "HMAC-SHA256"),
                ("oauth_timestamp", "137131201"),
                ("oauth_nonce", "7d8f3e4a"),
            ],
            ..REQUEST
        };
        let signature = request.sign(SignatureMethod::HmacSha256);
        assert_eq!(signature, "ypAxjNip++Dm0fTM+gCl8wAo6ufSnseu1WHxL7py3BU=");
    }

    #[test]
    fn o1_05_base_string_uris() {
        for (url, uri) in [
            ("http://EXAMPLE.COM:80/r%20v/X?id=123", "http://example.com/r%20v/X"),
            ("https://www.example.net:8080/?q=1", "https://www.example.net:8080/"),
            ("HTTPS://Example.com:443", "https://example.com/"),
            ("http://example.com:443/", "http://example.com:443/"),
            ("https://user:password@example.com/a;b=c", "https://example.com/a;b=c"),
            ("http://[::1]:8080/x#part", "http://[::1]:8080/x"),
        ] {
            assert_eq!(base_string_uri(&Url::parse(url).unwrap()), uri, "{url}");
        }
    }

    #[test]
    fn o1_05_the_query_is_encoded_anew() {
        let url = Url::parse("https://a.test/?b=%e2%82%ac&b=+%2b&%61=~-._*'%ff&&c&d==&%26=%25").unwrap();
        let pairs: Vec<_> = query_parameters(&url).map(|(name, value)| name + ":" + value.as_str()).collect();
        assert_eq!(pairs, ["b:%E2%82%AC", "b:%20%2B", "a:~-._%2A%27%FF", "c:", "d:%3D", "%26:%25"]);
    }

    #[test]
    fn plaintext_is_both_secrets_and_only_over_tls() {
        let plain = |url: &str| {
            let (url, secret) = (Url::parse(url).unwrap(), Secret::new("a&b"));
            let signer = Signer::new("", &secret, SignatureMethod::Plaintext).unwrap();
            signer.sign(&Unsigned { method: &Method::GET, url: &url, form: &[] }, &[], "c d").ok()
        };
        for url in ["https://a.test/", "http://127.0.0.1:9/", "http://localhost/"] {
            assert_eq!(plain(url).as_deref(), Some("a%26b&c%20d"), "{url}");
        }
        for url in ["http://a.test/", "http://10.0.0.1/", "http://localhost.a.test/"] {
            assert_eq!(plain(url), None, "{url}");
        }
    }

    #[test]
    fn rsa_signs_the_base_string() {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let pem = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        let signer = Signer::new("", &Secret::new(pem), SignatureMethod::RsaSha1).unwrap();
        let url = Url::parse(REQUEST.url).unwrap();
        let request = Unsigned { method: &REQUEST.method, url: &url, form: REQUEST.form };
        // The token's secret has no part in it.
        let signature = signer.sign(&request, REQUEST.protocol, "anything").unwrap();
        let verify = |text: &str| {
            let mut verifier = Verifier::new(MessageDigest::sha1(), &key).unwrap();
            verifier.verify_oneshot(&STANDARD.decode(&signature).unwrap(), text.as_bytes()).unwrap()
        };
        assert!(verify(&REQUEST.base_string()));
        assert!(!verify(&(REQUEST.base_string() + "x")), "control");
    }

    #[test]
    fn keys_that_cannot_sign_are_named() {
        let problem = |pem: Vec<u8>| {
            let secret = Secret::new(String::from_utf8(pem).unwrap());
            Signer::new("", &secret, SignatureMethod::RsaSha1).err()
        };
        let rsa = |bits| Rsa::generate(bits).unwrap().private_key_to_pem().unwrap();
        let group = ec::EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let ec = ec::EcKey::generate(&group).unwrap().private_key_to_pem().unwrap();
        assert_eq!(problem(rsa(2048)), None, "control");
        assert_eq!(problem(rsa(1024)), Some("is an RSA key of less than 2048 bits"));
        assert_eq!(problem(ec), Some("is a private key, but not of RSA"));
        assert_eq!(problem(b"secret".to_vec()), Some("is not a private key in PEM"));
    }
}
