//! The mails of a forgotten password.

use std::time::Duration;

use url::Url;

use super::{Letter, OutgoingMail, Words};

impl Letter<'_> {
    /// The link to a new password.
    pub(crate) fn reset_password(&self, link: &Url, valid_for: Duration) -> OutgoingMail {
        self.write(&Words {
            subject: format!("A new password for {}", self.host),
            heading: "Choose a new password".to_owned(),
            paragraphs: vec![
                format!("Somebody, probably you, forgot the password of your account at {}.", self.host),
                "A new password signs you out on all devices. Then you sign in with it.".to_owned(),
            ],
            button: Some(("Choose a new password", link)),
            footer: format!(
                "The link works once, for {} minutes, and a newer one replaces it. If you did not ask for it, you can ignore \
                 this mail: your password stays as it is.",
                valid_for.as_secs() / 60
            ),
            valid_for,
            ..Words::default()
        })
    }

    /// The same for an address without an account: who has forgotten which address they used waits for no mail in vain.
    pub(crate) fn nothing_to_reset(&self, sign_up: &Url) -> OutgoingMail {
        self.write(&Words {
            subject: format!("A new password for {}", self.host),
            heading: "There is no account with this address".to_owned(),
            paragraphs: vec![format!(
                "Somebody, probably you, asked for a new password at {}. No account there has this address: perhaps you \
                 used another one.",
                self.host
            )],
            button: Some(("Create an account", sign_up)),
            footer: "If you did not ask for this, you can ignore this mail.".to_owned(),
            ..Words::default()
        })
    }
}
