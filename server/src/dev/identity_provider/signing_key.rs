//! The key that signs ID tokens: ES256, made at start, gone at the end.

use josekit::{
    jwk::{Jwk, alg::ec::EcCurve},
    jws::{self, ES256, JwsHeader},
};
use serde_json::{Value, json};

use super::random_token;

/// ES256, as discovery tells.
pub const ALGORITHM: &str = "ES256";

/// A key pair with an id.
pub struct SigningKey {
    private: Jwk,
    id: String,
}

impl SigningKey {
    /// A new one.
    pub fn generate() -> Option<Self> {
        Some(Self { private: Jwk::generate_ec_key(EcCurve::P256).ok()?, id: random_token() })
    }

    /// Signs claims.
    pub fn sign(&self, claims: &Value) -> Option<String> {
        let mut header = JwsHeader::new();
        header.set_token_type("JWT");
        header.set_key_id(&self.id);
        let signer = ES256.signer_from_jwk(&self.private).ok()?;
        jws::serialize_compact(&serde_json::to_vec(claims).ok()?, &header, &signer).ok()
    }

    /// The public half (RFC 7517): its members are named one by one, so that the private one cannot slip in.
    pub fn public(&self) -> Value {
        let member = |name: &str| self.private.parameter(name).cloned().unwrap_or_default();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": ALGORITHM, "kid": self.id,
            "x": member("x"), "y": member("y"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_half_verifies_and_holds_no_secret() {
        let key = SigningKey::generate().unwrap();
        let token = key.sign(&json!({ "sub": "ada" })).unwrap();
        let Value::Object(public) = key.public() else { panic!("an object") };
        assert!(!public.contains_key("d"));
        let verifier = ES256.verifier_from_jwk(&Jwk::from_map(public).unwrap()).unwrap();
        let (payload, _) = jws::deserialize_compact(&token, &verifier).unwrap();
        assert_eq!(payload, br#"{"sub":"ada"}"#);
    }
}
