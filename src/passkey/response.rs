//! Parses what browsers send: `PublicKeyCredential.toJSON()` (W3C Web Authentication Level 3 section 5.1), also produced by
//! @simplewebauthn/browser and therefore by the client of Auth.js. Members that are not needed are ignored.

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Deserializer, de::Error};

use super::client_data::ClientData;

/// Browsers send base64url without padding, some client libraries with it (RFC 4648 section 5 allows both).
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The answer to `navigator.credentials.create()`.
#[derive(Deserialize)]
#[serde(try_from = "Credential<AttestationResponse>")]
pub(crate) struct Registration {
    /// The credential's id, base64url.
    pub(super) id: String,
    pub(super) client_data: ClientData,
    pub(super) attestation_object: Vec<u8>,
    pub(super) transports: Vec<String>,
}

/// The answer to `navigator.credentials.get()`.
#[derive(Deserialize)]
#[serde(try_from = "Credential<AssertionResponse>")]
pub(crate) struct Assertion {
    /// The credential's id, base64url.
    pub(crate) id: String,
    pub(super) client_data: ClientData,
    pub(super) client_data_json: Vec<u8>,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
    /// Whose passkey the authenticator says it is.
    pub(super) user_handle: Option<String>,
}

impl Registration {
    /// The challenge that it claims to answer.
    pub(crate) fn challenge(&self) -> &str {
        self.client_data.challenge()
    }
}

impl Assertion {
    /// The challenge that it claims to answer.
    pub(crate) fn challenge(&self) -> &str {
        self.client_data.challenge()
    }
}

#[derive(Deserialize)]
struct Credential<R> {
    #[serde(deserialize_with = "unpadded")]
    id: String,
    response: R,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttestationResponse {
    #[serde(rename = "clientDataJSON", deserialize_with = "base64url")]
    client_data_json: Vec<u8>,
    #[serde(deserialize_with = "base64url")]
    attestation_object: Vec<u8>,
    #[serde(default)]
    transports: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssertionResponse {
    #[serde(rename = "clientDataJSON", deserialize_with = "base64url")]
    client_data_json: Vec<u8>,
    #[serde(deserialize_with = "base64url")]
    authenticator_data: Vec<u8>,
    #[serde(deserialize_with = "base64url")]
    signature: Vec<u8>,
    #[serde(default)]
    user_handle: Option<String>,
}

impl TryFrom<Credential<AttestationResponse>> for Registration {
    type Error = &'static str;

    fn try_from(credential: Credential<AttestationResponse>) -> Result<Self, Self::Error> {
        let Credential { id, response } = credential;
        Ok(Self {
            id,
            client_data: ClientData::parse(&response.client_data_json)?,
            attestation_object: response.attestation_object,
            transports: response.transports.unwrap_or_default(),
        })
    }
}

impl TryFrom<Credential<AssertionResponse>> for Assertion {
    type Error = &'static str;

    fn try_from(credential: Credential<AssertionResponse>) -> Result<Self, Self::Error> {
        let Credential { id, response } = credential;
        Ok(Self {
            id,
            client_data: ClientData::parse(&response.client_data_json)?,
            client_data_json: response.client_data_json,
            authenticator_data: response.authenticator_data,
            signature: response.signature,
            // An empty user handle means the same as a missing one.
            user_handle: response.user_handle.filter(|handle| !handle.is_empty()),
        })
    }
}

/// Removes the padding, to match the form that is stored and compared.
fn unpadded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let mut text = String::deserialize(deserializer)?;
    text.truncate(text.trim_end_matches('=').len());
    Ok(text)
}

fn base64url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64URL.decode(text).map_err(|_| D::Error::custom("not base64url"))
}
