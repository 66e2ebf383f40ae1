//! Deletes an account some time after its owner has asked for it, so that a mistake or an attacker's request can be
//! cancelled: the owner can keep the account by signing in until then.

use super::{Owner, done};
use crate::{
    adapter::{Change, UserRecord},
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    error::AuthError,
    request::{ActionRequest, Redirect},
    types::Done,
    user_records::kind::{DELETION, OUTBOX},
};

pub(super) const PAGE: &str = "/account/data";

/// Begins the time of grace, and signs out everywhere. Without such a time the account is gone at once.
pub(super) async fn ask(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    if request.parameters.get("confirm") != Some("delete") {
        return Err(AuthError::InvalidInput("the deletion was not confirmed"));
    }
    let user_id = owner.user.id.as_str();
    let note = Note::of(Event::DeletionAsked, user_id);
    let grace = auth.config.account.deletion_grace;
    if grace.is_zero() || !owner.adapter.keeps_user_records() {
        // The deletion removes the user's records too, so the event is recorded first.
        auth.note(request, note).await?;
        auth.delete_user(user_id).await?;
    } else {
        auth.end_sessions(user_id, None).await?;
        let record = UserRecord {
            user_id: user_id.to_owned(),
            kind: DELETION.to_owned(),
            id: String::new(),
            value: request.now.to_rfc3339(),
            created: request.now,
            expires: Some(request.now.plus(grace)),
        };
        // One that is there already keeps its day.
        let put = [Change::PutRecord { record: &record, from: None }];
        if !auth.commit(request, &put, note.clone()).await? {
            auth.note(request, note).await?;
        }
        // Again: also ends sessions that began since the first call.
        auth.end_sessions(user_id, None).await?;
    }
    let (_, set_cookies) = auth.sessions.end(&request.cookies, request.now).await?;
    Ok(Redirect { to: auth.page("/signin", &[("done", Done::DeletionAsked.as_str())]), set_cookies })
}

/// The account stays.
pub(super) async fn cancel(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::of(auth, request).await?;
    let cancel = Change::RemoveRecord { kind: DELETION, id: "", value: None };
    // Without a scheduled deletion there is nothing to cancel: the account stays either way.
    auth.commit(request, &[cancel], Note::of(Event::DeletionCancelled, &owner.user.id)).await?;
    Ok(done(auth, PAGE, Done::AccountKept))
}

/// Deletes whose time of grace is over, and takes other expired records away. The number of records.
pub(crate) async fn delete_due(auth: &Auth, now: Timestamp, limit: u32) -> Result<u64, AuthError> {
    let Some(adapter) = auth.adapter.as_ref().filter(|adapter| adapter.keeps_user_records()) else {
        return Ok(0);
    };
    let expired = adapter.expired_user_records(now, limit).await?;
    let count = expired.len() as u64;
    for record in expired {
        if record.kind == OUTBOX {
            auth.resume(&record).await?;
            continue;
        }
        let UserRecord { user_id, kind, id, .. } = record;
        if kind == DELETION {
            // With the user the record goes as well: a failure before that is made good by the next turn.
            auth.delete_user(&user_id).await?;
            tracing::info!(user = user_id, "deleted as its owner asked");
        } else {
            adapter.delete_user_record(&user_id, &kind, &id).await?;
        }
    }
    Ok(count)
}
