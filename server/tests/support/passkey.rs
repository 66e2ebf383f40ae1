//! A passkey in software, and the browser around it: makes ES256 keys and signs whatever it is told to, also what no real
//! one would. Knows the specification (W3C Web Authentication Level 3), and nothing of the server.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::{
    bn::{BigNum, BigNumContext},
    ec::{EcGroup, EcKey},
    hash::MessageDigest,
    nid::Nid,
    pkey::{PKey, Private},
    sign::Signer,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Somebody was there; and it is known who; it may be synced, and is.
pub const USUAL_FLAGS: u8 = 0x01 | 0x04 | 0x08 | 0x10;

/// One passkey. Tests change what they want to lie about.
#[derive(Clone)]
pub struct Passkey {
    /// The private half.
    pub key: PKey<Private>,
    /// The credential's id.
    pub id: Vec<u8>,
    /// The user handle, as it was registered.
    pub user_handle: Option<String>,
    pub counter: u32,
    pub flags: u8,
    pub origin: String,
    pub rp_id: String,
    /// More members of the client data.
    pub client_data: Value,
    pub aaguid: [u8; 16],
}

impl Passkey {
    /// For pages of that origin.
    pub fn new(origin: &str) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let mut id = vec![0; 32];
        openssl::rand::rand_bytes(&mut id).unwrap();
        Self {
            key,
            id,
            user_handle: None,
            counter: 0,
            flags: USUAL_FLAGS,
            origin: origin.to_owned(),
            rp_id: url::Url::parse(origin).unwrap().host_str().unwrap().to_owned(),
            client_data: json!({}),
            aaguid: [0; 16],
        }
    }

    /// `navigator.credentials.create()` with the answer of `webauthn-options`.
    pub fn create(&mut self, answer: &Value) -> Value {
        let options = &answer["options"];
        self.user_handle = options["user"]["id"].as_str().map(str::to_owned);
        let attested = [
            &self.aaguid[..],
            &u16::try_from(self.id.len()).unwrap().to_be_bytes(),
            &self.id,
            &self.cose_key(),
        ]
        .concat();
        let data = self.data(0x40, &attested);
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let object = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59"[..], &length, &data].concat();
        self.answer(json!({
            "clientDataJSON": encode(&self.client_data_json("webauthn.create", options)),
            "attestationObject": encode(&object),
            "transports": ["internal", "hybrid"],
        }))
    }

    /// `navigator.credentials.get()` with the answer of `webauthn-options`.
    pub fn get(&self, answer: &Value) -> Value {
        let client_data = self.client_data_json("webauthn.get", &answer["options"]);
        let data = self.data(0, &[]);
        let mut signer = Signer::new(MessageDigest::sha256(), &self.key).unwrap();
        signer.update(&data).unwrap();
        signer.update(&Sha256::digest(&client_data)).unwrap();
        self.answer(json!({
            "clientDataJSON": encode(&client_data),
            "authenticatorData": encode(&data),
            "signature": encode(&signer.sign_to_vec().unwrap()),
            "userHandle": self.user_handle,
        }))
    }

    fn answer(&self, response: Value) -> Value {
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
    }

    fn client_data_json(&self, kind: &str, options: &Value) -> Vec<u8> {
        let mut data = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        for (name, value) in self.client_data.as_object().unwrap() {
            data[name] = value.clone();
        }
        data.to_string().into_bytes()
    }

    fn data(&self, more_flags: u8, attested: &[u8]) -> Vec<u8> {
        let flags = self.flags | more_flags;
        [&Sha256::digest(&self.rp_id)[..], &[flags], &self.counter.to_be_bytes(), attested].concat()
    }

    fn cose_key(&self) -> Vec<u8> {
        let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        let key = self.key.ec_key().unwrap();
        let mut context = BigNumContext::new().unwrap();
        key.public_key().affine_coordinates(key.group(), &mut x, &mut y, &mut context).unwrap();
        let (x, y) = (x.to_vec_padded(32).unwrap(), y.to_vec_padded(32).unwrap());
        [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], &x, b"\x22\x58\x20", &y].concat()
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
