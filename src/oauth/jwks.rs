//! A provider's public keys (RFC 7517), and the verification of what they sign.
//!
//! Each entry of the key set is read on its own: an unusable one is skipped (section 5), and only the members that a
//! signature needs are read. If no known key verifies a token, the keys are fetched again, because providers change keys
//! without notice and often without a key id (ID-13). A fetch that brings no key for the token starts a pause, so that a
//! flood of forged tokens causes few requests (ID-14). Known keys keep working during the pause (IP-13).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    jwk::Jwk,
    jws::{ES256, ES384, ES512, EdDSA, JwsVerifier, PS256, PS384, PS512, RS256, RS384, RS512},
};
use serde_json::{Map, Value};
use url::Url;

use super::{
    cached::{Cached, is_within},
    id_token::Header,
    members::{self, Members},
};
use crate::{
    clock::{Clock, Timestamp},
    error::Source,
    http_client::{self, HttpClient},
};

/// How long keys are fresh if the provider sends no `Cache-Control`.
const FRESH: Duration = Duration::from_secs(3600);
/// The limits of what `Cache-Control` can set.
const SHORTEST: Duration = Duration::from_secs(5 * 60);
const LONGEST: Duration = Duration::from_secs(24 * 3600);
const PAUSE: Duration = Duration::from_secs(10);

/// One key that can verify signatures.
#[derive(Clone, Debug)]
pub(super) struct Key {
    id: Option<String>,
    /// The issuer that the key belongs to, for providers with several: see `tenant.rs`.
    pub(super) issuer: Option<String>,
    jwk: Jwk,
}

/// The cached keys of one provider.
pub(super) struct KeySet {
    cached: Cached<Vec<Key>>,
    clock: Arc<dyn Clock>,
    /// When the keys were last fetched without finding the key of a token.
    missed: Mutex<Option<Timestamp>>,
}

impl KeySet {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { cached: Cached::new(clock.clone()), clock, missed: Mutex::default() }
    }

    /// Returns the payload of a token, verified by one of the provider's keys for which `may_sign` is true.
    ///
    /// # Errors
    /// If no key verifies it, or the keys cannot be fetched.
    pub(super) async fn verify(
        &self,
        http: &HttpClient,
        url: &Url,
        token: &str,
        header: &Header,
        may_sign: impl Fn(&Key) -> bool,
    ) -> Result<Vec<u8>, Source> {
        let request = || fetch(http.clone(), url.clone());
        let keys = self.cached.get(request()).await?;
        let reason = match verify_signature(token, header, &keys, &may_sign) {
            Ok(payload) => return Ok(payload),
            Err(reason) => reason,
        };
        // Another caller may have fetched the keys meanwhile.
        let newer = match self.cached.known().filter(|known| !Arc::ptr_eq(known, &keys)) {
            Some(newer) => newer,
            None if self.is_paused() => return Err(reason.into()),
            None => {
                let fetched = self.cached.fetch(request()).await;
                fetched.map_err(|error| format!("{reason}, and the keys cannot be fetched again: {error}"))?
            }
        };
        verify_signature(token, header, &newer, &may_sign).map_err(|reason| {
            *self.missed.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.clock.now());
            reason.into()
        })
    }

    fn is_paused(&self) -> bool {
        let missed = *self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        missed.is_some_and(|missed| is_within(self.clock.now(), missed, PAUSE))
    }
}

async fn fetch(http: HttpClient, url: Url) -> Result<(Vec<Key>, Duration), Source> {
    let response = http.get(&url).await?;
    http_client::success(&url, &response)?;
    let fresh_for = http_client::max_age(&response).unwrap_or(FRESH).clamp(SHORTEST, LONGEST);
    Ok((parse(response.body())?, fresh_for))
}

/// Returns the usable keys of a set.
fn parse(json: &[u8]) -> Result<Vec<Key>, Source> {
    let set = members::object("key set", json)?;
    let entries = Members::new("key set", &set).required("keys", Value::as_array)?;
    Ok(entries.iter().filter_map(Value::as_object).filter_map(key).collect())
}

/// Returns one entry, or `None` if it cannot be used.
fn key(entry: &Map<String, Value>) -> Option<Key> {
    let members = Members::new("key", entry);
    let kty = members.text("kty")?;
    let needed: &[&str] = match kty {
        "RSA" => &["n", "e"],
        "EC" => &["crv", "x", "y"],
        "OKP" => &["crv", "x"],
        // A published shared secret (`oct`) cannot prove anything.
        _ => return None,
    };
    // The purpose of the key, if it is given in a form that we understand.
    if members.text("use").is_some_and(|key_use| key_use != "sig") {
        return None;
    }
    if members.texts("key_ops").is_some_and(|operations| !operations.iter().any(|name| name == "verify")) {
        return None;
    }
    let mut jwk = Map::from_iter([("kty".to_owned(), kty.into())]);
    for name in needed {
        jwk.insert((*name).to_owned(), members.text(name)?.into());
    }
    if let Some(algorithm) = members.text("alg") {
        jwk.insert("alg".to_owned(), algorithm.into());
    }
    let owned = |name| members.text(name).map(str::to_owned);
    Some(Key { id: owned("kid"), issuer: owned("issuer"), jwk: Jwk::from_map(jwk).ok()? })
}

