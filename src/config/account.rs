//! What the owner of an account may do with it.

use std::time::Duration;

use super::Reader;

const DAY: u64 = 24 * 3600;

/// Settings of the account pages.
#[derive(Clone, Copy, Debug)]
pub struct AccountSettings {
    /// An account is deleted this long after its owner has asked for it. `AUTH_DELETION_GRACE`, seconds, 14 days; 0: at once.
    pub deletion_grace: Duration,
}

impl Reader<'_> {
    pub(super) fn account(&mut self) -> AccountSettings {
        AccountSettings { deletion_grace: self.seconds("AUTH_DELETION_GRACE", 14 * DAY, 0) }
    }
}
