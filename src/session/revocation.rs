//! Revoked stateless sessions, held in memory so that a request needs no query.
//!
//! Ending a session writes one row. Every instance reads the new rows twice a second ([`INTERVAL`]), or as soon as the
//! database announces some, and keeps each until the last token that it affects has expired. At startup all rows are read
//! before the first request. Without a database only this process knows them, until it ends.
//!
//! Rows get their numbers before others can see them, so a row may appear after a higher number was read. Therefore the
//! numbers of the last seconds ([`REVOCATION_DELAY`]) are read again each time.
//!
//! While the database is unavailable, nothing can be revoked, and requests use the revocations in memory.

use std::{
    collections::{HashMap, VecDeque},
    mem::discriminant,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use super::{Token, rotation::root};
use crate::{
    adapter::{Adapter, AdapterError, REVOCATION_DELAY, Revocation, Revoked},
    clock::Timestamp,
};

/// How often the store is asked for new rows.
const INTERVAL: Duration = Duration::from_millis(500);
/// How long what is said at once is waited for, before it is read in one go.
const PAUSE: Duration = Duration::from_millis(20);
/// Rows that are read at a time.
const PAGE: u32 = 1000;

/// What is void.
pub(super) struct Revocations {
    adapter: Option<Arc<dyn Adapter>>,
    held: RwLock<Held>,
    read: Mutex<Read>,
}

/// Which rows are known.
#[derive(Default)]
struct Read {
    /// No row can turn up any more up to this number.
    complete: i64,
    /// The last number at an instant, for the last seconds.
    recent: VecDeque<(Instant, i64)>,
}

#[derive(Default)]
struct Held {
    /// Ids of sessions, and when their last token expires.
    sessions: HashMap<String, Timestamp>,
    users: HashMap<String, Vec<Revocation>>,
}

/// What is to be done with a token that decrypts; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It is good.
    Good,
    /// It is good, but what it says of the user has changed.
    Outdated,
    /// It is void.
    Void,
}

impl Revocations {
    pub(super) fn new(adapter: Option<Arc<dyn Adapter>>) -> Self {
        Self { adapter, held: RwLock::default(), read: Mutex::default() }
    }

    /// Whether a token may still be used: two look-ups in memory.
    pub(super) fn standing(&self, token: &Token) -> Standing {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        if token.session_id().is_some_and(|id| held.sessions.contains_key(id)) {
            return Standing::Void;
        }
        let of_user = held.users.get(&token.sub).map_or(&[][..], Vec::as_slice);
        of_user
            .iter()
            .map(|revocation| standing_by(&revocation.revoked, token))
            .max()
            .unwrap_or(Standing::Good)
    }

    /// Makes tokens void: here at once, elsewhere within [`INTERVAL`].
    pub(super) async fn add(&self, revocations: Vec<Revocation>) -> Result<(), AdapterError> {
        if let Some(adapter) = &self.adapter {
            adapter.add_revocations(&revocations).await?;
        }
        self.hold(revocations);
        Ok(())
    }

    /// Returns when there may be something to [`refresh`](Self::refresh).
    pub(super) async fn wait(&self) {
        let Some(adapter) = &self.adapter else { return std::future::pending().await };
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = adapter.revoked() => tokio::time::sleep(PAUSE).await,
        }
    }

    /// Reads what other instances have added.
    pub(super) async fn refresh(&self) -> Result<(), AdapterError> {
        let Some(adapter) = &self.adapter else { return Ok(()) };
        let mut read = self.read.lock().await;
        let start = Instant::now();
        while let Some((at, number)) = read.recent.front().copied()
            && start.duration_since(at) >= REVOCATION_DELAY
        {
            read.complete = number;
            read.recent.pop_front();
        }
        let (mut page_before, mut last) = (read.complete, read.complete);
        loop {
            let rows = adapter.revocations_after(last, PAGE).await?;
            let Some((number, _)) = rows.last() else { break };
            (page_before, last) = (last, *number);
            self.hold(rows.into_iter().map(|(_, revocation)| revocation));
        }
        if read.recent.is_empty() {
            // At the start there is no telling which of the last rows had others under way beside them.
            read.complete = read.complete.max(page_before);
        }
        read.recent.push_back((start, last));
        Ok(())
    }

    /// Forgets what concerns only tokens that have expired.
    pub(super) fn forget(&self, now: Timestamp) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.sessions.retain(|_, expires| *expires > now);
        held.users.retain(|_, revocations| {
            revocations.retain(|revocation| revocation.expires > now);
            !revocations.is_empty()
        });
    }

    fn hold(&self, revocations: impl IntoIterator<Item = Revocation>) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        for revocation in revocations {
            match &revocation.revoked {
                Revoked::Session { id } => drop(held.sessions.insert(id.clone(), revocation.expires)),
                Revoked::User { id, .. } | Revoked::Change { id, .. } => {
                    let of_user = held.users.entry(id.clone()).or_default();
                    // The newest revocation of each kind includes the older ones, because the session that made it was still
                    // active. Two at the same instant both count, because they may spare different sessions.
                    let (kind, last) = (discriminant(&revocation.revoked), until(&revocation.revoked));
                    let is_of_kind = |held: &Revocation| discriminant(&held.revoked) == kind;
                    let is_old =
                        |held: &Revocation| until(&held.revoked) > last || held.revoked == revocation.revoked;
                    if !of_user.iter().any(|held| is_of_kind(held) && is_old(held)) {
                        of_user.retain(|held| !is_of_kind(held) || until(&held.revoked) == last);
                        of_user.push(revocation);
                    }
                }
            }
        }
    }
}

