//! Tests the mail server up to the recipient, without sending a message: for `doctor`. Rule: each step that can fail has its
//! own error text, no response of the server is quoted, and the whole conversation has a time limit.

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

/// The result for a mail server that accepts emails.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct SmtpFindings {
    /// Host and port.
    pub address: String,
    /// Warnings about what works only in part, as sentences.
    pub warnings: Vec<String>,
}

/// Connects as [`SmtpMailer`](super::SmtpMailer) does, authenticates, and gives the sender's address as sender and as
/// recipient. No message is sent. Ends after `limit`.
///
/// # Errors
/// Returns why no email would be accepted, in one sentence without the password.
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
        words.map_or_else(|| format!("{address} cannot be reached, or is not a mail server"), str::to_owned)
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
            "does not offer SMTPUTF8: emails to addresses with non-ASCII letters, such as jürgen@example.com, cannot be \
             sent"
                .to_owned(),
        );
    }
    let sender = from.parse::<Mailbox>().map_err(|_| "EMAIL_FROM is not a sender".to_owned())?.email;
    let hint = if is_authenticated { "" } else { ". EMAIL_SERVER has no user name and password" };
    let taken = connection.command(Mail::new(Some(sender.clone()), Vec::new())).await;
    taken.map_err(|error| {
        refusal(&error, &format!("does not accept email from the address of EMAIL_FROM{hint}"))
    })?;
    recipient(&mut connection, sender, hint, &mut warnings).await?;
    connection.abort().await;
    Ok(warnings)
}

/// Tests the recipient. The server may reject this one address, so it is an error only if the server does not relay.
async fn recipient(
    connection: &mut AsyncSmtpConnection,
    address: Address,
    hint: &str,
    warnings: &mut Vec<String>,
) -> Result<(), String> {
    let Err(error) = connection.command(Rcpt::new(address, Vec::new())).await else { return Ok(()) };
    let code = error.status().map(|code| code.to_string());
    // 530: authentication required (RFC 4954). Servers also answer 550 and 554 for an unknown mailbox.
    if code.as_deref() == Some("530") || (error.is_permanent() && !hint.is_empty()) {
        return Err(refusal(&error, &format!("does not accept email from this program{hint}")));
    }
    warnings
        .push(refusal(&error, "does not accept email to the address of EMAIL_FROM; it may accept others"));
    Ok(())
}

fn refusal(error: &Error, what: &str) -> String {
    match error.status() {
        Some(code) => format!("the mail server {what} (it answered {code})"),
        None => format!("the mail server {what}"),
    }
}
