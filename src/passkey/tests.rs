//! The test vectors of W3C Web Authentication Level 3 section 16 (`tests/w3c.json`: what the browser would send, the user
//! handle added), and what becomes of them when anything is changed. Whole ceremonies are tested over HTTP.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    Assertion, NewPasskey, Registration, RelyingParty, authenticator_data::AuthenticatorData,
    public_key::PublicKey,
};
use crate::{adapter::Authenticator, clock::Timestamp};

fn vector(name: &str) -> Value {
    serde_json::from_str::<Value>(include_str!("tests/w3c.json")).unwrap()[name].take()
}

fn website() -> RelyingParty {
    RelyingParty::of(&Url::parse("https://example.org").unwrap()).unwrap()
}

fn register(created: &Value) -> Result<NewPasskey, String> {
    let registration: Registration =
        serde_json::from_value(created.clone()).map_err(|error| error.to_string())?;
    website().register(&registration, created["challenge"].as_str().unwrap()).map_err(str::to_owned)
}

fn authenticate(got: &Value, passkey: &Authenticator) -> Result<(u32, bool), String> {
    let assertion: Assertion = serde_json::from_value(got.clone()).map_err(|error| error.to_string())?;
    let used = website().authenticate(&assertion, got["challenge"].as_str().unwrap(), passkey);
    used.map(|used| (used.counter, used.is_backed_up)).map_err(str::to_owned)
}

