//! The one mail of an e-mail sign-in: a link and a code. The code stands in the subject, so that it can be read in a
//! notification.

use std::time::Duration;

use url::Url;

use super::{Letter, OutgoingMail, Words};

impl Letter<'_> {
    /// Writes the mail. `code` has eight digits.
    pub(crate) fn sign_in(&self, link: &Url, code: &str, valid_for: Duration) -> OutgoingMail {
        let host = self.host;
        let code = format!("{} {}", &code[..4], &code[4..]);
        self.write(&Words {
            subject: format!("{code} is your code for {host}"),
            heading: format!("Sign in to {host}"),
            paragraphs: vec!["Open the link on the device where you want to be signed in.".to_owned()],
            button: Some(("Sign in", link)),
            code: Some(("Or type this code on the page that asked for it:", &code)),
            footer: format!(
                "The link and the code work once, for {} minutes. Never give the code to anybody. If you did not ask for \
                 this mail, you can ignore it: nothing happens without the link or the code.",
                valid_for.as_secs() / 60
            ),
            valid_for,
        })
    }
}
