//! One line of the list of a user's sessions.

use serde::{Deserialize, Serialize};

/// A session of the signed-in user, on this or another device. Instants are RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceSession {
    /// What to call it when ending it.
    pub id: String,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// Browser and system, for example `Firefox on Windows`; `None` when the device did not say.
    pub device: Option<String>,
    /// The address that the sign-in came from.
    pub address: Option<String>,
    /// Id of the provider that the user came by.
    pub provider: String,
    /// When the user signed in.
    pub signed_in: String,
    /// When it was renewed last: it has been used since, but for less than `AUTH_SESSION_UPDATE_AGE`.
    pub last_used: String,
    /// When it ends if nothing renews it.
    pub expires: String,
}
