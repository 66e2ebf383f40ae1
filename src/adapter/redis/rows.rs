//! Keys, and steps that several methods share.

use std::time::{Duration, Instant};

use redis::{Cmd, FromRedisValue};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    CENTURY, DAY, LIMIT, RedisAdapter,
    connection::{Call, Connection, NamedScript},
    no_answer, script,
};
use crate::{
    adapter::{
        AdapterError, AuditRecord, Revocation, SessionRecord, UserRecord,
        document::{AuditDocument, RevocationDocument, SessionDocument, UserRecordDocument, failed},
    },
    clock::Timestamp,
};

/// A caller that gives up after at least this time causes its connection to be replaced. Otherwise repeated readiness
/// checks with a timeout of two seconds would keep a connection in use whose packets the network drops.
const PATIENCE: Duration = Duration::from_secs(1);

/// A call in progress. Dropping it ends the call, because it was answered or because its caller gave up.
struct Pending<'a> {
    connection: &'a Connection,
    sent: Instant,
    is_answered: bool,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.is_answered && self.sent.elapsed() >= PATIENCE {
            self.connection.give_up(self.sent);
        }
    }
}

impl RedisAdapter {
    /// A key of the users: all in one slot.
    pub(super) fn users(&self, name: &str) -> String {
        format!("{}{{users}}:{name}", self.prefix)
    }

    /// A key of what belongs to one user, in that same slot.
    pub(super) fn users_own(&self, kind: &str, user_id: &str) -> String {
        format!("{}:{user_id}", self.users(kind))
    }

    /// The channel on which revocations are announced.
    pub(super) fn channel(&self) -> String {
        format!("{}revoked", self.prefix)
    }

    /// A key that stands for itself. Braces in names are harmless: no script has two of these.
    pub(super) fn key(&self, kind: &str, name: &str) -> String {
        format!("{}{kind}:{name}", self.prefix)
    }

    /// The keys of revocations: last number, rows by number, numbers by end.
    pub(super) fn revocation_keys(&self) -> [String; 3] {
        ["last", "rows", "ends"].map(|name| format!("{}{{revocations}}:{name}", self.prefix))
    }

    /// Returns expired records of one kind, of all users. The set of expiring records is sorted by expiry and contains all
    /// kinds, so it is read in pages. A record that is removed meanwhile is left out.
    pub(super) async fn expired_records(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserRecord>, AdapterError> {
        const PAGE: usize = 1000;
        let (limit, mut records) = (limit as usize, Vec::new());
        for offset in (0_usize..).step_by(PAGE) {
            let mut range = redis::cmd("ZRANGEBYSCORE");
            range.arg(self.users("records")).arg("-inf").arg(now.as_millis());
            range.arg("LIMIT").arg(offset).arg(PAGE);
            let entries: Vec<String> = self.send(&range).await?;
            for entry in &entries {
                if records.len() >= limit {
                    return Ok(records);
                }
                records.extend(self.expired_record(entry, kind, now).await?);
            }
            if entries.len() < PAGE {
                break;
            }
        }
        Ok(records)
    }

    /// Returns the record of an entry in the set of expiring records, if it is of this kind.
    async fn expired_record(
        &self,
        entry: &str,
        kind: &str,
        now: Timestamp,
    ) -> Result<Option<UserRecord>, AdapterError> {
        // The id of the user, followed by the name of the record.
        let mut parts = serde_json::Deserializer::from_str(entry).into_iter::<String>();
        let user_id = parts.next().ok_or_else(|| failed("a record has no name"))?.map_err(failed)?;
        let name = &entry[parts.byte_offset()..];
        if read::<(String, String)>(name)?.0 != kind {
            return Ok(None);
        }
        let row = self.field(&self.users_own("records", &user_id), name).await?;
        let record = row.map(|row| read::<UserRecordDocument>(&row)).transpose()?;
        // It may have been replaced by one that expires later.
        let is_expired =
            |record: &UserRecordDocument| record.expires.is_some_and(|end| end <= now.as_millis());
        Ok(record.filter(is_expired).map(UserRecord::from))
    }

    /// A key of what happened: all in one slot.
    pub(super) fn audit(&self, name: &str) -> String {
        format!("{}{{audit}}:{name}", self.prefix)
    }

    /// The ids of what happened to one user's account.
    pub(super) fn audit_of(&self, user_id: &str) -> String {
        self.audit(&format!("user:{user_id}"))
    }

    /// What a script finds of what happened.
    pub(super) async fn audit_rows(
        &self,
        script: &NamedScript,
        keys: &[&str],
        arguments: &[&str],
    ) -> Result<Vec<AuditRecord>, AdapterError> {
        let rows: Vec<String> = self.within(self.run(script, keys, arguments)).await?;
        rows.iter().map(|row| Ok(read::<AuditDocument>(row)?.into())).collect()
    }

    /// Removes what need not be kept any more. Row by row, because every key of a script is declared, and each row may
    /// be another user's.
    pub(super) async fn purge_audit(&self, arguments: &[&str; 2]) -> Result<u64, AdapterError> {
        let keys = ["rows", "ids", "ends", "undelivered"].map(|name| self.audit(name));
        let [rows, ids, ends, undelivered] = keys.each_ref().map(String::as_str);
        let expired: Vec<String> = self.run(&script::EXPIRED_AUDIT, &[ends, rows], arguments).await?;
        let mut removed = 0;
        for row in expired {
            let row: AuditDocument = read(&row)?;
            let own = row.user_id.as_deref().map_or_else(|| ids.to_owned(), |user_id| self.audit_of(user_id));
            removed += self
                .run::<u64>(&script::REMOVE_AUDIT, &[rows, ids, ends, undelivered, &own], &[&row.id])
                .await?;
        }
        Ok(removed)
    }

    /// Limits the time of a call, and replaces a connection that did not answer it.
    pub(super) async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, AdapterError>>,
    ) -> Result<T, AdapterError> {
        let mut call = Pending { connection: &self.connection, sent: Instant::now(), is_answered: false };
        let result = tokio::time::timeout(LIMIT, work).await.map_err(|_| no_answer());
        call.is_answered = result.is_ok();
        result?
    }

