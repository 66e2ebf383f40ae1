//! Session rotation: a session continues under a new token, because its permissions or its user's sign-in methods have
//! changed (OWASP ASVS 7.2.4). A copy of the old token is rejected from then on.
//!
//! Rule: the id of a session is `ROOT` at first and `ROOT.SUFFIX` after each rotation. Comparisons that must survive a
//! rotation use the root: which session is spared when others end, which session asked for a change, which session a CSRF
//! token belongs to.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::HeaderValue;

use crate::{clock::Timestamp, random};

/// A request with the old token gets its response within this time, or fails.
const IN_FLIGHT: Duration = Duration::from_secs(60);
/// The most replaced tokens that are remembered.
const MOST: usize = 10_000;
/// Length of the suffix: 132 random bits; together with a UUID 59 characters (MySQL stores 64).
const SUFFIX_LENGTH: usize = 22;

/// Returns the part of a session id that stays the same when the session is rotated.
pub(crate) fn root(id: &str) -> &str {
    id.split_once('.').map_or(id, |(root, _)| root)
}

/// Returns the next id of a session.
pub(super) fn successor(id: &str) -> String {
    format!("{}.{}", root(id), &random::token()[..SUFFIX_LENGTH])
}

/// A session under its new token.
pub(crate) struct Rotated {
    /// The value that CSRF tokens of the session are bound to from now on.
    pub(crate) csrf_binding: String,
    /// The cookies to set.
    pub(crate) set_cookies: Vec<HeaderValue>,
}

/// Tokens that this process has just replaced in a browser, by a rotation or a sign-in.
///
/// A request that the browser sent earlier with the old token gets no session. Its response must not remove the session
/// cookie, which may be the new one by then.
#[derive(Default)]
pub(super) struct Replaced(Mutex<HashMap<String, Timestamp>>);

impl Replaced {
    pub(super) fn add(&self, names: Vec<String>, now: Timestamp) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() + names.len() > MOST {
            held.retain(|_, at| now.since(*at) < IN_FLIGHT);
        }
        if held.len() + names.len() <= MOST {
            held.extend(names.into_iter().map(|name| (name, now)));
        }
    }

    pub(super) fn contains(&self, name: &str, now: Timestamp) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(name).is_some_and(|at| now.since(*at) < IN_FLIGHT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_242_994);

    #[test]
    fn an_id_keeps_its_root_and_fits_the_column() {
        let first = random::uuid();
        let second = successor(&first);
        let third = successor(&second);
        assert!(second != third && [&second, &third].iter().all(|id| root(id) == first && id.len() < 64));
    }

    #[test]
    fn a_replaced_token_is_remembered_for_a_minute_and_memory_is_bounded() {
        let replaced = Replaced::default();
        replaced.add(vec!["old".to_owned()], NOW);
        assert!(replaced.contains("old", NOW.plus(Duration::from_secs(59))) && !replaced.contains("x", NOW));
        assert!(!replaced.contains("old", NOW.plus(Duration::from_secs(60))));
        replaced.add((0..2 * MOST).map(|number| number.to_string()).collect(), NOW);
        assert!(!replaced.contains("7", NOW) && replaced.contains("old", NOW), "too many are left out");
    }
}
