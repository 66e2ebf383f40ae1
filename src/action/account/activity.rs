//! Shows an account's events to its owner, and handles "This wasn't me" for one of them, with the same effect as the link
//! in a security email.

use leptos_auth_locales::Language;

use super::Owner;
use crate::{
    action::undo::{self, Undo},
    adapter::AuditRecord,
    audit::{Row, is_notified},
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    request::{ActionRequest, Redirect},
    session::{self, Reading},
    types::{Activity, ActivityItem},
};

pub(super) const PAGE: &str = "/account/activity";
const LENGTH: u32 = 20;

/// One page of it; `None`: nobody is signed in.
pub(crate) async fn activity(
    auth: &Auth,
    cookies: &Cookies<'_>,
    before: Option<&str>,
    language: &'static Language,
    now: Timestamp,
) -> Result<Option<Activity>, AuthError> {
    let read = auth.sessions.read(cookies, now, Reading::Look).await?;
    let Some(session) = read.session else { return Ok(None) };
    let Some(adapter) = &auth.adapter else { return Ok(Some(Activity::default())) };
    let Some(user) = adapter.get_user(&session.user.id).await? else { return Ok(None) };
    // One more than is shown tells whether there are older ones.
    let mut records = adapter.list_audit(&user.id, before.filter(|id| is_id(id)), LENGTH + 1).await?;
    let has_older = records.len() > LENGTH as usize;
    records.truncate(LENGTH as usize);
    let can_lock = auth.email.is_some() && user.email_verified.is_some() && adapter.keeps_user_records();
    Ok(Some(Activity {
        older: records.last().filter(|_| has_older).map(|record| record.id.clone()),
        items: records.iter().map(|record| item(auth, record, language, now)).collect(),
        can_lock,
    }))
}

fn item(auth: &Auth, record: &AuditRecord, language: &'static Language, now: Timestamp) -> ActivityItem {
    let row: Row = serde_json::from_str(&record.data).unwrap_or_default();
    let age = now.since(record.created);
    ActivityItem {
        id: record.id.clone(),
        is_refused: row.result == "refused",
        is_unusual: is_notified(&row) && age < Undo::LIFETIME,
        method: row.method.as_deref().map(|method| auth.method_name(method, language).to_owned()),
        device: row.user_agent.as_deref().map(|user_agent| session::device_name(user_agent, language)),
        event: row.event,
        address: row.address,
        time: record.created.to_rfc3339(),
        age: age.as_secs(),
    }
}

/// Undoes what a row of the page says, and locks the account.
pub(super) async fn not_me(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    const WRONG: AuthError = AuthError::InvalidInput("there is no such entry of this account");
    let owner = Owner::fresh(auth, request).await?;
    let id = request.parameters.get("id").filter(|id| is_id(id)).ok_or(WRONG)?;
    if auth.email.is_none() || owner.user.email_verified.is_none() {
        // Nobody could open it again.
        return Err(AuthError::InvalidInput("an account without a proven address cannot be locked"));
    }
    // The row itself is among those before the id that comes next.
    let next = after(id);
    let found = owner.adapter.list_audit(&owner.user.id, Some(&next), 1).await?;
    let record = found.into_iter().find(|record| record.id == id).ok_or(WRONG)?;
    let row: Row = serde_json::from_str(&record.data).map_err(|_| WRONG)?;
    if !is_notified(&row) || request.now.since(record.created) >= Undo::LIFETIME {
        return Err(WRONG);
    }
    let undo = Undo::of_record(&record.id, &owner.user.id, &row, record.created).ok_or(WRONG)?;
    undo::carry_out(auth, request, &undo).await
}

/// As UUIDs are written.
fn is_id(text: &str) -> bool {
    text.len() == 36
        && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// A text that is greater than that id and not greater than any greater one.
fn after(id: &str) -> String {
    format!("{id}-")
}
