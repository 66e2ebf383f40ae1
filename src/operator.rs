//! Commands that an operator runs on an account when its user cannot sign in.

use std::time::Duration;

use crate::{
    adapter::{Adapter, AdapterError, AuditRecord, User},
    audit::{Event, Row},
    clock::Timestamp,
    email::EmailAddress,
    random,
    user_records::{
        UserRecords,
        kind::{REMEMBERED_DEVICE, SECOND_STEP, WAITING_SIGN_IN},
    },
};

/// Turns two-factor authentication off for a user, given by id or by verified address, and forgets their trusted devices.
/// The audit event says that an operator did it. A locked account stays locked.
///
/// Returns the user's id and whether it was on, or `None` if the user does not exist.
///
/// # Errors
/// Returns an error if the database is unavailable: running the command again continues where it stopped.
pub async fn reset_two_factor(
    adapter: &dyn Adapter,
    user: &str,
    now: Timestamp,
    retention: Duration,
) -> Result<Option<(String, bool)>, AdapterError> {
    let Some(User { id: user_id, .. }) = find(adapter, user).await? else { return Ok(None) };
    let mut was_on = false;
    for record in UserRecords::of(adapter, &user_id).await?.iter() {
        match record.kind.as_str() {
            SECOND_STEP => was_on = true,
            REMEMBERED_DEVICE | WAITING_SIGN_IN => {}
            _ => continue,
        }
        adapter.delete_user_record(&user_id, &record.kind, &record.id).await?;
    }
    if was_on {
        let row = Row {
            event: Event::SecondStepTurnedOff.as_str().to_owned(),
            result: "ok".to_owned(),
            detail: Some("by an operator".to_owned()),
            ..Row::default()
        };
        let record = AuditRecord {
            id: random::uuid_at(now),
            user_id: Some(user_id.clone()),
            created: now,
            expires: now.plus(retention),
            data: serde_json::to_string(&row).map_err(|error| AdapterError::Failed(error.into()))?,
        };
        adapter.add_audit(&record, false).await?;
    }
    Ok(Some((user_id, was_on)))
}

async fn find(adapter: &dyn Adapter, user: &str) -> Result<Option<User>, AdapterError> {
    match EmailAddress::parse(user) {
        Ok(address) => adapter.get_user_by_email(address.key()).await,
        Err(_) => adapter.get_user(user).await,
    }
}
