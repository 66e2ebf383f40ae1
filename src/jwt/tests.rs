//! Vectors of Auth.js, a second implementation (josekit), and attacks on the form of the token.

use josekit::jwe::{self, Dir, JweHeader};
use proptest::prelude::*;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const SALT: &str = "authjs.session-token";
/// Written by Auth.js itself with that secret and salt.
const AUTHJS_TOKEN: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwia2lkIjoiamwyQkxGaTVlRDlUcGw3bGJvdTItckxYVXpVN0QxV2x1emJfT1Y3c1hhbjlta0NvOUx4TVhPTlNfNkh1Uk5rcEVMRUxtekxNSGlTNC1UQzJXLUU2NWcifQ..e3SoakEb52uWUY2qo4SaRg.y-oTevhzmWJ-_0ukFM62ghHyMdc5eLk7cCCJKSJYKqA3xbyykp0FFGKr1u0sF-ndK1hV_9U-3E0QoKIJQSXA3r7ou3EVq0WIQCChDwntVnlQH2Gje2DxxmNYNmI7OiqdTAxnjOQyeRe6fdA-kyFX-X6vREIVthEFA4xFd21NUG34WEmd1_SD_-JyIul1siZa.pDIuKBBvHR-saMgH2XL1jrHVsPeMjnYfK2659vvc1s4";

fn keys() -> TokenKeys {
    keys_of(&[SECRET])
}

fn keys_of(secrets: &[&str]) -> TokenKeys {
    TokenKeys::derive(&secrets.iter().map(|secret| Secret::new(*secret)).collect::<Vec<_>>(), SALT)
}

fn raw_key() -> [u8; 64] {
    let mut key = [0; 64];
    Hkdf::<Sha256>::new(Some(SALT.as_bytes()), SECRET.as_bytes())
        .expand(format!("Auth.js Generated Encryption Key ({SALT})").as_bytes(), &mut key)
        .unwrap();
    key
}

/// A token with any header, honestly encrypted with the real key: only the header is wrong.
fn with_header(header: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(header);
    let sealed = keys().keys[0].content_key.seal(header.as_bytes(), b"{}");
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    format!("{header}..{}.{}.{}", encode(&sealed.iv), encode(&sealed.ciphertext), encode(&sealed.tag))
}

#[test]
fn derives_the_key_and_key_id_of_authjs() {
    assert_eq!(
        crate::random::to_hex(&raw_key()),
        "4efa9fd285d4a49f0b0bf752d5b944a60e8884e86cec3c036b79ccf479c2d12fba514fed042805b8d2ae44787afe8e3d676d6bd9149c166e8f56a61ae6984ee8"
    );
    assert_eq!(
        keys().keys[0].key_id,
        "jl2BLFi5eD9Tpl7lbou2-rLXUzU7D1Wluzb_OV7sXan9mkCo9LxMXONS_6HuRNkpELELmzLMHiS4-TC2W-E65g"
    );
}

#[test]
fn reads_a_token_of_authjs() {
    let payload = keys().decrypt(AUTHJS_TOKEN).expect("the vector decrypts");
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["sub"], "u1");
    assert_eq!(claims["exp"], 2_110_602_994_i64);
}

#[test]
fn josekit_reads_ours_and_we_read_its() {
    let decrypter = Dir.decrypter_from_bytes(raw_key()).unwrap();
    let (payload, _) = jwe::deserialize_compact(&keys().encrypt(b"hello"), &decrypter).unwrap();
    assert_eq!(payload, b"hello");

    let mut header = JweHeader::new();
    header.set_content_encryption("A256CBC-HS512");
    let encrypter = Dir.encrypter_from_bytes(raw_key()).unwrap();
    let token = jwe::serialize_compact(b"hello", &header, &encrypter).unwrap();
    assert_eq!(keys().decrypt(&token).unwrap(), b"hello");
}

#[test]
fn op_07_an_old_secret_still_decrypts_and_the_new_one_encrypts() {
    let old_token = keys().encrypt(b"x");
    let rotated = keys_of(&["another secret of at least 32 bytes", SECRET]);
    assert!(rotated.decrypt(&old_token).is_some());
    assert!(keys().decrypt(&rotated.encrypt(b"x")).is_none());
}

