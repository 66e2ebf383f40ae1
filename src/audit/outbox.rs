//! The outbox: audit events and security emails of an account, stored together with the change that caused them until
//! they are delivered.
//!
//! An entry is a user record that is written in the same transaction as the change ([`Auth::commit`]). A change without
//! its event and its email therefore cannot exist, even after a crash. The entry is processed right after the
//! transaction; if that fails, [`Auth::deliver_outbox`] processes it later, possibly on another instance.
//!
//! Rule: an entry is removed only after its event is stored and its email was accepted by the mail server, or could not be
//! sent for about two days. Storing the event is tried without end. An email is sent at least once: if the process is killed
//! between sending and removing, it is sent again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tracing::Instrument;

use super::{Note, Row, notice::Notice};
use crate::{
    adapter::{Adapter, AdapterError, AuditRecord, CALL_LIMIT, Change, UserRecord},
    auth::Auth,
    clock::Timestamp,
    email::DEADLINE,
    error::{self, AuthError},
    random,
    request::ActionRequest,
    user_records::kind::OUTBOX,
};

/// How long an entry is reserved for the process that works on it. If it were shorter than the work, another instance would
/// send the email too. The reservation begins before the change. In the worst case four calls of the database (the change,
/// the event, the count of emails, the removal of the entry) and the email all take as long as they may. The rest is for
/// clocks that differ.
const LEASE: Duration = Duration::from_secs(40);
const _: () = assert!(LEASE.as_secs() > 4 * CALL_LIMIT.as_secs() + DEADLINE.as_secs());
/// The pause after the first failure; each later pause is three times as long.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause before storing an event is tried again.
const LONGEST_STORE_PAUSE: Duration = Duration::from_secs(3600);
/// How many times sending an email is tried, which takes about two days.
const MOST_TRIES: u32 = 11;
/// How often the outbox is searched for entries that no process works on.
const POLL: Duration = Duration::from_secs(5);

/// An event, and its email if there is one to send.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The id of the audit record, and of the user record that stores this entry.
    id: String,
    user_id: String,
    /// When it happened, in milliseconds.
    at: i64,
    row: Row,
    notice: Option<Notice>,
    /// How many processes have taken this entry. Changes the stored value, so that only one of two processes takes it.
    tries: u32,
    /// How many times storing the event has failed.
    #[serde(default)]
    failed_stores: u32,
    /// How many times sending the email has failed.
    #[serde(default)]
    failed_sends: u32,
}

impl Entry {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.at)
    }

    /// Returns the user record of the entry. From `due` on, any process that finds it may work on it.
    fn record(&self, due: Timestamp) -> Result<UserRecord, AdapterError> {
        Ok(UserRecord {
            user_id: self.user_id.clone(),
            kind: OUTBOX.to_owned(),
            id: self.id.clone(),
            value: serde_json::to_string(self).map_err(|error| AdapterError::Failed(error.into()))?,
            created: self.now(),
            expires: Some(due),
        })
    }
}

/// Returns the pause after this number of failures.
fn pause(failures: u32) -> Duration {
    FIRST_PAUSE * 3_u32.saturating_pow(failures.saturating_sub(1).min(MOST_TRIES))
}

