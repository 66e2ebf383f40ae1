//! What the page shows that lists a user's sessions.

use serde::{Deserialize, Serialize};

use super::DeviceSession;

/// Where somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountDevices {
    /// The sessions: the one that asks, then the others, the one used last first. Empty where no database keeps a list.
    pub sessions: Vec<DeviceSession>,
    /// Whether the user proved a short while ago who they are: ending one needs that.
    pub is_fresh: bool,
}