/// Returns the payload if exactly one key verifies it: the key with the id of the header, or any key if there is no id.
fn verify_signature(
    token: &str,
    header: &Header,
    keys: &[Key],
    may_sign: impl Fn(&Key) -> bool,
) -> Result<Vec<u8>, &'static str> {
    let id = header.key_id();
    let fits = |key: &&Key| (id.is_none() || key.id.as_deref() == id) && may_sign(key);
    if !keys.iter().any(|key| fits(&key)) {
        return Err(match id {
            Some(_) => "the provider has no key with the token's key id",
            None => "the provider has no key that can be used",
        });
    }
    let (message, payload, signature) = parts(token).ok_or("the token is not a JWS")?;
    let verifiers = keys.iter().filter(fits).filter_map(|key| verifier(header.algorithm(), &key.jwk));
    match verifiers.filter(|verifier| verifier.verify(message.as_bytes(), &signature).is_ok()).count() {
        1 => Ok(payload),
        _ => Err("no key of the provider verifies the token's signature"),
    }
}

/// Returns the signed message, its payload, and the signature (RFC 7515 section 7.1).
fn parts(token: &str) -> Option<(&str, Vec<u8>, Vec<u8>)> {
    let (message, signature) = token.rsplit_once('.')?;
    let (_, payload) = message.split_once('.')?;
    Some((message, URL_SAFE_NO_PAD.decode(payload).ok()?, URL_SAFE_NO_PAD.decode(signature).ok()?))
}

