//! Verifies a registration and a sign-in, in the order of W3C Web Authentication Level 3 sections 7.1 and 7.2. Errors are
//! only logged: clients get the same error code for all of them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::{Host, Url};

use super::{
    aaguid,
    authenticator_data::AuthenticatorData,
    cbor::Reader,
    ceremony::{Ceremony, LIFETIME},
    client_data::Kind,
    public_key::{ALGORITHMS, PublicKey},
    response::{Assertion, Registration},
};
use crate::adapter::{Authenticator, User};

/// In [`Authenticator::device_type`]: may be on other devices of its owner too, or never leaves this one.
const SYNCED: &str = "multiDevice";
const BOUND: &str = "singleDevice";

/// How browsers reach authenticators (section 5.8.4). Other words are not stored.
const TRANSPORTS: [&str; 7] = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"];

/// The longest user name that is sent: authenticators keep 64 bytes (section 6.4.1).
const LONGEST_NAME: usize = 64;

/// The website, as passkeys know it.
pub(crate) struct RelyingParty {
    /// The host of `AUTH_URL`. Passkeys belong to it for ever.
    id: String,
    /// The origin of `AUTH_URL`: only its pages may ask.
    origin: String,
}

/// A passkey that was just registered.
#[derive(Debug)]
pub(crate) struct NewPasskey {
    pub(crate) credential_id: String,
    pub(crate) public_key: String,
    pub(crate) counter: u32,
    pub(crate) device_type: &'static str,
    pub(crate) is_backed_up: bool,
    pub(crate) transports: Option<String>,
    /// The product that keeps it, where that is known.
    pub(crate) product: Option<&'static str>,
}

/// What a good sign-in says of its passkey.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) counter: u32,
    pub(crate) is_backed_up: bool,
    /// Whether the counter of a synced passkey is lower than at its last use: the owner is notified.
    pub(crate) is_counter_lower: bool,
}