/// The last instant that is meant.
fn until(revoked: &Revoked) -> Option<Timestamp> {
    match revoked {
        Revoked::Session { .. } => None,
        Revoked::User { before, .. } | Revoked::Change { before, .. } => Some(*before),
    }
}

fn standing_by(revoked: &Revoked, token: &Token) -> Standing {
    match revoked {
        // The spared session stays valid after it is rotated.
        Revoked::User { except: Some(spared), .. }
            if token.session_id().is_some_and(|id| root(id) == root(spared)) =>
        {
            Standing::Good
        }
        Revoked::User { before, .. } if token.signed_in() <= *before => Standing::Void,
        // A token tells only the second of its issue, so one of that same second is made anew as well.
        Revoked::Change { before, .. } if Timestamp::from_seconds(token.iat) <= *before => Standing::Outdated,
        _ => Standing::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_242_994_500);

    fn token(sid: Option<&str>, signed_in: Timestamp) -> Token {
        Token {
            sub: "u1".to_owned(),
            sid: sid.map(str::to_owned),
            auth_time: Some(signed_in.as_millis() as f64 / 1000.0),
            iat: signed_in.as_seconds(),
            ..Token::default()
        }
    }

    fn later(millis: u64) -> Timestamp {
        NOW.plus(Duration::from_millis(millis))
    }

    async fn with(revoked: Revoked) -> Revocations {
        let revocations = Revocations::new(None);
        revocations.add(vec![Revocation { revoked, expires: later(1000) }]).await.unwrap();
        revocations
    }

    #[tokio::test]
    async fn se_05_one_session_is_void_and_no_other() {
        let revocations = with(Revoked::Session { id: "a".to_owned() }).await;
        assert_eq!(revocations.standing(&token(Some("a"), NOW)), Standing::Void);
        assert_eq!(revocations.standing(&token(Some("b"), NOW)), Standing::Good);
        assert_eq!(revocations.standing(&token(None, NOW)), Standing::Good);
        revocations.forget(later(999));
        assert_eq!(revocations.standing(&token(Some("a"), NOW)), Standing::Void);
        revocations.forget(later(1000));
        assert_eq!(revocations.standing(&token(Some("a"), NOW)), Standing::Good, "its tokens have expired");
    }

    #[tokio::test]
    async fn se_06_all_sessions_from_before_are_void_to_the_millisecond() {
        let revocations =
            with(Revoked::User { id: "u1".to_owned(), before: NOW, except: Some("kept".to_owned()) }).await;
        assert_eq!(revocations.standing(&token(Some("a"), NOW)), Standing::Void);
        assert_eq!(revocations.standing(&token(Some("kept"), NOW)), Standing::Good);
        assert_eq!(revocations.standing(&token(Some("kept.rotated"), NOW)), Standing::Good, "F-B1");
        assert_eq!(revocations.standing(&token(Some("a"), later(1))), Standing::Good, "signed in again");
        let of_authjs = Token { sid: None, auth_time: None, ..token(None, NOW) };
        assert_eq!(revocations.standing(&of_authjs), Standing::Void);
        assert_eq!(revocations.standing(&Token { sub: "u2".to_owned(), ..token(None, NOW) }), Standing::Good);
    }

    #[tokio::test]
    async fn f_b1_two_revocations_of_one_instant_both_count() {
        let all = |except: Option<&str>| Revocation {
            revoked: Revoked::User { id: "u1".to_owned(), before: NOW, except: except.map(str::to_owned) },
            expires: later(1000),
        };
        let revocations = Revocations::new(None);
        revocations.add(vec![all(Some("kept"))]).await.unwrap();
        assert_eq!(revocations.standing(&token(Some("kept"), NOW)), Standing::Good, "control");
        revocations.add(vec![all(None)]).await.unwrap();
        assert_eq!(revocations.standing(&token(Some("kept"), NOW)), Standing::Void);
    }

    #[tokio::test]
    async fn se_17_a_change_makes_older_tokens_outdated() {
        let revocations = with(Revoked::Change { id: "u1".to_owned(), before: NOW }).await;
        assert_eq!(revocations.standing(&token(Some("a"), NOW)), Standing::Outdated);
        assert_eq!(revocations.standing(&token(Some("a"), later(600))), Standing::Good);
    }
}
