//! Sign-in by address and password.

use super::Reader;

/// How people sign in by address and password.
#[derive(Clone, Copy, Debug)]
pub struct PasswordSettings {
    /// Whether they can. `AUTH_PASSWORD`; unless it is set, if there is a database for it and a way to send mails.
    pub is_on: Option<bool>,
    /// Characters that a new password must have. `AUTH_PASSWORD_MIN_LENGTH`, 8.
    pub min_length: usize,
    /// How many may wait for a core to check theirs. `AUTH_PASSWORD_QUEUE`, 32.
    pub queue: usize,
}

impl Reader<'_> {
    pub(super) fn password(&mut self) -> PasswordSettings {
        PasswordSettings {
            is_on: self.flag("AUTH_PASSWORD"),
            // NIST SP 800-63B-4 section 3.1.1.2 takes no less. It asks for 15 where a password is all that is asked for.
            min_length: self.number("AUTH_PASSWORD_MIN_LENGTH", 8, 8, 64),
            queue: self.number("AUTH_PASSWORD_QUEUE", 32, 1, 10_000),
        }
    }
}