impl RelyingParty {
    /// # Errors
    /// Why browsers would make no passkeys for that URL.
    pub(crate) fn of(base_url: &Url) -> Result<Self, &'static str> {
        let Some(Host::Domain(host)) = base_url.host() else {
            return Err("has an address of numbers, and browsers make passkeys for names only");
        };
        if base_url.scheme() != "https" && host != "localhost" {
            return Err("is not https, and browsers make passkeys there only, or on localhost");
        }
        Ok(Self { id: host.to_owned(), origin: base_url.origin().ascii_serialization() })
    }

    /// What `navigator.credentials.create()` gets (section 5.4). `known` are the user's passkeys: an authenticator that has
    /// one of them makes no second one.
    pub(crate) fn creation_options(
        &self,
        ceremony: &Ceremony,
        user: &User,
        known: &[Authenticator],
    ) -> Value {
        let name = user.email.as_deref().or(user.name.as_deref()).unwrap_or("Account");
        let exclude = known.iter().map(|passkey| {
            let transports = passkey.transports.as_deref().unwrap_or_default().split_terminator(',');
            let transports: Vec<_> = transports.collect();
            json!({ "type": "public-key", "id": passkey.credential_id, "transports": transports })
        });
        json!({
            "rp": { "id": self.id, "name": self.id },
            "user": {
                "id": handle(&user.id),
                "name": shortened(name),
                "displayName": shortened(user.name.as_deref().unwrap_or(name)),
            },
            "challenge": ceremony.challenge,
            "pubKeyCredParams": ALGORITHMS.map(|alg| json!({ "type": "public-key", "alg": alg })),
            "timeout": LIFETIME.as_millis(),
            "attestation": "none",
            "excludeCredentials": exclude.collect::<Vec<_>>(),
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": true,
                "userVerification": "required",
            },
            "extensions": { "credProps": true },
        })
    }

    /// What `navigator.credentials.get()` gets (section 5.5). Names nobody's passkeys: the authenticator knows whose it has,
    /// and we tell nobody who has any.
    pub(crate) fn request_options(&self, ceremony: &Ceremony) -> Value {
        json!({
            "challenge": ceremony.challenge,
            "rpId": self.id,
            "allowCredentials": [],
            "timeout": LIFETIME.as_millis(),
            "userVerification": "required",
        })
    }

    /// Section 7.1.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn register(
        &self,
        registration: &Registration,
        challenge: &str,
    ) -> Result<NewPasskey, &'static str> {
        registration.client_data.check(Kind::Create, challenge, &self.origin)?;
        let data = authenticator_data(&registration.attestation_object)
            .and_then(AuthenticatorData::parse)
            .ok_or("the attestation object cannot be read, or its key not be used")?;
        self.check(&data)?;
        let credential = data.credential.as_ref().ok_or("no passkey was made")?;
        let credential_id = URL_SAFE_NO_PAD.encode(credential.id);
        if credential_id != registration.id {
            return Err("the passkey has two ids");
        }
        Ok(NewPasskey {
            credential_id,
            public_key: URL_SAFE_NO_PAD.encode(credential.cose_key),
            counter: data.counter,
            device_type: device_type(&data),
            is_backed_up: data.is_backed_up(),
            transports: transports(&registration.transports),
            product: aaguid::product(credential.aaguid),
        })
    }

    /// Section 7.2. Whoever calls it moves the counter by comparing, and notes the use.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn authenticate(
        &self,
        assertion: &Assertion,
        challenge: &str,
        passkey: &Authenticator,
    ) -> Result<Use, &'static str> {
        let handle = assertion.user_handle.as_deref().ok_or("the passkey does not say whose it is")?;
        if !is_handle_of(handle, &passkey.user_id) {
            return Err("the passkey belongs to another user");
        }
        assertion.client_data.check(Kind::Get, challenge, &self.origin)?;
        let data = AuthenticatorData::parse(&assertion.authenticator_data)
            .filter(|data| data.credential.is_none())
            .ok_or("the authenticator data cannot be read")?;
        self.check(&data)?;
        if device_type(&data) != passkey.device_type {
            return Err("the passkey was bound to its device and is no more, or the other way round");
        }
        let key = URL_SAFE_NO_PAD.decode(&passkey.public_key).ok();
        let key = key.and_then(|cose| PublicKey::parse(&cose)).ok_or("the stored key cannot be read")?;
        let hash = Sha256::digest(&assertion.client_data_json);
        let message = [assertion.authenticator_data.as_slice(), hash.as_slice()].concat();
        if !key.verifies(&assertion.signature, &message) {
            return Err("the signature is wrong");
        }
        // Most passkeys have no counter. A counter must increase with each signature (section 6.1.1) on a single device. A
        // synced passkey may have a separate counter on each device, so section 7.2 step 22 leaves the decision to the website.
        let is_synced = data.is_backup_eligible();
        if !is_synced && (data.counter, passkey.counter) != (0, 0) && data.counter <= passkey.counter {
            return Err("the counter did not increase: there is a copy of this passkey");
        }
        Ok(Use {
            counter: data.counter,
            is_backed_up: data.is_backed_up(),
            is_counter_lower: is_synced && data.counter < passkey.counter,
        })
    }

    /// What holds for both.
    fn check(&self, data: &AuthenticatorData<'_>) -> Result<(), &'static str> {
        if data.rp_id_hash != Sha256::digest(&self.id).as_slice() {
            return Err("the passkey is for another website");
        }
        if !data.is_user_present() {
            return Err("nobody was there");
        }
        if !data.is_user_verified() {
            return Err("nobody made sure who was there");
        }
        if data.is_backed_up() && !data.is_backup_eligible() {
            return Err("the passkey is backed up, and cannot be");
        }
        Ok(())
    }
}

/// The authenticator data in an attestation object (section 6.5). The statement beside it must be an item of CBOR, and is
/// not looked at.
pub(super) fn authenticator_data(attestation_object: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(attestation_object);
    let mut data = None;
    for _ in 0..reader.map()? {
        match reader.text()? {
            "authData" if data.is_none() => data = Some(reader.bytes()?),
            "fmt" | "attStmt" => drop(reader.item()?),
            _ => return None,
        }
    }
    data.filter(|_| reader.is_at_end())
}

fn device_type(data: &AuthenticatorData<'_>) -> &'static str {
    if data.is_backup_eligible() { SYNCED } else { BOUND }
}

fn transports(words: &[String]) -> Option<String> {
    let known: Vec<_> =
        TRANSPORTS.into_iter().filter(|known| words.iter().any(|word| word == known)).collect();
    (!known.is_empty()).then(|| known.join(","))
}

/// What the authenticator keeps as the user: our id, which is random and says nothing about the person (section 14.6.1).
fn handle(user_id: &str) -> String {
    URL_SAFE_NO_PAD.encode(user_id)
}

/// @simplewebauthn/browser 9, the client of Auth.js, takes the handle for text both ways; a passkey that it made may be
/// used by a client that decodes it, and the other way round.
fn is_handle_of(sent: &str, user_id: &str) -> bool {
    let (sent, handle) = (sent.trim_end_matches('='), handle(user_id));
    sent == handle || sent == user_id || sent == URL_SAFE_NO_PAD.encode(&handle)
}

fn shortened(name: &str) -> &str {
    &name[..name.floor_char_boundary(LONGEST_NAME)]
}
