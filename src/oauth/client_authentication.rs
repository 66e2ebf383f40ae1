//! How we prove to a provider who we are: a secret that is sent, or a signature (RFC 7521, RFC 7523; OpenID Connect
//! Core 1.0 section 9). Every request to an endpoint that wants to know us is made here.
//!
//! What is signed is for the issuer, not for the URL that is asked (draft-ietf-oauth-rfc7523bis): the URL comes from a
//! document that a hostile provider writes, which could name one of another provider and pass our signature on to it.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{HeaderValue, Request, header};
use josekit::jws::JwsSigner;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{OAuthClient, ProviderMetadata, hs256};
use crate::{
    error::Source,
    http_client::secret_header,
    jwt,
    provider::{ClientAuthentication, ClientKey, OAuthProvider},
    random,
    secret::Secret,
};

const EXAMPLE: &str = "Example: openssl genpkey -algorithm ed25519";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How long a signature is good, in seconds: the time that a request may take, and some for clocks.
const LIFETIME: i64 = 120;
/// The same for Apple's client secret, which may live half a year; it is made anew for each request.
const SECRET_LIFETIME: i64 = 600;

/// What our private key can sign with, and how.
pub(super) type Signers = Vec<(&'static str, Box<dyn JwsSigner>)>;

/// # Errors
/// Why the provider's key cannot be used, as half of a sentence with an example.
pub(super) fn signers(provider: &OAuthProvider) -> Result<Signers, String> {
    let Some(ClientKey { pem, team_id, .. }) = &provider.client_key else {
        let needs_key = provider.client_authentication == ClientAuthentication::PrivateKeyJwt;
        return if needs_key {
            Err(format!("has no private key to sign with. {EXAMPLE}"))
        } else {
            Ok(Vec::new())
        };
    };
    let signers = jwt::signers(pem.expose());
    let is_usable = match team_id {
        Some(_) => signers.iter().any(|(algorithm, _)| *algorithm == "ES256"),
        None => !signers.is_empty(),
    };
    if is_usable { Ok(signers) } else { Err(format!("has a private key that cannot sign. {EXAMPLE}")) }
}

impl OAuthClient {
    /// A form for one of the provider's endpoints, with the proof that it comes from us.
    pub(super) fn form_request(
        &self,
        metadata: &ProviderMetadata,
        endpoint: &Url,
        form: &[(&str, &str)],
    ) -> Result<Request<Vec<u8>>, Source> {
        let OAuthProvider { client_id, client_secret, quirks, .. } = &self.provider;
        let mut request = Request::post(endpoint.as_str())
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let mut own = vec![(quirks.client_id, client_id.clone())];
        match metadata.client_authentication {
            ClientAuthentication::Basic => {
                own.clear();
                let secret = self.secret(metadata)?;
                request = request.header(header::AUTHORIZATION, basic(client_id, secret.expose())?);
            }
            ClientAuthentication::Post => {
                own.push((quirks.client_secret, self.secret(metadata)?.expose().to_owned()));
            }
            ClientAuthentication::SecretJwt => {
                let claims = self.assertion(metadata, endpoint);
                let token = jws("HS256", None, &claims, |message| Ok(hs256::sign(client_secret, message)))?;
                own.extend([
                    ("client_assertion_type", ASSERTION_TYPE.to_owned()),
                    ("client_assertion", token),
                ]);
            }
            ClientAuthentication::PrivateKeyJwt => {
                let offered = metadata.oidc.as_ref();
                let offered =
                    offered.and_then(|oidc| oidc.token_endpoint_auth_signing_alg_values_supported.as_deref());
                let token = self.sign(offered, &self.assertion(metadata, endpoint))?;
                own.extend([
                    ("client_assertion_type", ASSERTION_TYPE.to_owned()),
                    ("client_assertion", token),
                ]);
            }
            ClientAuthentication::None => {}
        }
        // A pushed request names the client among its parameters already.
        own.retain(|(name, _)| !form.iter().any(|(other, _)| other == name));
        let mut body = form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(form).extend_pairs(own).finish();
        Ok(request.body(body.into_bytes())?)
    }

    /// What a signature says: who we are, and to whom. It works once.
    fn assertion(&self, metadata: &ProviderMetadata, endpoint: &Url) -> Value {
        let (id, now) = (&self.provider.client_id, self.clock.now().as_seconds());
        let audience = match &metadata.issuer {
            Some(issuer) if !self.provider.quirks.url_is_audience => issuer,
            _ => endpoint.as_str(),
        };
        json!({ "iss": id, "sub": id, "aud": audience, "jti": random::token(), "iat": now, "exp": now + LIFETIME })
    }

    /// Our password: at Apple a token that our key signs.
    fn secret(&self, metadata: &ProviderMetadata) -> Result<Secret, Source> {
        let team_id = self.provider.client_key.as_ref().and_then(|key| key.team_id.as_ref());
        let Some(team_id) = team_id else { return Ok(self.provider.client_secret.clone()) };
        let now = self.clock.now().as_seconds();
        let claims = json!({
            "iss": team_id, "sub": self.provider.client_id, "aud": metadata.issuer,
            "iat": now, "exp": now + SECRET_LIFETIME,
        });
        Ok(Secret::new(self.sign(Some(&["ES256".to_owned()]), &claims)?))
    }

    /// A token signed with the first algorithm of our key that the provider takes.
    fn sign(&self, offered: Option<&[String]>, claims: &Value) -> Result<String, Source> {
        let fits = |algorithm: &str| offered.is_none_or(|offered| offered.iter().any(|o| o == algorithm));
        let signer = self.signers.iter().find(|(algorithm, _)| fits(algorithm));
        let (algorithm, signer) =
            signer.ok_or("the provider takes no signature that the private key can make")?;
        let key_id = self.provider.client_key.as_ref().and_then(|key| key.key_id.as_deref());
        jws(algorithm, key_id, claims, |message| Ok(signer.sign(message)?))
    }
}

/// A compact JWS (RFC 7515 section 7.1).
fn jws(
    algorithm: &str,
    key_id: Option<&str>,
    claims: &Value,
    sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, Source>,
) -> Result<String, Source> {
    let mut header = json!({ "alg": algorithm, "typ": "JWT" });
    if let Some(key_id) = key_id {
        header["kid"] = json!(key_id);
    }
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(&header), encode(claims));
    let signature = sign(message.as_bytes())?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// RFC 6749 section 2.3.1: id and secret are form-encoded first.
fn basic(client_id: &str, client_secret: &str) -> Result<HeaderValue, Source> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = STANDARD.encode(format!("{}:{}", encode(client_id), encode(client_secret)));
    Ok(secret_header(&format!("Basic {credentials}"))?)
}
