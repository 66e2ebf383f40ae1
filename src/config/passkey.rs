//! Passkeys: `AUTH_PASSKEY`. Everything else follows from `AUTH_URL`.

use super::Reader;

const VARIABLE: &str = "AUTH_PASSKEY";

impl Reader<'_> {
    /// Whether people may sign in with passkeys: yes, where they are built in and not switched off.
    pub(super) fn passkey(&mut self) -> bool {
        let wanted = self.flag(VARIABLE);
        if wanted == Some(true) && !cfg!(feature = "passkey") {
            self.wrong(
                VARIABLE,
                "asks for passkeys, which this build does not have: build it with --features passkey. \
                 Example: cargo build --release --features passkey",
            );
        }
        wanted.unwrap_or(true)
    }
}
