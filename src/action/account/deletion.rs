//! Deletes an account some time after its owner has asked for it, so that a mistake or an attacker's request can be
//! cancelled: the owner can keep the account by signing in until then.

use std::time::Duration;

use super::{Owner, cancel_email_change, commit_and_cancel_email_change, done};
use crate::{
    adapter::{Adapter, Change, UserRecord},
    audit::{Event, Note},
    auth::Auth,
    error::{self, AuthError},
    request::{ActionRequest, Redirect},
    types::Done,
    user_records::kind::{self, DELETION, OUTBOX},
};

pub(super) const PAGE: &str = "/account/data";
/// The pause between two batches of expired records.
const PAUSE: Duration = Duration::from_millis(20);

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
        if !commit_and_cancel_email_change(auth, request, &put, note.clone()).await? {
            cancel_email_change(auth, user_id).await?;
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

/// Deletes users whose grace period is over, and removes other expired records. Returns the number of records. Entries of
/// the outbox are not touched: only [`Auth::deliver_audit`] handles them.
///
/// A record that fails is logged and does not stop the others; the next purge tries it again.
pub(crate) async fn delete_due(auth: &Auth, limit: u32) -> Result<u64, AuthError> {
    let Some(adapter) = auth.adapter.as_ref().filter(|adapter| adapter.keeps_user_records()) else {
        return Ok(0);
    };
    let mut removed = 0;
    for kind in kind::ALL.iter().filter(|kind| **kind != OUTBOX) {
        loop {
            let expired = adapter.expired_user_records(kind, auth.clock.now(), limit).await?;
            let mut done = 0_u64;
            for record in &expired {
                match delete_expired(auth, &**adapter, record).await {
                    Ok(is_removed) => done += u64::from(is_removed),
                    Err(error) => {
                        let UserRecord { user_id, id, .. } = record;
                        let error = error::chain(&error);
                        tracing::error!(error, kind, id, user = user_id, "expired record not removed");
                        // If the database is unavailable, the other records fail too.
                        adapter.ping().await?;
                    }
                }
            }
            removed += done;
            if expired.len() < limit as usize || done == 0 {
                break;
            }
            // Sign-ins come first: see `Auth::purge_expired`.
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(removed)
}

/// Returns whether the record was removed.
async fn delete_expired(auth: &Auth, adapter: &dyn Adapter, record: &UserRecord) -> Result<bool, AuthError> {
    let UserRecord { user_id, kind, id, value, .. } = record;
    if kind != DELETION {
        // Not if it was replaced meanwhile: the new one may not have expired.
        let remove = Change::RemoveRecord { kind, id, value: Some(value) };
        return Ok(adapter.change_user(user_id, &[remove]).await?);
    }
    // Removes the record with the user. If it fails before that, the next purge tries again.
    let is_deleted = auth.delete_user(user_id).await?;
    if is_deleted {
        tracing::info!(user = user_id, "deleted as its owner asked");
    }
    Ok(is_deleted)
}
