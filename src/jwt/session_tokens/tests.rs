//! Every form there and back, vectors of Auth.js, and tokens that try to choose how they are read.

use josekit::{
    jwk::alg::{ec::EcCurve, ecx::EcxCurve},
    jws::HS512,
};
use proptest::prelude::*;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const SALT: &str = "authjs.session-token";
/// Written by NextAuth.js v4 with that secret.
const V4_TOKEN: &str = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..3sYHJIZwEWQXr1JD.-hY3sQCp2LOp6TM0wMwI-wtJbHriyZsWJ41MG7LVS4CfRauhRNxyl4D5ebrFy2jt2Gme93R3kkVI8KRsewKhP6Rf_qxcW7RVAQn5BnFXICVRY1ClKMQpj-kTnDKSWzo1GJvyrxsYMVF8NRJy52HgA0B1c1Ap4OkJ_aCspdJKJJ3vp5kxjFX5tZiDJwDO.ZK3vGc4-y5xn5cfHyNXQNQ";
const CLAIMS: &[u8] = br#"{"sub":"u1"}"#;

fn form(name: &str) -> TokenForm {
    name.parse().unwrap()
}

/// A new private key that fits the form, as PEM.
fn key_for(name: &str) -> Option<String> {
    let pem = match name {
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" => {
            RS256.generate_key_pair(2048).unwrap().to_pem_private_key()
        }
        "ES256" => ES256.generate_key_pair().unwrap().to_pem_private_key(),
        "ES384" => ES384.generate_key_pair().unwrap().to_pem_private_key(),
        "ES512" => ES512.generate_key_pair().unwrap().to_pem_private_key(),
        "EdDSA" => {
            EdDSA.generate_key_pair(josekit::jwk::alg::ed::EdCurve::Ed25519).unwrap().to_pem_private_key()
        }
        "RSA-OAEP-256" => RSA_OAEP_256.generate_key_pair(2048).unwrap().to_pem_private_key(),
        "ECDH-ES" => ECDH_ES.generate_ec_key_pair(EcCurve::P256).unwrap().to_pem_private_key(),
        _ => return None,
    };
    Some(String::from_utf8(pem).unwrap())
}

fn public_half(name: &str, key: &str) -> String {
    let pem = match name {
        "ES384" => ES384.key_pair_from_pem(key).unwrap().to_pem_public_key(),
        "EdDSA" => EdDSA.key_pair_from_pem(key).unwrap().to_pem_public_key(),
        "RS256" => RS256.key_pair_from_pem(key).unwrap().to_pem_public_key(),
        _ => RS256.key_pair_from_pem(key).unwrap().to_traditional_pem_public_key(),
    };
    String::from_utf8(pem).unwrap()
}

fn tokens(settings: &TokenSettings, secrets: &[&str]) -> SessionTokens {
    let secrets: Vec<_> = secrets.iter().map(|secret| Secret::new(*secret)).collect();
    SessionTokens::new(settings, &secrets, SALT).unwrap()
}

fn settings(name: &str) -> TokenSettings {
    let private_keys = key_for(name).iter().map(Secret::new).collect();
    TokenSettings { write: Some(form(name)), private_keys, ..TokenSettings::default() }
}

/// A token with any header and payload, signed with the real key of the HMAC forms.
fn hmac_signed(header: &str, claims: &[u8], key: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
    mac.update(input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[test]
fn every_form_comes_back_and_no_other_is_read() {
    let all: Vec<_> = FORMS.iter().map(|(name, _)| (*name, tokens(&settings(name), &[SECRET]))).collect();
    for (name, writer) in &all {
        let token = writer.encode(CLAIMS).unwrap();
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{name}");
        for (other, reader) in &all {
            // Each has a key of its own, so only what is made of the secret is read by an equal form.
            let is_by_secret = !matches!(form(name), TokenForm::Signed(_) | TokenForm::Encrypted(_));
            let is_read = name == other || (is_by_secret && form(name) == form(other));
            assert_eq!(reader.decode(&token), is_read.then(|| CLAIMS.to_vec()), "{name} read as {other}");
        }
    }
}

#[test]
fn reads_a_token_of_nextauth_v4() {
    let settings = TokenSettings { accept: vec![TokenForm::AuthJsV4], ..TokenSettings::default() };
    let claims = tokens(&settings, &[SECRET]).decode(V4_TOKEN).expect("the vector decrypts");
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&claims).unwrap()["sub"], "u1");
    assert!(tokens(&TokenSettings::default(), &[SECRET]).decode(V4_TOKEN).is_none(), "only when accepted");
}

