//! SendGrid, `POST /v3/mail/send`: <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>.

use http::StatusCode;
use serde_json::json;

use super::{Api, Receipt, Written, post_json, sender};
use crate::{email::OutgoingMail, secret::Secret};

pub(super) const API: Api = Api {
    name: "SendGrid",
    look_at: "AUTH_SENDGRID_KEY and EMAIL_FROM",
    receipt: Receipt::Status(StatusCode::ACCEPTED),
    // Its errors are sentences.
    code: None,
    knows_repeats: false,
};

pub(super) fn request(key: &Secret, mail: &OutgoingMail) -> Written {
    let key = format!("Bearer {}", key.expose());
    let sender = sender(mail)?;
    let mut from = json!({ "email": sender.email.to_string() });
    if let Some(name) = sender.name {
        from["name"] = name.into();
    }
    let off = json!({ "enable": false });
    let body = json!({
        "personalizations": [{ "to": [{ "email": mail.to.as_str() }] }],
        "from": from,
        "subject": mail.subject,
        "content": [
            { "type": "text/plain", "value": mail.text },
            { "type": "text/html", "value": mail.html },
        ],
        // An account may have tracking on: then the link would lead over SendGrid, which could use it first.
        "tracking_settings": {
            "click_tracking": { "enable": false, "enable_text": false },
            "open_tracking": off,
            "subscription_tracking": off,
        },
    });
    post_json("https://api.sendgrid.com/v3/mail/send", ("authorization", &key), &body)
}
