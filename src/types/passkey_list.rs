//! What the page of passkeys shows. Instants are RFC 3339 in UTC.

use serde::{Deserialize, Serialize};

/// The passkeys of whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyList {
    /// The newest first.
    pub passkeys: Vec<PasskeyInfo>,
    /// Whether the user proved a short while ago who they are: adding and removing ask for that.
    pub is_fresh: bool,
}

/// One passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasskeyInfo {
    /// The credential's id, base64url. Opens nothing.
    pub id: String,
    /// What its owner calls it.
    pub name: Option<String>,
    /// When it was added.
    pub created: String,
    /// When it was used last.
    pub last_used: Option<String>,
    /// Whether its owner's other devices have it too; otherwise it is on one device only.
    pub is_synced: bool,
}