#[test]
fn jw_01_every_flipped_bit_is_refused() {
    let keys = keys();
    let token = keys.encrypt(br#"{"sub":"u1"}"#);
    assert!(keys.decrypt(&token).is_some());
    for index in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[index] ^= 1 << bit;
            let forged = String::from_utf8(bytes).unwrap();
            assert!(keys.decrypt(&forged).is_none(), "byte {index} bit {bit}");
        }
    }
}

#[test]
fn jw_02_truncated_and_extended_tokens_are_refused() {
    let keys = keys();
    let token = keys.encrypt(b"{}");
    assert!((0..token.len()).all(|length| keys.decrypt(&token[..length]).is_none()));
    for forged in
        [format!("{token}."), format!("{token}="), format!(" {token}"), format!("{token}.x"), ".".repeat(20)]
    {
        assert!(keys.decrypt(&forged).is_none(), "{forged}");
    }
    assert!(keys.decrypt(&"a".repeat(1 << 20)).is_none());
}

#[test]
fn jw_03_jw_04_jw_10_jw_12_foreign_headers_are_refused() {
    let keys = keys();
    assert!(keys.decrypt(&with_header(r#"{"alg":"dir","enc":"A256CBC-HS512"}"#)).is_some(), "control");
    let kid = &keys.keys[0].key_id;
    for header in [
        r#"{"alg":"none","enc":"A256CBC-HS512"}"#.to_owned(),
        r#"{"alg":"A256KW","enc":"A256CBC-HS512"}"#.to_owned(),
        r#"{"alg":"PBES2-HS512+A256KW","enc":"A256CBC-HS512","p2c":1000000000}"#.to_owned(),
        r#"{"alg":"dir","enc":"A256GCM"}"#.to_owned(),
        r#"{"alg":"dir","enc":"A128CBC-HS256"}"#.to_owned(),
        r#"{"alg":"dir","enc":"A256CBC-HS512","zip":"DEF"}"#.to_owned(),
        r#"{"alg":"dir","enc":"A256CBC-HS512","crit":["exp"]}"#.to_owned(),
        r#"{"alg":"dir","enc":"A256CBC-HS512","jwk":{}}"#.to_owned(),
        r#"{"alg":"dir","enc":"A256CBC-HS512","jku":"http://127.0.0.1/"}"#.to_owned(),
        r#"{"alg":"dir","alg":"dir","enc":"A256CBC-HS512"}"#.to_owned(),
        r#"{"alg":"dir","enc":"A256CBC-HS512","kid":"other"}"#.to_owned(),
        format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","kid":"{kid}","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"dir","enc":"A256CBC-HS512","kid":"{}"}}"#, "k".repeat(10_000)),
        "{}".to_owned(),
        "[]".to_owned(),
    ] {
        assert!(keys.decrypt(&with_header(&header)).is_none(), "{header}");
    }
}

#[test]
fn jw_05_signed_tokens_are_refused() {
    for token in ["eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"] {
        assert!(keys().decrypt(token).is_none());
    }
}

#[test]
fn jw_06_tokens_of_another_deployment_or_purpose_are_refused() {
    let secret = [Secret::new(SECRET)];
    assert!(keys().decrypt(&keys_of(&["b".repeat(32).as_str()]).encrypt(b"{}")).is_none());
    assert!(
        keys().decrypt(&TokenKeys::derive(&secret, "__Secure-authjs.session-token").encrypt(b"{}")).is_none()
    );
}

#[test]
fn jw_11_jw_13_no_zip_and_every_iv_is_new() {
    let keys = keys();
    let ivs: std::collections::HashSet<String> =
        (0..10_000).map(|_| keys.encrypt(b"{}").split('.').nth(2).unwrap().to_owned()).collect();
    assert_eq!(ivs.len(), 10_000);
    assert!(
        !String::from_utf8(URL_SAFE_NO_PAD.decode(&keys.keys[0].header).unwrap()).unwrap().contains("zip")
    );
}

proptest! {
    #[test]
    fn any_payload_comes_back(payload: Vec<u8>) {
        prop_assert_eq!(keys().decrypt(&keys().encrypt(&payload)), Some(payload));
    }

    #[test]
    fn any_text_is_refused_without_panic(text in ".{0,200}") {
        prop_assert_eq!(keys().decrypt(&text), None);
    }
}
