//! `GET /api/me`: an example of a handler of your own that only signed-in people may call.

use axum::Json;
use leptos_auth_app::claims::SessionUser;

use crate::extract::CurrentSession;

/// Who is asking. Without a session the extractor refuses and this function never runs.
pub async fn me(CurrentSession(session): CurrentSession) -> Json<SessionUser> {
    Json(session.user)
}
