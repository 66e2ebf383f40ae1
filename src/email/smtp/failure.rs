//! Turns SMTP errors into texts that an operator can act on. Rule: the server's own text, which may contain an address, is
//! not shown where a text of our own says more.

use lettre::transport::smtp::Error;

/// Returns why a message to this address was not accepted.
pub(super) fn in_words(error: &Error, recipient: &str) -> String {
    let reason = crate::error::chain(error);
    if error.is_client() && !recipient.is_ascii() && reason.contains("SMTPUTF8") {
        return "the mail server cannot carry an address with non-ASCII letters: it does not offer SMTPUTF8 (RFC 6531)"
            .to_owned();
    }
    own_words(error, &reason).map_or(reason, str::to_owned)
}

/// Returns why connecting or authenticating failed; `None` if there is only the library's text.
pub(super) fn own_words(error: &Error, reason: &str) -> Option<&'static str> {
    let says = |word: &str| reason.contains(word);
    Some(if says("NotValidForName") || says("not valid for name") {
        "the mail server's certificate is for another name: EMAIL_SERVER must have the name that is in the certificate"
    } else if says("Expired") || says("certificate expired") {
        "the mail server's certificate has expired"
    } else if says("NotValidYet") || says("not valid yet") {
        "the mail server's certificate is not valid yet: compare the clocks"
    } else if says("invalid peer certificate") {
        "the mail server's certificate is not signed by an authority that this machine trusts. If it is your company's, \
         name the file with its certificate. Example: SSL_CERT_FILE=/etc/ssl/certs/company-ca.pem"
    } else if says("InvalidContentType") || says("corrupt message") {
        "the mail server does not speak TLS on this port from the first byte on. \
         Example: EMAIL_SERVER=smtp://user:password@smtp.example.com:587"
    } else if says("STARTTLS is not supported") {
        "the mail server does not offer STARTTLS, so emails and the password would be sent in clear text. \
         Example: EMAIL_SERVER=smtps://user:password@smtp.example.com:465"
    } else if says("No compatible authentication mechanism") {
        "the mail server does not accept a user name and a password (AUTH PLAIN or LOGIN): remove them from EMAIL_SERVER"
    } else if error.is_timeout() {
        "the mail server did not answer in time"
    } else {
        return None;
    })
}
