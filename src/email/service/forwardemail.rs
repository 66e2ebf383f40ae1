//! Forward Email, `POST /v1/emails`: <https://forwardemail.net/en/email-api#create-outbound-smtp-email>.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{Api, Receipt, Written, post_json};
use crate::{email::OutgoingMail, secret::Secret};

pub(super) const API: Api = Api {
    name: "Forward Email",
    look_at: "AUTH_FORWARDEMAIL_KEY and EMAIL_FROM",
    receipt: Receipt::At("/id"),
    // Its errors are sentences, in the reader's language.
    code: None,
    knows_repeats: false,
};

pub(super) fn request(key: &Secret, mail: &OutgoingMail) -> Written {
    let key = format!("Basic {}", STANDARD.encode(format!("{}:", key.expose())));
    let body = json!({
        "from": mail.from,
        "to": mail.to.as_str(),
        "subject": mail.subject,
        "html": mail.html,
        "text": mail.text,
    });
    post_json("https://api.forwardemail.net/v1/emails", ("authorization", &key), &body)
}
