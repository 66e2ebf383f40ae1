//! What the account page about activity shows. Instants are RFC 3339 in UTC.

use serde::{Deserialize, Serialize};

/// One page of what happened to an account, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    /// What happened.
    pub items: Vec<ActivityItem>,
    /// Where the next page begins; `None`: there is nothing older.
    pub older: Option<String>,
    /// Whether its owner can lock the account here: only who can open it again by mail.
    pub can_lock: bool,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityItem {
    /// What to call it.
    pub id: String,
    /// The word of the event, such as `signed_in`.
    pub event: String,
    /// Whether it did not succeed.
    pub is_refused: bool,
    /// The way it was done by, as people know it.
    pub method: Option<String>,
    /// Browser and system, for example `Firefox on Windows`.
    pub device: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
    /// When.
    pub time: String,
    /// How long ago that was, in seconds, when the page was made.
    pub age: u64,
    /// Whether its owner should look twice, and can undo it.
    pub is_unusual: bool,
}
