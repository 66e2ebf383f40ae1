//! Rate limits on what can be guessed or abused. They are counted in the database, so that all instances share them; local
//! limits, and all limits without a database, are counted in this process.
//!
//! Rules: keys are pseudonyms, so the table contains no addresses. A rejected attempt costs no write: the result is cached
//! for [`REMEMBERED`]. Keys of one kind never use up the space of another.

mod attempt;
mod device_cookie;
mod flights;
mod limits;
mod memory;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub(crate) use attempt::{Attempt, OnSuccess, forget_failures};
pub(crate) use device_cookie::DeviceCookie;
pub(crate) use limits::*;

use crate::{
    adapter::{Adapter, Attempts},
    clock::Timestamp,
    config::LimitSettings,
    error::{AuthError, chain},
    hash::{Pseudonym, Pseudonyms},
};
use flights::Flights;
use memory::Counts;

/// How long this process knows without asking the database that a shared limit is reached. Short, because an attempt that
/// succeeds on another instance gives its count back.
const REMEMBERED: Duration = Duration::from_secs(10);

/// Returns the network that a client is counted by: the /64 of an IPv6 address, because one customer has all of it (RL-06).
/// An IPv4-mapped IPv6 address counts as IPv4.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Counts attempts.
pub(crate) struct RateLimiter {
    adapter: Option<Arc<dyn Adapter>>,
    pseudonyms: Arc<Pseudonyms>,
    pub(crate) configured: Configured,
    memory: Mutex<HashMap<&'static str, Counts>>,
    flights: Flights,
}

impl RateLimiter {
    pub(crate) fn new(
        adapter: Option<Arc<dyn Adapter>>,
        pseudonyms: Arc<Pseudonyms>,
        settings: &LimitSettings,
    ) -> Self {
        Self {
            adapter,
            pseudonyms,
            configured: Configured::new(settings),
            memory: Mutex::default(),
            flights: Flights::default(),
        }
    }

    /// Counts one attempt.
    ///
    /// # Errors
    /// `RateLimited` if there were too many; `Unavailable` if the database cannot be reached.
    pub(crate) async fn count(&self, limit: &Limit, subject: &str, now: Timestamp) -> Result<(), AuthError> {
        let key = self.key(limit, subject);
        self.known_refusal(limit, &key, now)?;
        self.count_key(limit, key, now).await
    }

    /// Uses something that is valid once. Returns the error `used` if it was used before.
    pub(crate) async fn use_once(
        &self,
        limit: &Limit,
        what: &str,
        now: Timestamp,
        used: AuthError,
    ) -> Result<(), AuthError> {
        self.count(limit, what, now).await.map_err(|error| match error {
            AuthError::RateLimited(..) => used,
            error => error,
        })
    }

    fn key(&self, limit: &Limit, subject: &str) -> Pseudonym {
        self.pseudonyms.of(limit.name, subject)
    }

    /// Rejects what is known to exceed a limit.
    fn known_refusal(&self, limit: &Limit, key: &Pseudonym, now: Timestamp) -> Result<(), AuthError> {
        let known = self.counts().get(limit.name).and_then(|counts| counts.get(limit, key, now));
        match known {
            Some(attempts) if attempts.count >= limit.max => Err(refusal(limit, attempts, now)),
            _ => Ok(()),
        }
    }

    async fn count_key(&self, limit: &Limit, key: Pseudonym, now: Timestamp) -> Result<(), AuthError> {
        let attempts = match self.shared(limit) {
            Some(adapter) => {
                let returns = self.flights.returns(&key);
                let attempts = adapter.count_attempt(&stored(limit, &key), limit.window, now).await?;
                if attempts.count >= limit.max && returns == self.flights.returns(&key) {
                    let until = attempts.resets.min(now.plus(REMEMBERED));
                    self.counts().entry(limit.name).or_default().remember(key, attempts, until, now);
                }
                attempts
            }
            None => self.counts().entry(limit.name).or_default().count(limit, key, now),
        };
        if attempts.count > limit.max { Err(refusal(limit, attempts, now)) } else { Ok(()) }
    }

    /// Subtracts attempts. If the database cannot be reached they stay counted, which rejects too much but never too little.
    async fn give_back(&self, limit: &Limit, key: Pseudonym, count: u32) {
        let Some(adapter) = self.shared(limit) else {
            self.counts().entry(limit.name).or_default().give_back(&key, count);
            return;
        };
        let returned = adapter.return_attempts(&stored(limit, &key), count).await;
        // Only now: a rejection that was cached during the call would be outdated.
        self.flights.returned(&key);
        self.counts().entry(limit.name).or_default().forget(&key);
        if let Err(error) = returned {
            tracing::warn!(
                error = chain(&error),
                limit = limit.name,
                "cannot subtract an attempt from its rate limit"
            );
        }
    }

    /// Subtracts the attempt that exceeded a limit. The limit is still reached, so what this process remembers stays.
    async fn give_back_excess(&self, limit: &Limit, key: Pseudonym) {
        match self.shared(limit) {
            Some(adapter) => {
                if let Err(error) = adapter.return_attempts(&stored(limit, &key), 1).await {
                    tracing::warn!(
                        error = chain(&error),
                        limit = limit.name,
                        "cannot subtract an attempt from its rate limit"
                    );
                }
            }
            None => self.counts().entry(limit.name).or_default().give_back(&key, 1),
        }
    }

    /// Subtracts one attempt.
    pub(crate) async fn give_back_one(&self, limit: &Limit, subject: &str) {
        self.give_back(limit, self.key(limit, subject), 1).await;
    }

    /// Returns the database, for limits that are counted there.
    fn shared(&self, limit: &Limit) -> Option<&Arc<dyn Adapter>> {
        self.adapter.as_ref().filter(|_| !limit.is_local)
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<&'static str, Counts>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the key in the database.
fn stored(limit: &Limit, key: &Pseudonym) -> String {
    format!("{}:{key}", limit.name)
}

fn refusal(limit: &Limit, attempts: Attempts, now: Timestamp) -> AuthError {
    AuthError::RateLimited(limit.name, attempts.resets.since(now))
}

#[cfg(test)]
mod tests;
