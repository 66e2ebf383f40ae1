//! Loops, `POST /api/v1/transactional`: <https://loops.so/docs/api-reference/send-transactional-email>.
//!
//! It sends templates only: the mail's words and sender are written there, and the link and code are filled in.

use serde_json::json;

use super::{Api, Receipt, Written, post_json};
use crate::{email::OutgoingMail, secret::Secret};

pub(super) const API: Api = Api {
    name: "Loops",
    look_at: "AUTH_LOOPS_KEY",
    receipt: Receipt::At("/success"),
    // Its errors are sentences.
    code: None,
    // It refuses a key that it has seen, and does not say whether that mail was sent.
    knows_repeats: false,
};

pub(super) fn request(key: &Secret, transactional_id: &str, mail: &OutgoingMail) -> Written {
    let key = format!("Bearer {}", key.expose());
    let body = json!({
        "transactionalId": transactional_id,
        "email": mail.to.as_str(),
        // Whoever asks for a mail has not asked for advertising.
        "addToAudience": false,
        "dataVariables": mail.data,
    });
    post_json("https://app.loops.so/api/v1/transactional", ("authorization", &key), &body)
}