#[test]
fn v3_is_hs512_and_names_its_key_as_v3_did() {
    let key: [u8; 64] = derive(&Secret::new(SECRET), "", "NextAuth.js Generated Signing Key");
    let mut header = JwsHeader::new();
    header.set_key_id("nextauth-auto-generated-signing-key");
    let token = jws::serialize_compact(CLAIMS, &header, &HS512.signer_from_bytes(key).unwrap()).unwrap();
    assert_eq!(tokens(&settings("authjs-v3"), &[SECRET]).decode(&token).as_deref(), Some(CLAIMS));
}

#[test]
fn v5_reads_both_content_encryptions_as_authjs_does() {
    let key: [u8; 32] =
        derive(&Secret::new(SECRET), SALT, &format!("Auth.js Generated Encryption Key ({SALT})"));
    let mut header = JweHeader::new();
    header.set_content_encryption("A256GCM");
    let encrypter = Dir.encrypter_from_bytes(key).unwrap();
    let token = jwe::serialize_compact(CLAIMS, &header, &encrypter).unwrap();
    assert_eq!(tokens(&settings("authjs-v5"), &[SECRET]).decode(&token).as_deref(), Some(CLAIMS));
}

#[test]
fn op_07_old_secrets_and_old_keys_go_on_reading() {
    for name in ["authjs-v5", "authjs-v4", "authjs-v3", "HS256"] {
        let old = tokens(&settings(name), &[SECRET]).encode(CLAIMS).unwrap();
        let rotated = tokens(&settings(name), &["another secret of at least 32 bytes", SECRET]);
        assert!(rotated.decode(&old).is_some(), "{name}");
        let new = rotated.encode(CLAIMS).unwrap();
        assert!(tokens(&settings(name), &[SECRET]).decode(&new).is_none(), "{name}: the first one writes");
    }
    for name in ["RS256", "PS512", "ES256", "EdDSA", "RSA-OAEP-256", "ECDH-ES"] {
        let before = settings(name);
        let old = tokens(&before, &[SECRET]).encode(CLAIMS).unwrap();
        let mut after = settings(name);
        assert!(tokens(&after, &[SECRET]).decode(&old).is_none(), "{name}: control");
        after.private_keys.extend(before.private_keys);
        assert!(tokens(&after, &[SECRET]).decode(&old).is_some(), "{name}");
    }
}

#[test]
fn a_public_key_reads_and_cannot_write() {
    for name in ["RS256", "PS256", "ES384", "EdDSA"] {
        let writer = settings(name);
        let token = tokens(&writer, &[SECRET]).encode(CLAIMS).unwrap();
        let public_keys = vec![public_half(name, writer.private_keys[0].expose())];
        let reader = TokenSettings { accept: vec![form(name)], public_keys, ..TokenSettings::default() };
        assert_eq!(tokens(&reader, &[SECRET]).decode(&token).as_deref(), Some(CLAIMS), "{name}");
        let reader = TokenSettings { write: Some(form(name)), accept: Vec::new(), ..reader };
        assert!(SessionTokens::new(&reader, &[Secret::new(SECRET)], SALT).is_err(), "{name}");
    }
}

