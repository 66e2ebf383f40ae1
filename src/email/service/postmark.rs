//! Postmark, `POST /email`: <https://postmarkapp.com/developer/api/email-api>.

use serde_json::json;

use super::{Api, Receipt, Written, post_json};
use crate::{email::OutgoingMail, secret::Secret};

pub(super) const API: Api = Api {
    name: "Postmark",
    look_at: "AUTH_POSTMARK_KEY and EMAIL_FROM",
    receipt: Receipt::At("/MessageID"),
    code: Some("/ErrorCode"),
    knows_repeats: false,
};

pub(super) fn request(key: &Secret, mail: &OutgoingMail) -> Written {
    let body = json!({
        "From": mail.from,
        "To": mail.to.as_str(),
        "Subject": mail.subject,
        "HtmlBody": mail.html,
        "TextBody": mail.text,
        "MessageStream": "outbound",
        // A server may have tracking on: then the link would lead over Postmark, which could use it first.
        "TrackOpens": false,
        "TrackLinks": "None",
    });
    post_json("https://api.postmarkapp.com/email", ("x-postmark-server-token", key.expose()), &body)
}
