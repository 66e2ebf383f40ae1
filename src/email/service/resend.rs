//! Resend, `POST /emails`: <https://resend.com/docs/api-reference/emails/send-email>.

use serde_json::json;

use super::{Api, Receipt, Written, post_json};
use crate::{email::OutgoingMail, secret::Secret};

pub(super) const API: Api = Api {
    name: "Resend",
    look_at: "AUTH_RESEND_KEY and EMAIL_FROM",
    receipt: Receipt::At("/id"),
    code: Some("/name"),
    // For 24 hours: <https://resend.com/docs/dashboard/emails/idempotency-keys>.
    knows_repeats: true,
};

pub(super) fn request(key: &Secret, mail: &OutgoingMail) -> Written {
    let key = format!("Bearer {}", key.expose());
    let body = json!({
        "from": mail.from,
        "to": [mail.to.as_str()],
        "subject": mail.subject,
        "html": mail.html,
        "text": mail.text,
    });
    post_json("https://api.resend.com/emails", ("authorization", &key), &body)
}
