//! Whether people may have a second step: `AUTH_TOTP`.

use super::Reader;

const VARIABLE: &str = "AUTH_TOTP";

impl Reader<'_> {
    /// On, unless it is switched off or the build has none.
    pub(super) fn totp(&mut self) -> bool {
        let is_wanted = self.flag(VARIABLE);
        if is_wanted == Some(true) && !cfg!(feature = "totp") {
            self.wrong(
                VARIABLE,
                "is on, and this build has no second step: build it with --features totp. \
                 Example: AUTH_TOTP=false",
            );
        }
        cfg!(feature = "totp") && is_wanted.unwrap_or(true)
    }
}
