//! Sends emails by SMTP with lettre: `EMAIL_SERVER=smtp://user:password@host:587` (STARTTLS is required) or `smtps://…:465`.
//! Unencrypted connections are used only to a server on this machine, for tests and local relays. Server certificates are
//! verified with the same trusted certificates as for providers: the system's, or `SSL_CERT_FILE` and `SSL_CERT_DIR`.

mod check;
mod failure;

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

pub use check::{SmtpFindings, check};

/// Sends through one SMTP server, over a small pool of connections.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// The parsed `EMAIL_SERVER`.
struct Server {
    host: String,
    port: u16,
    tls: Encryption,
    credentials: Option<Credentials>,
}

enum Encryption {
    /// Unencrypted, for a server on this machine.
    None,
    /// STARTTLS.
    Required(TlsParameters),
    /// TLS from the first byte.
    Wrapper(TlsParameters),
}

impl Server {
    fn from_url(server: &Url) -> Result<Self, String> {
        let host = server.host_str().ok_or("has no host name")?.trim_matches(['[', ']']);
        let tls = match server.scheme() {
            "smtps" => Encryption::Wrapper(tls_parameters(host)?),
            "smtp" if is_loopback(server) => Encryption::None,
            "smtp" => Encryption::Required(tls_parameters(host)?),
            _ => return Err("must begin with smtp:// or smtps://".to_owned()),
        };
        // Options of nodemailer, such as `?secure=true`, would be silently ignored.
        if !matches!(server.path(), "" | "/") || server.query().is_some() || server.fragment().is_some() {
            return Err(
                "must be a scheme, a user name, a password, a host and a port, and nothing else: in the user name and \
                 the password, write @ : / ? # % as %40 %3A %2F %3F %23 %25"
                    .to_owned(),
            );
        }
        let credentials = match (server.username(), server.password()) {
            ("", None) => None,
            ("", _) => return Err("has a password, but no user name".to_owned()),
            (_, None | Some("")) => return Err("has a user name, but no password".to_owned()),
            (user, Some(password)) => Some(Credentials::new(decode(user)?, decode(password)?)),
        };
        let default_port = if server.scheme() == "smtps" { 465 } else { 587 };
        Ok(Self { host: host.to_owned(), port: server.port().unwrap_or(default_port), tls, credentials })
    }
}

/// Returns a warning, as a sentence fragment, if `EMAIL_SERVER` probably does not work.
pub(crate) fn warning(server: &Url) -> Option<&'static str> {
    match (server.scheme(), server.port()) {
        ("smtp", Some(465)) if !is_loopback(server) => Some(
            "begins with smtp:// and names port 465, where servers speak TLS from the first byte on. \
             Example: EMAIL_SERVER=smtps://user:password@smtp.example.com:465",
        ),
        ("smtps", Some(25 | 587)) => Some(
            "begins with smtps:// and names a port where servers begin without TLS. \
             Example: EMAIL_SERVER=smtp://user:password@smtp.example.com:587",
        ),
        _ => None,
    }
}

impl SmtpMailer {
    /// Reads `EMAIL_SERVER`.
    ///
    /// # Errors
    /// One sentence that says what is wrong with the URL; it never repeats the URL, which holds a password.
    pub fn from_url(server: &Url) -> Result<Self, String> {
        let server = Server::from_url(server)?;
        let tls = match server.tls {
            Encryption::None => Tls::None,
            Encryption::Required(parameters) => Tls::Required(parameters),
            Encryption::Wrapper(parameters) => Tls::Wrapper(parameters),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(DEADLINE));
        if let Some(credentials) = server.credentials {
            transport = transport.credentials(credentials);
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
            Ok(sent) => {
                sent.map(drop).map_err(|error| MailError(failure::in_words(&error, mail.to.as_str())))
            }
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
