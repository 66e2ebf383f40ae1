//! The mails of a forgotten password.

use std::time::Duration;

use leptos_auth_locales::mail;
use url::Url;

use super::{Letter, OutgoingMail, Words};

impl Letter<'_> {
    /// The link to a new password.
    pub(crate) fn reset_password(&self, link: &Url, valid_for: Duration) -> OutgoingMail {
        let host = [("host", self.host)];
        let minutes = (valid_for.as_secs() / 60).to_string();
        self.write(&Words {
            subject: self.fill(mail::RESET_SUBJECT, &host),
            heading: self.text(mail::RESET_HEADING).to_owned(),
            paragraphs: vec![self.fill(mail::RESET_LEAD, &host), self.text(mail::RESET_EFFECT).to_owned()],
            button: Some((self.text(mail::RESET_BUTTON), link)),
            footer: self.fill(mail::RESET_FOOTER, &[("minutes", &minutes)]),
            valid_for,
            ..Words::default()
        })
    }

    /// The same for an address without an account: who has forgotten which address they used waits for no mail in vain.
    pub(crate) fn nothing_to_reset(&self, sign_up: &Url) -> OutgoingMail {
        let host = [("host", self.host)];
        self.write(&Words {
            subject: self.fill(mail::RESET_SUBJECT, &host),
            heading: self.text(mail::NO_ACCOUNT_HEADING).to_owned(),
            paragraphs: vec![self.fill(mail::NO_ACCOUNT_LEAD, &host)],
            button: Some((self.text(mail::NO_ACCOUNT_BUTTON), sign_up)),
            footer: self.text(mail::NO_ACCOUNT_FOOTER).to_owned(),
            ..Words::default()
        })
    }
}
