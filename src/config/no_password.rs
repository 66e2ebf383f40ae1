//! In place of `password.rs` in a build without the feature `password`: there are no settings, and whoever turns
//! passwords on is told.

use super::Reader;

/// There are none in this build.
#[derive(Clone, Copy, Debug)]
pub struct PasswordSettings;

impl Reader<'_> {
    pub(super) fn password(&mut self) -> PasswordSettings {
        if self.flag("AUTH_PASSWORD") == Some(true) {
            self.wrong(
                "AUTH_PASSWORD",
                "turns passwords on, which this build does not have: build it with --features password. \
                 Example: AUTH_PASSWORD=false",
            );
        }
        PasswordSettings
    }
}
