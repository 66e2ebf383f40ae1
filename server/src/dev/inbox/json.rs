//! The mails for tests: an array, newest first.

use axum::{Json, extract::State};

use super::{Mail, page::InboxState};

/// `GET /dev/inbox.json`.
pub async fn json(State(state): State<InboxState>) -> Json<Vec<Mail>> {
    Json(state.inbox.all())
}
