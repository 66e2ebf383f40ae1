//! The mails with a link and a code that prove an address. The code stands in the subject, so that it can be read in a
//! notification; and the subject is the same for all of them, so that it tells nobody else whether there is an account.

use std::time::Duration;

use url::Url;

use super::{Letter, OutgoingMail, Words};

impl Letter<'_> {
    /// For who has asked for such a mail. `code` has eight digits.
    pub(crate) fn sign_in(&self, link: &Url, code: &str, valid_for: Duration) -> OutgoingMail {
        let paragraph = "Open the link on the device where you want to be signed in.";
        self.with_code((format!("Sign in to {}", self.host), "Sign in"), paragraph, link, code, valid_for)
    }

    /// For who has chosen a password for a new account.
    pub(crate) fn sign_up(&self, link: &Url, code: &str, valid_for: Duration) -> OutgoingMail {
        let paragraph = "Open the link in the browser where you chose your password: it counts only there.";
        let heading = (format!("Create your account at {}", self.host), "Create the account");
        self.with_code(heading, paragraph, link, code, valid_for)
    }

    /// The same for who has an account.
    pub(crate) fn signed_up_before(&self, link: &Url, code: &str, valid_for: Duration) -> OutgoingMail {
        let paragraph = "Somebody, probably you, tried to create an account with this address. You have one already, and \
                         nothing about it was changed. The link signs you in; there you can set a new password.";
        let heading = (format!("You have an account at {}", self.host), "Sign in");
        self.with_code(heading, paragraph, link, code, valid_for)
    }

    fn with_code(
        &self,
        (heading, button): (String, &str),
        paragraph: &str,
        link: &Url,
        code: &str,
        valid_for: Duration,
    ) -> OutgoingMail {
        let code = format!("{} {}", &code[..4], &code[4..]);
        self.write(&Words {
            subject: format!("{code} is your code for {}", self.host),
            heading,
            paragraphs: vec![paragraph.to_owned()],
            button: Some((button, link)),
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