fn stored(new: NewPasskey) -> Authenticator {
    Authenticator {
        credential_id: new.credential_id.clone(),
        user_id: "user".to_owned(),
        provider_account_id: new.credential_id,
        public_key: new.public_key,
        counter: new.counter,
        device_type: new.device_type.to_owned(),
        backed_up: new.is_backed_up,
        transports: new.transports,
        name: None,
        created: Timestamp::from_millis(0),
        used: None,
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

#[test]
fn a_passkey_of_the_specification_registers_and_signs_in() {
    let vector = vector("packed-es256");
    let passkey = stored(register(&vector["created"]).unwrap());
    assert_eq!((passkey.counter, passkey.device_type.as_str(), passkey.backed_up), (0, "multiDevice", false));
    assert_eq!(authenticate(&vector["got"], &passkey), Ok((0, false)));
}

#[test]
fn user_verification_and_a_page_of_our_own_are_asked_for() {
    for (name, reason) in [
        ("none-es256", "nobody made sure who was there"),
        ("packed-eddsa", "nobody made sure who was there"),
        ("none-es256-long-credential-id", "nobody made sure who was there"),
        ("none-es256-crossOrigin", "the page was in a frame of another site"),
        ("none-es256-topOrigin", "the page was in a frame of another site"),
    ] {
        assert_eq!(register(&vector(name)["created"]).unwrap_err(), reason, "{name}");
    }
}

/// Also of the vectors that we refuse for another reason.
#[test]
fn signatures_of_all_algorithms_are_checked() {
    for name in
        ["none-es256", "packed-es256", "packed-rs256", "packed-eddsa", "none-es256-long-credential-id"]
    {
        let vector = vector(name);
        let object = bytes(&vector["created"]["response"]["attestationObject"]);
        let id = bytes(&vector["created"]["id"]);
        let data =
            super::relying_party::authenticator_data(&object).and_then(AuthenticatorData::parse).unwrap();
        let credential = data.credential.unwrap();
        assert_eq!(credential.id, id, "{name}");
        let key = PublicKey::parse(credential.cose_key).unwrap();
        let response = &vector["got"]["response"];
        let message = [
            bytes(&response["authenticatorData"]).as_slice(),
            Sha256::digest(bytes(&response["clientDataJSON"])).as_slice(),
        ]
        .concat();
        let mut signature = bytes(&response["signature"]);
        assert!(key.verifies(&signature, &message), "{name}");
        assert!(!key.verifies(&signature, &message[1..]), "{name}: another message");
        *signature.last_mut().unwrap() ^= 1;
        assert!(!key.verifies(&signature, &message), "{name}: another signature");
        assert!(!key.verifies(b"", &message) && !key.verifies(&[0x30; 4096], &message), "{name}");
    }
}

#[test]
fn oa_24_every_changed_byte_of_a_sign_in_is_noticed() {
    let vector = vector("packed-es256");
    let passkey = stored(register(&vector["created"]).unwrap());
    for member in ["clientDataJSON", "authenticatorData", "signature"] {
        let good = bytes(&vector["got"]["response"][member]);
        for index in 0..good.len() {
            let (mut changed, mut got) = (good.clone(), vector["got"].clone());
            changed[index] ^= 1;
            got["response"][member] = URL_SAFE_NO_PAD.encode(changed).into();
            assert!(authenticate(&got, &passkey).is_err(), "{member} {index}");
        }
    }
    assert!(authenticate(&vector["got"], &passkey).is_ok(), "control");
}

#[test]
fn a_passkey_answers_for_its_own_user() {
    let vector = vector("packed-es256");
    let passkey = stored(register(&vector["created"]).unwrap());
    let with_handle = |handle: Value| {
        let mut got = vector["got"].clone();
        got["response"]["userHandle"] = handle;
        authenticate(&got, &passkey).is_ok()
    };
    // As the client of Auth.js reads and writes it, too.
    for handle in ["dXNlcg", "user", "ZFhObGNn"] {
        assert!(with_handle(handle.into()), "{handle}");
    }
    for handle in [Value::Null, "".into(), "dXNlcjI".into(), "other".into()] {
        assert!(!with_handle(handle.clone()), "{handle}");
    }
}

#[test]
fn a_key_that_cannot_be_used_is_not_registered() {
    // A map of five: EC2, ES256, P-256, and the point (1, 1), which is not on the curve.
    let off_curve =
        [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], &[1; 32], b"\x22\x58\x20", &[1; 32]].concat();
    assert!(PublicKey::parse(&off_curve).is_none());
    // RSA with 512 bits, and with 65,536.
    for (size, head) in [(64_usize, b"\x58\x40".as_slice()), (8192, b"\x59\x20\x00")] {
        let key =
            [&b"\xa4\x01\x03\x03\x39\x01\x00\x20"[..], head, &vec![0xff; size], b"\x21\x43\x01\x00\x01"]
                .concat();
        assert!(PublicKey::parse(&key).is_none(), "{size} bytes");
    }
    let good = stored(register(&vector("packed-es256")["created"]).unwrap()).public_key;
    let good = URL_SAFE_NO_PAD.decode(good).unwrap();
    assert!(PublicKey::parse(&good).is_some(), "control");
    assert!(PublicKey::parse(&[good.as_slice(), b"\0"].concat()).is_none(), "more behind it");
}

#[test]
fn in_07_what_is_cut_off_is_refused() {
    let created = &vector("packed-es256")["created"];
    let good = bytes(&created["response"]["attestationObject"]);
    for length in 0..good.len() {
        let mut cut = created.clone();
        cut["response"]["attestationObject"] = URL_SAFE_NO_PAD.encode(&good[..length]).into();
        assert!(register(&cut).is_err(), "{length}");
    }
}

#[test]
fn websites_have_a_name() {
    for (url, is_possible) in [
        ("https://app.example.com", true),
        ("http://localhost:3000", true),
        ("http://127.0.0.1:3000", false),
        ("https://192.0.2.1", false),
        ("https://[2001:db8::1]", false),
        ("http://app.test", false),
    ] {
        assert_eq!(RelyingParty::of(&Url::parse(url).unwrap()).is_ok(), is_possible, "{url}");
    }
}

proptest! {
    #[test]
    fn kx_07_no_bytes_make_it_panic(bytes: Vec<u8>) {
        let _ = super::relying_party::authenticator_data(&bytes).and_then(AuthenticatorData::parse);
        let _ = (AuthenticatorData::parse(&bytes), PublicKey::parse(&bytes));
    }
}
