//! SMTP by lettre: `EMAIL_SERVER=smtp://user:password@host:587` (STARTTLS is required) or `smtps://…:465`.
//! Plain text is spoken only to a server on this machine, where tests and relays live.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use url::Url;

use super::{DEADLINE, MailError, Mailer, OutgoingMail};
use crate::{config::is_loopback, random};

/// Sends through one SMTP server, over a small pool of connections.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl SmtpMailer {
    /// Reads `EMAIL_SERVER`.
    ///
    /// # Errors
    /// One sentence that says what is wrong with the URL; it never repeats the URL, which holds a password.
    pub fn from_url(server: &Url) -> Result<Self, String> {
        let host = server.host_str().ok_or("has no host name")?.trim_matches(['[', ']']);
        let tls = match server.scheme() {
            "smtps" => Tls::Wrapper(tls_parameters(host)?),
            "smtp" if is_loopback(server) => Tls::None,
            "smtp" => Tls::Required(tls_parameters(host)?),
            _ => return Err("must begin with smtp:// or smtps://".to_owned()),
        };
        let default_port = if server.scheme() == "smtps" { 465 } else { 587 };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(server.port().unwrap_or(default_port))
            .tls(tls)
            .timeout(Some(DEADLINE));
        if let Some(password) = server.password() {
            transport =
                transport.credentials(Credentials::new(decode(server.username())?, decode(password)?));
        }
        Ok(Self { transport: transport.build() })
    }
}

#[async_trait::async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: OutgoingMail) -> Result<(), MailError> {
        let failed = |reason: &dyn std::fmt::Display| MailError(reason.to_string());
        let from: Mailbox = mail.from.parse().map_err(|error| failed(&error))?;
        let recipient = mail.to.as_str().parse().map_err(|error| failed(&error))?;
        let message = Message::builder()
            // Without one, filters take a mail for spam; lettre's own would name this machine.
            .message_id(Some(format!("<{}@{}>", random::token(), from.email.domain())))
            .from(from)
            .to(Mailbox::new(None, recipient))
            .subject(mail.subject)
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|error| failed(&error))?;
        // The envelope must be the address that was checked, whatever the header parser made of it.
        let envelope: Vec<&str> = message.envelope().to().iter().map(AsRef::as_ref).collect();
        if envelope != [mail.to.as_str()] {
            return Err(MailError("the recipient would differ from the checked address".to_owned()));
        }
        // lettre's own limit is for each step, and its pool waits on top of it; a person waits once.
        match tokio::time::timeout(DEADLINE, self.transport.send(message)).await {
            Ok(sent) => sent.map(drop).map_err(|error| failed(&error)),
            Err(_) => Err(MailError("the mail server did not answer in time".to_owned())),
        }
    }
}

/// The form of `EMAIL_FROM`.
pub(crate) fn is_mailbox(from: &str) -> bool {
    from.parse::<Mailbox>().is_ok()
}

fn tls_parameters(host: &str) -> Result<TlsParameters, String> {
    TlsParameters::new(host.to_owned()).map_err(|_| "names a host that TLS cannot check".to_owned())
}

fn decode(text: &str) -> Result<String, String> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded.map(Into::into).map_err(|_| "has a user name or password that is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_and_passwords_are_percent_decoded() {
        assert_eq!(decode("me%40x.test").unwrap(), "me@x.test");
        assert_eq!(decode("a+b%20c").unwrap(), "a+b c");
    }

    #[test]
    fn sm_04_plain_text_is_for_this_machine_only() {
        let loopback = |url: &str| is_loopback(&Url::parse(url).unwrap());
        assert!(
            loopback("smtp://127.0.0.1:25") && loopback("smtp://localhost") && loopback("smtp://[::1]:25")
        );
        assert!(!loopback("smtp://mail.example.com") && !loopback("smtp://127.0.0.1.evil.test"));
    }
}
