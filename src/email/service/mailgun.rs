//! Mailgun, `POST /v3/{domain}/messages`: <https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages>.

use base64::{Engine, engine::general_purpose::STANDARD};
use url::form_urlencoded;

use super::{Api, MailgunRegion, Receipt, Written, post, sender};
use crate::{
    email::{MailError, OutgoingMail},
    secret::Secret,
};

pub(super) const API: Api = Api {
    name: "Mailgun",
    look_at: "AUTH_MAILGUN_KEY and EMAIL_FROM",
    receipt: Receipt::At("/id"),
    // Its errors are sentences.
    code: None,
    knows_repeats: false,
};

pub(super) fn request(key: &Secret, region: MailgunRegion, mail: &OutgoingMail) -> Written {
    let host = match region {
        MailgunRegion::Us => "api.mailgun.net",
        MailgunRegion::Eu => "api.eu.mailgun.net",
    };
    let sender = sender(mail)?;
    // What comes out is letters, digits, dots and dashes: it cannot leave its place in the path.
    let domain = idna::domain_to_ascii_strict(sender.email.domain())
        .map_err(|_| MailError("EMAIL_FROM has no domain that Mailgun could know".to_owned()))?;
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("from", &mail.from)
        .append_pair("to", mail.to.as_str())
        .append_pair("subject", &mail.subject)
        .append_pair("text", &mail.text)
        .append_pair("html", &mail.html)
        // A domain may have tracking on: then the link would lead over Mailgun, which could use it first.
        .append_pair("o:tracking", "no")
        .append_pair("o:tracking-clicks", "no")
        .append_pair("o:tracking-opens", "no")
        .finish();
    let key = format!("Basic {}", STANDARD.encode(format!("api:{}", key.expose())));
    let url = format!("https://{host}/v3/{domain}/messages");
    post(&url, ("authorization", &key), "application/x-www-form-urlencoded", body.into_bytes())
}
