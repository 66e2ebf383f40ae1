//! The attempts that this process is checking right now. Many correct passwords in parallel are not guesses: an attempt that
//! exceeds a limit waits while others that count for the same limit are still running, because a success gives its count
//! back.
//!
//! Rule: waiting costs memory only. Never more attempts of a key run than its limit allows, so a burst of guesses writes to
//! the database as often as the limit allows and not once for each guess.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

use crate::hash::Pseudonym;

/// All running attempts.
#[derive(Default)]
pub(super) struct Flights {
    running: Mutex<HashMap<Pseudonym, Running>>,
    landings: AtomicU64,
}

/// The running attempts of one key.
#[derive(Default)]
struct Running {
    count: u32,
    /// How often counts of the key were given back meanwhile.
    returns: u64,
    landed: Arc<Notify>,
}

impl Flights {
    /// Starts an attempt. Returns `None` if as many are running as the limit allows.
    pub(super) fn start(&self, key: Pseudonym, most: u32) -> Option<Flight<'_>> {
        let mut all = self.all();
        let running = all.entry(key).or_default();
        if running.count >= most.max(1) {
            return None;
        }
        running.count += 1;
        Some(Flight { flights: self, key })
    }

    /// Waits until one of the key's running attempts ends. Returns `false` if there is none, or at the deadline.
    pub(super) async fn landing(&self, key: Pseudonym, deadline: Instant) -> bool {
        let landed;
        // Made while the attempts are locked: it hears of every landing from then on.
        let notified = {
            let all = self.all();
            let Some(running) = all.get(&key) else { return false };
            landed = Arc::clone(&running.landed);
            landed.notified()
        };
        timeout_at(deadline, notified).await.is_ok()
    }

    pub(super) fn is_running(&self, key: &Pseudonym) -> bool {
        self.all().contains_key(key)
    }

    /// Returns how many attempts have ended so far.
    pub(super) fn landings(&self) -> u64 {
        self.landings.load(Ordering::Relaxed)
    }

    /// Notes that a count was given back: what is being read from the database at this moment may be outdated.
    pub(super) fn returned(&self, key: &Pseudonym) {
        if let Some(running) = self.all().get_mut(key) {
            running.returns += 1;
        }
    }

    /// Returns how often counts were given back, as far as attempts are running.
    pub(super) fn returns(&self, key: &Pseudonym) -> Option<u64> {
        self.all().get(key).map(|running| running.returns)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Pseudonym, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running attempt. It ends when this is dropped.
pub(super) struct Flight<'f> {
    flights: &'f Flights,
    key: Pseudonym,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut all = self.flights.all();
        self.flights.landings.fetch_add(1, Ordering::Relaxed);
        if let Some(running) = all.get_mut(&self.key) {
            running.count -= 1;
            running.landed.notify_waiters();
            if running.count == 0 {
                all.remove(&self.key);
            }
        }
    }
}
