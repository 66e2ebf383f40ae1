//! E-mail: addresses, the sign-in message, and how it is sent.
//!
//! [`Mailer`] is the seam: SMTP in production, the dev inbox in development, a user's own service.

mod address;
mod sign_in_mail;
pub(crate) mod smtp;

pub use address::{EmailAddress, InvalidEmail};
pub(crate) use sign_in_mail::{SignInMail, sign_in_mail};
pub use smtp::SmtpMailer;

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
}

/// A mail could not be handed over.
#[derive(Debug, thiserror::Error)]
#[error("the mail could not be sent: {0}")]
pub struct MailError(pub String);

/// Sends mails.
#[async_trait::async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Hands the mail over; returns when the next hop has taken it.
    async fn send(&self, mail: OutgoingMail) -> Result<(), MailError>;
}
