//! Counts in the memory of this process: all counts if there is no database, those of local limits, and for a few seconds
//! the fact that a shared limit is reached, so that a rejected attempt costs no write.
//!
//! Each limit has its own table, so keys of one limit never evict keys of another (RL-10). A full table evicts the least
//! important of a few random entries: an attacker who floods it with new keys mostly evicts their own.

use indexmap::IndexMap;

use super::Limit;
use crate::{adapter::Attempts, clock::Timestamp, hash::Pseudonym};

/// Keys of one limit. An entry takes about 50 bytes, so all limits together stay below 32 MB.
const MAX_KEYS: usize = 20_000;
/// How many entries are compared when one must be evicted.
const SAMPLE: usize = 8;

/// The counts of one limit.
#[derive(Default)]
pub(super) struct Counts(IndexMap<Pseudonym, Entry>);

#[derive(Clone, Copy)]
struct Entry {
    attempts: Attempts,
    /// The entry is meaningless from then on.
    until: Timestamp,
}

impl Counts {
    /// Counts one more attempt.
    pub(super) fn count(&mut self, limit: &Limit, key: Pseudonym, now: Timestamp) -> Attempts {
        let open =
            self.get(limit, &key, now).unwrap_or(Attempts { count: 0, resets: now.plus(limit.window) });
        let counted = Attempts { count: open.count.saturating_add(1), ..open };
        self.remember(key, counted, counted.resets, now);
        counted
    }

    /// Subtracts attempts.
    pub(super) fn give_back(&mut self, key: &Pseudonym, count: u32) {
        if let Some(entry) = self.0.get_mut(key) {
            entry.attempts.count = entry.attempts.count.saturating_sub(count);
            if entry.attempts.count == 0 {
                self.0.swap_remove(key);
            }
        }
    }

    /// Returns the attempts counted so far, as far as they are known here. A window that ends too late is ignored: it was
    /// opened while the clock was wrong.
    pub(super) fn get(&self, limit: &Limit, key: &Pseudonym, now: Timestamp) -> Option<Attempts> {
        let latest = Attempts::latest_reset(limit.window, now);
        let entry = self.0.get(key).filter(|entry| entry.until > now && entry.attempts.resets <= latest);
        entry.map(|entry| entry.attempts)
    }

    /// Remembers a count for some time.
    pub(super) fn remember(&mut self, key: Pseudonym, attempts: Attempts, until: Timestamp, now: Timestamp) {
        if self.0.len() >= MAX_KEYS && !self.0.contains_key(&key) {
            self.make_room(&key, now);
        }
        self.0.insert(key, Entry { attempts, until });
    }

    pub(super) fn forget(&mut self, key: &Pseudonym) {
        self.0.swap_remove(key);
    }

    /// Evicts one of a few entries: an expired one, or else the one with the fewest attempts. The new key, a keyed hash,
    /// decides which entries are compared, so a client cannot choose them.
    fn make_room(&mut self, key: &Pseudonym, now: Timestamp) {
        let start = key.index(self.0.len());
        let sample = (0..SAMPLE).map(|step| (start + step) % self.0.len());
        let weight = |index: &usize| {
            let entry = self.0.get_index(*index).map(|(_, entry)| *entry);
            entry.filter(|entry| entry.until > now).map(|entry| (entry.attempts.count, entry.attempts.resets))
        };
        if let Some(index) = sample.min_by_key(weight) {
            self.0.swap_remove_index(index);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