/// Only asymmetric algorithms: with a shared secret or `none`, anyone who knows the public value could sign.
fn verifier(algorithm: &str, key: &Jwk) -> Option<Box<dyn JwsVerifier>> {
    fn boxed<V: JwsVerifier + 'static, E>(verifier: Result<V, E>) -> Option<Box<dyn JwsVerifier>> {
        verifier.ok().map(|verifier| Box::new(verifier) as Box<dyn JwsVerifier>)
    }
    match algorithm {
        "RS256" => boxed(RS256.verifier_from_jwk(key)),
        "RS384" => boxed(RS384.verifier_from_jwk(key)),
        "RS512" => boxed(RS512.verifier_from_jwk(key)),
        "PS256" => boxed(PS256.verifier_from_jwk(key)),
        "PS384" => boxed(PS384.verifier_from_jwk(key)),
        "PS512" => boxed(PS512.verifier_from_jwk(key)),
        "ES256" => boxed(ES256.verifier_from_jwk(key)),
        "ES384" => boxed(ES384.verifier_from_jwk(key)),
        "ES512" => boxed(ES512.verifier_from_jwk(key)),
        "EdDSA" => boxed(EdDSA.verifier_from_jwk(key)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use josekit::jwk::alg::{ec::EcCurve, ed::EdCurve};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::oauth::tests::any_json;

    const ALGORITHMS: [&str; 10] =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

    static HONEST: LazyLock<Vec<Value>> = LazyLock::new(|| {
        let keys = [
            ("RS256", Jwk::generate_rsa_key(2048)),
            ("ES256", Jwk::generate_ec_key(EcCurve::P256)),
            ("EdDSA", Jwk::generate_ed_key(EdCurve::Ed25519)),
        ];
        let public = |(id, key): (&str, Result<Jwk, _>)| {
            let mut key = serde_json::to_value(key.unwrap().to_public_key().unwrap()).unwrap();
            key["kid"] = json!(id);
            key
        };
        keys.map(public).to_vec()
    });

    fn usable(entries: &[Value]) -> Vec<String> {
        let keys = parse(json!({ "keys": entries }).to_string().as_bytes()).unwrap();
        let is_usable = |key: &&Key| ALGORITHMS.iter().any(|name| verifier(name, &key.jwk).is_some());
        keys.iter().filter(is_usable).filter_map(|key| key.id.clone()).collect()
    }

    #[test]
    fn i_05_an_entry_that_cannot_be_used_is_skipped() {
        let [rsa, ec, ed] = &HONEST[..] else { panic!("three keys") };
        let with = |key: &Value, name: &str, value: Value| {
            let mut key = key.clone();
            key[name] = value;
            key
        };
        let padded = format!("{}=", ec["x"].as_str().unwrap());
        for odd in [
            with(ec, "x", json!(padded)),
            with(ec, "x", json!(7)),
            with(ec, "crv", json!("P-999")),
            with(ed, "x", json!("AAAA")),
            with(rsa, "n", json!("AAAA")),
            with(rsa, "n", Value::Null),
            with(rsa, "e", json!("")),
            with(rsa, "kty", json!(3)),
            with(rsa, "kty", json!("new")),
            with(rsa, "use", json!("enc")),
            with(rsa, "key_ops", json!(["encrypt", null])),
            json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "secret" }),
            json!({ "kid": "no kty" }),
            json!({}),
            json!(null),
            json!("text"),
            json!([rsa]),
        ] {
            assert_eq!(usable(&[odd.clone(), rsa.clone()]), ["RS256"], "{odd}");
        }
        assert_eq!(usable(&HONEST), ["RS256", "ES256", "EdDSA"], "control");
    }

    #[test]
    fn i_05_an_odd_member_that_is_not_needed_is_absent() {
        for (name, value) in [
            ("use", json!(null)),
            ("use", json!("")),
            ("use", json!(["sig"])),
            ("alg", json!(null)),
            ("alg", json!(7)),
            ("key_ops", json!("verify")),
            ("key_ops", json!([])),
            ("key_ops", json!([null, "verify"])),
            ("x5u", json!(null)),
            ("x5t", json!("AAAA==")),
            ("x5t#S256", json!("AAB")),
            ("x5c", json!("text")),
            ("x5c", json!(["AA\nAA"])),
            ("d", json!("=")),
            ("k", json!(1)),
        ] {
            let odd: Vec<_> = HONEST
                .iter()
                .map(|key| {
                    let mut key = key.clone();
                    key[name] = value.clone();
                    key
                })
                .collect();
            assert_eq!(usable(&odd), ["RS256", "ES256", "EdDSA"], "{name}: {value}");
        }
        let mut no_id = HONEST[0].clone();
        no_id["kid"] = json!(7);
        let keys = parse(json!({ "keys": [no_id] }).to_string().as_bytes()).unwrap();
        assert!(matches!(&keys[..], [Key { id: None, .. }]), "a key id that is not a string is ignored");
    }

    #[test]
    fn i_05_a_set_without_its_list_is_an_error_that_names_it() {
        for (json, problem) in [
            ("{}", "the key set lacks keys"),
            (r#"{"keys":null}"#, "the key set lacks keys"),
            (r#"{"keys":{}}"#, "keys of the key set has the wrong type"),
            ("[]", "the key set is not a JSON object"),
            ("<html>", "the key set is not a JSON object"),
        ] {
            assert_eq!(parse(json.as_bytes()).unwrap_err().to_string(), problem, "{json}");
        }
    }

    proptest! {
        #[test]
        fn i_05_no_optional_member_makes_a_key_useless(
            members in proptest::collection::btree_map(
                prop_oneof![
                    Just("x5u"), Just("x5c"), Just("x5t"), Just("x5t#S256"), Just("d"), Just("k"), Just("p"), Just("oth"),
                    Just("ext"), Just("iat"), Just("")
                ],
                any_json(),
                0..6,
            ),
            others in proptest::collection::vec(any_json(), 0..4),
        ) {
            let mut entries = others;
            entries.extend(HONEST.iter().map(|key| {
                let mut key = key.clone();
                for (name, value) in &members {
                    // Skip members that this type of key requires.
                    if key.get(*name).is_none() {
                        key[*name] = value.clone();
                    }
                }
                key
            }));
            prop_assert_eq!(usable(&entries), ["RS256", "ES256", "EdDSA"]);
        }

        #[test]
        fn i_05_any_entry_is_read_or_skipped(
            kty in prop_oneof![Just("RSA"), Just("EC"), Just("OKP")],
            crv in prop_oneof![Just("P-256"), Just("P-521"), Just("Ed25519"), Just("Ed448"), Just("X25519"), Just("")],
            texts in proptest::collection::vec("[A-Za-z0-9_=-]{0,90}", 4),
            members in proptest::collection::btree_map("(use|alg|key_ops|n|e|x|y|crv)", any_json(), 0..3),
        ) {
            let mut entry = json!({ "kty": kty, "crv": crv, "n": texts[0], "e": texts[1], "x": texts[2], "y": texts[3] });
            entry.as_object_mut().unwrap().extend(members);
            usable(&[entry]);
        }

        #[test]
        fn i_05_any_bytes_are_a_set_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&bytes);
        }
    }
}