    pub(super) async fn send<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, AdapterError> {
        self.connection.send(command).await
    }

    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &NamedScript,
        keys: &[&str],
        arguments: &[&str],
    ) -> Result<T, AdapterError> {
        self.connection.run(&Call { script, keys, arguments }).await
    }

    /// One row of a hash, as it lies there.
    pub(super) async fn field(&self, key: &str, name: &str) -> Result<Option<String>, AdapterError> {
        self.send(redis::cmd("HGET").arg(key).arg(name)).await
    }

    /// Reads a row, changes it, and puts it back if nobody else has changed it meanwhile; else once more. `false` when
    /// there is none, or `change` does not want it.
    pub(super) async fn change<D: Serialize + DeserializeOwned>(
        &self,
        kind: &str,
        name: &str,
        change: impl Fn(&mut D) -> bool + Send,
    ) -> Result<bool, AdapterError> {
        let key = self.users(kind);
        self.within(async {
            loop {
                let Some(before) = self.field(&key, name).await? else { return Ok(false) };
                let mut row = read(&before)?;
                if !change(&mut row) {
                    return Ok(false);
                }
                if self.run(&script::REPLACE, &[&key], &[name, &before, &write(&row)?]).await? {
                    return Ok(true);
                }
            }
        })
        .await
    }

    /// The rows that belong to a user.
    pub(super) async fn own<D: DeserializeOwned>(
        &self,
        kind: &str,
        user_id: &str,
    ) -> Result<Vec<D>, AdapterError> {
        let keys = [&*self.users(kind), &self.users_own(kind, user_id)];
        let rows: Vec<String> = self.run(&script::LIST_OWN, &keys, &[]).await?;
        rows.iter().map(|row| read(row)).collect()
    }

    /// Puts a session on the list of its user, or keeps it there for longer.
    pub(super) async fn list_session(
        &self,
        session: &SessionDocument,
        life: Duration,
    ) -> Result<(), AdapterError> {
        let list = self.key("sessions", &session.user_id);
        let (expires, life) = (session.expires.to_string(), millis(life + DAY));
        let arguments = [&*session.token_hash, &expires, &life];
        self.run::<bool>(&script::LIST_SESSION, &[&list], &arguments).await.map(drop)
    }

    /// The sessions of a user, those that have expired but are still there included.
    pub(super) async fn sessions_of(
        &self,
        user_id: &str,
        now: Timestamp,
    ) -> Result<Vec<SessionDocument>, AdapterError> {
        let tokens = self.listed(user_id, now.as_millis().saturating_sub(24 * 3600 * 1000)).await?;
        if tokens.is_empty() {
            return Ok(Vec::new());
        }
        let mut get = redis::cmd("MGET");
        get.arg(self.session_keys(&tokens));
        let rows: Vec<Option<String>> = self.send(&get).await?;
        let mut sessions = Vec::with_capacity(rows.len());
        for row in rows.iter().flatten() {
            sessions.push(read::<SessionDocument>(row)?);
        }
        // An entry may be of a session that could not begin because another user's has the same token.
        sessions.retain(|session| session.user_id == user_id);
        Ok(sessions)
    }

    /// The hashes of the tokens of a user's sessions, some of which have ended; those that have expired before that
    /// instant are forgotten.
    async fn listed(&self, user_id: &str, before: i64) -> Result<Vec<String>, AdapterError> {
        self.run(&script::LISTED_SESSIONS, &[&self.key("sessions", user_id)], &[&before.to_string()]).await
    }

    /// Ends all sessions of a user who is gone.
    pub(super) async fn end_sessions(&self, user_id: &str) -> Result<(), AdapterError> {
        let sessions = self.sessions_of(user_id, Timestamp::from_millis(0)).await?;
        let tokens: Vec<String> = sessions.into_iter().map(|session| session.token_hash).collect();
        if tokens.is_empty() {
            return Ok(());
        }
        self.send::<i64>(redis::cmd("DEL").arg(self.session_keys(&tokens))).await?;
        self.send::<i64>(redis::cmd("ZREM").arg(self.key("sessions", user_id)).arg(tokens)).await.map(drop)
    }

    fn session_keys(&self, tokens: &[String]) -> Vec<String> {
        tokens.iter().map(|token| self.key("session", token)).collect()
    }

    /// A session as it lies there, and what it says.
    pub(super) async fn session(
        &self,
        token_hash: &str,
    ) -> Result<Option<(String, SessionDocument)>, AdapterError> {
        let row: Option<String> = self.send(redis::cmd("GET").arg(self.key("session", token_hash))).await?;
        row.map(|row| read(&row).map(|session| (row, session))).transpose()
    }

    /// Ends a session. An entry that stays on the list because Redis goes away just now does no harm.
    pub(super) async fn end_session(&self, token_hash: &str) -> Result<bool, AdapterError> {
        let row: Option<String> =
            self.send(redis::cmd("GETDEL").arg(self.key("session", token_hash))).await?;
        let Some(row) = row else { return Ok(false) };
        let session: SessionDocument = read(&row)?;
        let list = self.key("sessions", &session.user_id);
        let _ = self.send::<i64>(redis::cmd("ZREM").arg(list).arg(token_hash)).await;
        Ok(true)
    }

    /// Refuses a session of nobody, if users are stored here.
    pub(super) async fn require_user(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        if self.users_are_elsewhere || self.field(&self.users("users"), &session.user_id).await?.is_some() {
            return Ok(());
        }
        Err(no_such_user())
    }
}

pub(super) fn no_such_user() -> AdapterError {
    failed("no such user")
}

/// A row as it is stored.
pub(super) fn write(row: &impl Serialize) -> Result<String, AdapterError> {
    serde_json::to_string(row).map_err(failed)
}

/// A row that was stored.
pub(super) fn read<D: DeserializeOwned>(row: &str) -> Result<D, AdapterError> {
    serde_json::from_str(row).map_err(failed)
}

/// Number and revocation, with a space between them.
pub(super) fn read_revocation(row: &str) -> Result<(i64, Revocation), AdapterError> {
    let (number, document) = row.split_once(' ').ok_or_else(|| failed("a revocation has no number"))?;
    Ok((number.parse().map_err(failed)?, read::<RevocationDocument>(document)?.try_into()?))
}

/// Milliseconds for Redis.
pub(super) fn millis(duration: Duration) -> String {
    duration.min(CENTURY).as_millis().to_string()
}