#[test]
fn jw_03_a_public_key_is_never_a_secret() {
    let writer = settings("RS256");
    let public_key = public_half("RS256", writer.private_keys[0].expose());
    let reader = TokenSettings { accept: vec![form("HS256")], ..writer };
    let reader = tokens(&reader, &[SECRET]);
    for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"RS256"}"#] {
        assert!(reader.decode(&hmac_signed(header, CLAIMS, public_key.as_bytes())).is_none(), "{header}");
    }
    let key: [u8; 64] = derive(&Secret::new(SECRET), "", "NextAuth.js Generated Signing Key");
    assert!(reader.decode(&hmac_signed(r#"{"alg":"HS256"}"#, CLAIMS, &key)).is_some(), "control");
}

#[test]
fn jw_03_jw_05_jw_10_jw_12_a_header_decides_nothing() {
    let reader = tokens(&settings("HS256"), &[SECRET]);
    let key: [u8; 64] = derive(&Secret::new(SECRET), "", "NextAuth.js Generated Signing Key");
    assert!(reader.decode(&hmac_signed(r#"{"alg":"HS256","typ":"JWT"}"#, CLAIMS, &key)).is_some(), "control");
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS256","zip":"DEF"}"#,
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","jku":"http://127.0.0.1/"}"#,
        r#"{"alg":"HS256","jwk":{}}"#,
        r#"{"alg":"HS256","x5u":"http://127.0.0.1/"}"#,
        r#"{"alg":"HS256","x5c":[]}"#,
        r#"{"alg":"HS256","p2c":1000000}"#,
        r#"{"alg":"HS256","epk":{}}"#,
        r#"{"alg":"HS256","enc":"A256GCM"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
    ] {
        assert!(reader.decode(&hmac_signed(header, CLAIMS, &key)).is_none(), "{header}");
    }
    let unsigned =
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), URL_SAFE_NO_PAD.encode(CLAIMS));
    assert!(reader.decode(&unsigned).is_none());
}

#[test]
fn jw_10_nothing_is_unpacked() {
    for name in ["authjs-v4", "RSA-OAEP-256"] {
        let settings = settings(name);
        let reader = tokens(&settings, &[SECRET]);
        let encrypter: Box<dyn JweEncrypter> = match settings.private_keys.first() {
            Some(key) => key_pair_of(name, key.expose()).ok().unwrap().0,
            None => {
                let key: [u8; 32] = derive(&Secret::new(SECRET), "", "NextAuth.js Generated Encryption Key");
                Box::new(Dir.encrypter_from_bytes(key).unwrap())
            }
        };
        for compression in [None, Some("DEF")] {
            let mut header = JweHeader::new();
            header.set_content_encryption("A256GCM");
            if let Some(compression) = compression {
                header.set_compression(compression);
            }
            let token = jwe::serialize_compact(&[b'0'; 10_000], &header, &*encrypter).unwrap();
            assert_eq!(reader.decode(&token).is_some(), compression.is_none(), "{name} {compression:?}");
        }
    }
}

/// OpenSSL itself takes a tag of any length.
#[test]
fn jw_01_a_shortened_tag_is_no_tag() {
    for name in ["authjs-v4", "RSA-OAEP-256", "ECDH-ES"] {
        let tokens = tokens(&settings(name), &[SECRET]);
        let token = tokens.encode(CLAIMS).unwrap();
        let (rest, tag) = token.rsplit_once('.').unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(tag).unwrap();
        for length in 0..bytes.len() {
            let short = format!("{rest}.{}", URL_SAFE_NO_PAD.encode(&bytes[..length]));
            assert!(tokens.decode(&short).is_none(), "{name}: {length} bytes");
        }
        assert!(tokens.decode(&token).is_some(), "control");
    }
}

#[test]
fn jw_01_every_flipped_bit_of_a_signature_is_refused() {
    let tokens = tokens(&settings("HS256"), &[SECRET]);
    let token = tokens.encode(CLAIMS).unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    for bit in 0..signature.len() * 8 {
        let mut forged = signature.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        assert!(tokens.decode(&format!("{input}.{}", URL_SAFE_NO_PAD.encode(forged))).is_none(), "bit {bit}");
    }
    assert!(tokens.decode(&format!("{input}.")).is_none());
}

#[test]
fn x25519_keys_encrypt_as_well() {
    let key = ECDH_ES.generate_ecx_key_pair(EcxCurve::X25519).unwrap().to_pem_private_key();
    let private_keys = vec![Secret::new(String::from_utf8(key).unwrap())];
    let settings = TokenSettings { write: Some(form("ECDH-ES")), private_keys, ..TokenSettings::default() };
    let tokens = tokens(&settings, &[SECRET]);
    assert_eq!(tokens.decode(&tokens.encode(CLAIMS).unwrap()).as_deref(), Some(CLAIMS));
}

#[test]
fn a_key_that_does_not_fit_is_said_without_repeating_it() {
    let rsa = key_for("RS256").unwrap();
    for (name, key) in [("ES256", rsa.as_str()), ("EdDSA", "canary"), ("RSA-OAEP-256", "canary")] {
        let private_keys = vec![Secret::new(key)];
        let settings = TokenSettings { write: Some(form(name)), private_keys, ..TokenSettings::default() };
        let reason = SessionTokens::new(&settings, &[Secret::new(SECRET)], SALT).err().unwrap();
        assert!(
            reason.starts_with(name) && !reason.contains("canary") && !reason.contains("BEGIN"),
            "{reason}"
        );
    }
    let none = TokenSettings { write: Some(form("ES256")), ..TokenSettings::default() };
    assert!(SessionTokens::new(&none, &[Secret::new(SECRET)], SALT).is_err());
}

#[test]
fn keys_follow_one_another_in_one_text() {
    let (one, two) = (key_for("ES256").unwrap(), key_for("ES256").unwrap());
    assert_eq!(pem_blocks(&format!("# new\n{one}\n# old\n{two}")), [one, two]);
    assert!(pem_blocks("no key").is_empty());
}

proptest! {
    #[test]
    fn any_text_is_refused_without_panic(text in "([A-Za-z0-9_-]{0,40}[.]){0,6}.{0,60}") {
        let accept = ["authjs-v4", "HS256", "HS384", "HS512"].map(form).to_vec();
        let settings = TokenSettings { accept, ..TokenSettings::default() };
        prop_assert_eq!(tokens(&settings, &[SECRET]).decode(&text), None);
    }
}
