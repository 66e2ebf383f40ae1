//! The mails with a link and a code that prove an address. The code stands in the subject, so that it can be read in a
//! notification; and the subject is the same for all of them, so that it tells nobody else whether there is an account.

use std::time::Duration;

use leptos_auth_locales::{Key, mail};
use url::Url;

use super::{Letter, OutgoingMail, Words};

impl Letter<'_> {
    /// For who has asked for such a mail. `code` has eight digits.
    pub(crate) fn sign_in(&self, link: &Url, code: &str, valid_for: Duration) -> OutgoingMail {
        let texts = [mail::SIGN_IN_HEADING, mail::SIGN_IN_LEAD, mail::SIGN_IN_BUTTON];
        self.with_code(texts, link, code, valid_for)
    }

    /// For who has chosen a password for a new account.
    pub(crate) fn sign_up(&self, link: &Url, code: &str, valid_for: Duration) -> OutgoingMail {
        let texts = [mail::SIGN_UP_HEADING, mail::SIGN_UP_LEAD, mail::SIGN_UP_BUTTON];
        self.with_code(texts, link, code, valid_for)
    }

    /// The same for who has an account.
    pub(crate) fn signed_up_before(&self, link: &Url, code: &str, valid_for: Duration) -> OutgoingMail {
        let texts = [mail::KNOWN_HEADING, mail::KNOWN_LEAD, mail::SIGN_IN_BUTTON];
        self.with_code(texts, link, code, valid_for)
    }

    fn with_code(
        &self,
        [heading, paragraph, button]: [Key; 3],
        link: &Url,
        code: &str,
        valid_for: Duration,
    ) -> OutgoingMail {
        let code = format!("{} {}", &code[..4], &code[4..]);
        let minutes = (valid_for.as_secs() / 60).to_string();
        self.write(&Words {
            subject: self.fill(mail::CODE_SUBJECT, &[("code", &code), ("host", self.host)]),
            heading: self.fill(heading, &[("host", self.host)]),
            paragraphs: vec![self.text(paragraph).to_owned()],
            button: Some((self.text(button), link)),
            code: Some((self.text(mail::CODE_LEAD), &code)),
            footer: self.fill(mail::CODE_FOOTER, &[("minutes", &minutes)]),
            valid_for,
        })
    }
}
