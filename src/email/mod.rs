//! Email: addresses, the content of emails, and how they are sent.
//!
//! [`Mailer`] is the interface: SMTP or a service over HTTPS in production, the dev inbox in development, or a function of
//! your own.

mod address;
mod letter;
#[cfg(feature = "password")]
mod password_mail;
mod service;
mod sign_in_mail;
pub(crate) mod smtp;

use std::{sync::Arc, time::Duration};

use serde::Serialize;

pub use address::{EmailAddress, InvalidEmail};
pub(crate) use letter::{Letter, Words};
pub use service::{EmailService, MailgunRegion};
pub use smtp::{SmtpFindings, SmtpMailer, check as check_smtp};

/// A person waits for the answer while a mail is handed over: no longer than this, whatever sends it (SM-02).
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// One mail, ready to be sent.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// The only recipient.
    pub to: EmailAddress,
    /// `EMAIL_FROM`, for example `My App <no-reply@example.com>`.
    pub from: String,
    /// Subject line: our own text, without line breaks.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The plain text part.
    pub text: String,
    /// What both parts say, for a sender that has words of its own.
    pub data: MailData,
}

/// What a mail says. A service that fills in a template gets it under these names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MailData {
    /// The link; empty in a mail without one, as are the code and the minutes.
    pub url: String,
    /// The code, in two groups: `1234 5678`.
    pub code: String,
    /// The host of `AUTH_URL`: where to sign in.
    pub host: String,
    /// How long link and code are good for.
    pub minutes: u64,
    /// The language of both parts, as in `lang`: `en`. It is that of the browser whose request caused the mail.
    pub language: String,
}

/// A mail could not be handed over. The reason goes to the log: it must hold no address, link, code or key.
#[derive(Debug, thiserror::Error)]
#[error("the mail could not be sent: {0}")]
pub struct MailError(pub String);

/// Sends mails. An async function from [`OutgoingMail`] to `Result<(), MailError>` is one.
#[async_trait::async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Hands the mail over; returns when the next hop has taken it. Who asked waits meanwhile, 10 seconds at most.
    async fn send(&self, mail: OutgoingMail) -> Result<(), MailError>;
}

#[async_trait::async_trait]
impl<Function, Sent> Mailer for Function
where
    Function: Fn(OutgoingMail) -> Sent + Send + Sync + 'static,
    Sent: Future<Output = Result<(), MailError>> + Send + 'static,
{
    async fn send(&self, mail: OutgoingMail) -> Result<(), MailError> {
        self(mail).await
    }
}

#[async_trait::async_trait]
impl<M: Mailer + ?Sized> Mailer for Arc<M> {
    async fn send(&self, mail: OutgoingMail) -> Result<(), MailError> {
        (**self).send(mail).await
    }
}
