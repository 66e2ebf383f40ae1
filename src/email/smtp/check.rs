//! Talks to the mail server up to the recipient, without sending anything: for `doctor`. Rule: each step that can fail has
//! a sentence of its own, no answer of the server is quoted, and the conversation has a time limit.

use std::time::Duration;

use lettre::{
    Address,
    message::Mailbox,
    transport::smtp::{
        Error,
        authentication::Mechanism,
        client::AsyncSmtpConnection,
        commands::{Mail, Rcpt},
        extension::{ClientId, Extension},
    },
};
use url::Url;

use super::{Encryption, Server, failure};

/// What was found at a mail server that takes mail.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct SmtpFindings {
    /// Host and port.
    pub address: String,
    /// What works only in part; sentences.
    pub warnings: Vec<String>,
}

/// Connects as [`SmtpMailer`](super::SmtpMailer) does, authenticates, and names the sender as sender and recipient. No
/// message is sent. Ends after `limit`.
///
/// # Errors
/// Why no mail would be taken, in one sentence without the password.
pub async fn check(server: &Url, from: &str, limit: Duration) -> Result<SmtpFindings, String> {
    let server = Server::from_url(server)?;
    let address = format!("{}:{}", server.host, server.port);
    match tokio::time::timeout(limit, talk(server, &address, from, limit)).await {
        Ok(result) => result.map(|warnings| SmtpFindings { address, warnings }),
        Err(_) => Err(format!("{address} did not answer in {} seconds", limit.as_secs())),
    }
}

async fn talk(server: Server, address: &str, from: &str, limit: Duration) -> Result<Vec<String>, String> {
    let name = ClientId::default();
    let mut warnings = Vec::new();
    let wrapper = match &server.tls {
        Encryption::Wrapper(parameters) => Some(parameters.clone()),
        _ => None,
    };
    let connecting = AsyncSmtpConnection::connect_tokio1(
        (server.host.as_str(), server.port),
        Some(limit),
        &name,
        wrapper,
        None,
    );
    let mut connection = connecting.await.map_err(|error| {
        let reason = crate::error::chain(&error);
        let words = failure::own_words(&error, &reason);
        words.map_or_else(|| format!("{address} cannot be reached, or is no mail server"), str::to_owned)
    })?;
    if let Encryption::Required(parameters) = server.tls {
        let secured = connection.starttls(parameters, &name).await;
        secured.map_err(|error| {
            let words = failure::own_words(&error, &crate::error::chain(&error));
            words.unwrap_or("the mail server offers STARTTLS, but the encrypted connection fails").to_owned()
        })?;
    }
    let is_authenticated = server.credentials.is_some();
    if let Some(credentials) = &server.credentials {
        let authenticated = connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await;
        authenticated.map_err(|error| {
            let words = failure::own_words(&error, &crate::error::chain(&error)).map(str::to_owned);
            words.unwrap_or_else(|| {
                refusal(&error, "does not accept the user name and the password of EMAIL_SERVER")
            })
        })?;
    }
    if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        warnings.push(
            "does not offer SMTPUTF8: mail to addresses with letters beyond ASCII, such as jürgen@example.com, cannot be \
             sent"
                .to_owned(),
        );
    }
    let sender = from.parse::<Mailbox>().map_err(|_| "EMAIL_FROM is not a sender".to_owned())?.email;
    let hint = if is_authenticated { "" } else { ". EMAIL_SERVER has no user name and password" };
    let taken = connection.command(Mail::new(Some(sender.clone()), Vec::new())).await;
    taken.map_err(|error| {
        refusal(&error, &format!("does not accept mail from the address of EMAIL_FROM{hint}"))
    })?;
    recipient(&mut connection, sender, hint, &mut warnings).await?;
    connection.abort().await;
    Ok(warnings)
}

/// The sender's own address may be refused for reasons of its own, so only a server that does not relay is an error.
async fn recipient(
    connection: &mut AsyncSmtpConnection,
    address: Address,
    hint: &str,
    warnings: &mut Vec<String>,
) -> Result<(), String> {
    let Err(error) = connection.command(Rcpt::new(address, Vec::new())).await else { return Ok(()) };
    let code = error.status().map(|code| code.to_string());
    // 530: authentication required (RFC 4954). 550 and 554 are also what servers answer for an unknown mailbox.
    if code.as_deref() == Some("530") || (error.is_permanent() && !hint.is_empty()) {
        return Err(refusal(&error, &format!("does not take mail from this program{hint}")));
    }
    warnings
        .push(refusal(&error, "does not take mail to the address of EMAIL_FROM; it may take mail to others"));
    Ok(())
}

fn refusal(error: &Error, what: &str) -> String {
    match error.status() {
        Some(code) => format!("the mail server {what} (it answered {code})"),
        None => format!("the mail server {what}"),
    }
}
