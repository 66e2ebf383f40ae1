//! What the account pages show of their owner. Instants are RFC 3339 in UTC.

use serde::{Deserialize, Serialize};

/// The stored user, and what waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountOverview {
    /// The user's id.
    pub id: String,
    /// Display name, where one is known.
    pub name: Option<String>,
    /// Email address, where one is known.
    pub email: Option<String>,
    /// Whether that address is proven.
    pub is_email_proven: bool,
    /// When the user signed in first; `None` without a database.
    pub created: Option<String>,
    /// An address that waits for its confirmation.
    pub new_email: Option<String>,
    /// Whether the address can be changed here.
    pub can_change_email: bool,
    /// When the account will be deleted, if its owner has asked for it.
    pub deletion: Option<String>,
    /// How many days a deletion can be undone.
    pub deletion_grace_days: u64,
    /// Whether the user proved a short while ago who they are: sensitive steps ask for that.
    pub is_fresh: bool,
}