impl Auth {
    /// Applies changes of a user together with their audit event and the email to the owner, in one transaction. Returns
    /// `false`, and changes nothing, if a change cannot be applied (see [`Adapter::change_user`]).
    ///
    /// # Errors
    /// [`AdapterError::Conflict`] if a unique key is taken, [`AdapterError::Failed`] if the database is unavailable: nothing was
    /// changed, recorded or sent.
    pub(crate) async fn commit(
        &self,
        request: &ActionRequest<'_>,
        changes: &[Change<'_>],
        note: Note<'_>,
    ) -> Result<bool, AdapterError> {
        let (Some(adapter), Some(user_id)) = (&self.adapter, note.user_id) else { return Ok(false) };
        let row = Row::new(&note, request);
        let notice = self.notice(&**adapter, request, &note, &row).await?;
        if changes.is_empty() && notice.is_none() {
            return Ok(false);
        }
        let entry = Entry {
            id: random::uuid_at(request.now),
            user_id: user_id.to_owned(),
            at: request.now.as_millis(),
            row,
            notice,
            tries: 1,
            failed_stores: 0,
            failed_sends: 0,
        };
        if !adapter.keeps_user_records() {
            return self.commit_without_outbox(&**adapter, changes, entry).await;
        }
        let record = entry.record(self.clock.now().plus(LEASE))?;
        let kept = Change::PutRecord { record: &record, from: None };
        if !adapter.change_user(user_id, &[changes, &[kept]].concat()).await? {
            return Ok(false);
        }
        entry.row.log(Some(user_id));
        self.work_off(entry, record).await;
        Ok(true)
    }

    /// Does the same for an adapter that keeps no user records, and therefore has no outbox: the changes first, then the
    /// event and the email, which are tried once.
    async fn commit_without_outbox(
        &self,
        adapter: &dyn Adapter,
        changes: &[Change<'_>],
        entry: Entry,
    ) -> Result<bool, AdapterError> {
        let (user, event) = (entry.user_id.as_str(), entry.row.event.as_str());
        if !changes.is_empty() && !adapter.change_user(user, changes).await? {
            return Ok(false);
        }
        entry.row.log(Some(user));
        match self.store(&entry.row, &entry.id, Some(user), entry.now()).await {
            Ok(()) => {}
            // Nothing was changed, so the caller decides.
            Err(error) if changes.is_empty() => return Err(error),
            Err(error) => tracing::error!(
                error = error::chain(&error),
                event,
                user,
                "audit event lost: the change is already made, and this adapter keeps no user records to retry from"
            ),
        }
        if entry.notice.is_some() {
            self.send_in_background(entry, None);
        }
        Ok(true)
    }

    /// Stores the event, then sends the email.
    async fn work_off(&self, mut entry: Entry, record: UserRecord) {
        if let Err(error) = self.store(&entry.row, &entry.id, Some(&entry.user_id), entry.now()).await {
            entry.failed_stores += 1;
            let pause = pause(entry.failed_stores).min(LONGEST_STORE_PAUSE);
            let (event, error, seconds) = (&entry.row.event, error::chain(&error), pause.as_secs());
            tracing::error!(event, error, seconds, "audit event not stored yet, retrying");
            return self.postpone(&entry, &record, pause).await;
        }
        match entry.notice {
            None => self.remove(&record).await,
            Some(_) => self.send_in_background(entry, Some(record)),
        }
    }

    /// Sends the email in a task of its own, so that the response time reveals nothing (CR-03).
    fn send_in_background(&self, entry: Entry, record: Option<UserRecord>) {
        let auth = self.clone();
        self.tasks.spawn(async move { auth.send(entry, record).await }.in_current_span());
    }

    async fn send(&self, mut entry: Entry, record: Option<UserRecord>) {
        let Some(notice) = &entry.notice else { return };
        let sent = notice.send(self, &entry.user_id, &entry.row, entry.now(), &entry.id).await;
        entry.failed_sends += u32::from(sent.is_err());
        let (event, user) = (entry.row.event.as_str(), entry.user_id.as_str());
        match (sent, record) {
            (Ok(()), Some(record)) => self.remove(&record).await,
            (Ok(()), None) => {}
            (Err(error), Some(record)) if entry.failed_sends < MOST_TRIES => {
                let pause = pause(entry.failed_sends);
                let (error, seconds) = (error::chain(&error), pause.as_secs());
                tracing::warn!(event, user, error, seconds, "security email not sent yet, retrying");
                self.postpone(&entry, &record, pause).await;
            }
            (Err(error), record) => {
                let error = error::chain(&error);
                tracing::error!(event, user, error, "security email not sent, giving up");
                if let Some(record) = record {
                    self.remove(&record).await;
                }
            }
        }
    }

    async fn remove(&self, record: &UserRecord) {
        let (UserRecord { user_id, kind, id, .. }, Some(adapter)) = (record, &self.adapter) else { return };
        // If removing fails, the entry is processed again: the event is recognized by its id, but the email is sent twice.
        if let Err(error) = adapter.delete_user_record(user_id, kind, id).await {
            tracing::warn!(error = error::chain(&error), "cannot remove outbox entry");
        }
    }

    async fn postpone(&self, entry: &Entry, record: &UserRecord, pause: Duration) {
        let (Ok(later), Some(adapter)) = (entry.record(self.clock.now().plus(pause)), &self.adapter) else {
            return;
        };
        // If this fails, the entry is due when its lease ends.
        let _ = adapter.put_user_record(&later, Some(&record.value)).await;
    }

    /// Processes an entry that is due, unless another instance does.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`](AuthError) if the database cannot be reached; the entry stays.
    async fn resume(&self, record: &UserRecord) -> Result<(), AuthError> {
        let Some(adapter) = &self.adapter else { return Ok(()) };
        let Ok(mut entry) = serde_json::from_str::<Entry>(&record.value) else {
            tracing::error!(id = record.id, "removing unreadable outbox entry");
            adapter.delete_user_record(&record.user_id, &record.kind, &record.id).await?;
            return Ok(());
        };
        entry.tries += 1;
        let taken = entry.record(self.clock.now().plus(LEASE))?;
        if adapter.put_user_record(&taken, Some(&record.value)).await? {
            self.work_off(entry, taken).await;
        }
        Ok(())
    }

    /// Processes outbox entries that earlier processes or other instances left behind. Runs for as long as it is polled.
    pub(super) async fn deliver_outbox(&self) {
        let Some(adapter) = self.adapter.as_ref().filter(|adapter| adapter.keeps_user_records()) else {
            return std::future::pending().await;
        };
        let mut is_unavailable = false;
        loop {
            match self.resume_due(&**adapter).await {
                Ok(()) => is_unavailable = false,
                // Logged once, not every few seconds.
                Err(error) if !is_unavailable => {
                    is_unavailable = true;
                    tracing::error!(%error, "cannot read the outbox");
                }
                Err(_) => {}
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn resume_due(&self, adapter: &dyn Adapter) -> Result<(), AuthError> {
        const PAGE: u32 = 1000;
        for record in adapter.expired_user_records(OUTBOX, self.clock.now(), PAGE).await? {
            if let Err(error) = self.resume(&record).await {
                let (id, error) = (record.id, error::chain(&error));
                tracing::error!(id, error, "outbox entry not processed, retrying");
                // If the database is unavailable, the other entries fail too.
                adapter.ping().await?;
            }
        }
        Ok(())
    }

    /// Writes the row of an event. An existing row was written by an earlier try.
    pub(super) async fn store(
        &self,
        row: &Row,
        id: &str,
        user_id: Option<&str>,
        now: Timestamp,
    ) -> Result<(), AdapterError> {
        let Some(adapter) = &self.adapter else { return Ok(()) };
        let record = AuditRecord {
            id: id.to_owned(),
            user_id: user_id.map(str::to_owned),
            created: now,
            expires: now.plus(self.config.audit.retention),
            data: serde_json::to_string(row).map_err(|error| AdapterError::Failed(error.into()))?,
        };
        match adapter.add_audit(&record, self.webhook.is_some()).await {
            Ok(()) | Err(AdapterError::Conflict) => {}
            Err(error) => return Err(error),
        }
        if let Some(webhook) = &self.webhook {
            webhook.wake();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_tried_for_days_and_not_for_ever() {
        assert_eq!(pause(1), FIRST_PAUSE);
        assert_eq!(pause(3), FIRST_PAUSE * 9);
        let days = (1..MOST_TRIES).map(pause).sum::<Duration>().as_secs_f64() / 86_400.0;
        assert!((1.0..4.0).contains(&days), "{days}");
    }

    #[test]
    fn an_event_is_stored_however_often_that_has_failed() {
        let pauses: Vec<_> =
            [1, 4, 8, 1000, u32::MAX].map(|failures| pause(failures).min(LONGEST_STORE_PAUSE)).into();
        assert_eq!(pauses[..2], [FIRST_PAUSE, FIRST_PAUSE * 27]);
        assert_eq!(pauses[2..], [LONGEST_STORE_PAUSE; 3]);
    }
}
