//! Limits on what can be guessed or abused. Counted in the database, so all instances share them; without a
//! database in this process, in a table of bounded size.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    adapter::{Adapter, Attempts},
    clock::Timestamp,
    error::AuthError,
    hash,
};

const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);

/// How often something may happen in a window.
pub(crate) struct Limit {
    name: &'static str,
    max: u32,
    window: Duration,
}

/// Mails to one address (ML-12).
pub(crate) const MAILS_TO_ADDRESS: Limit = Limit { name: "mail", max: 5, window: QUARTER_HOUR };
/// Mails asked for by one client.
pub(crate) const MAILS_BY_CLIENT: Limit = Limit { name: "mail-client", max: 50, window: QUARTER_HOUR };
/// Codes typed for one mail: 5 of 100 million.
pub(crate) const CODES_FOR_MAIL: Limit = Limit { name: "code", max: 5, window: QUARTER_HOUR };
/// Codes typed for one sign-in that waits for its second step: then its first step has to be taken again.
#[cfg(feature = "totp")]
pub(crate) const SECOND_STEP_TRIES: Limit = Limit { name: "second-step", max: 5, window: QUARTER_HOUR };
/// Codes of an app typed for one user. Three of a million are right at any time.
#[cfg(feature = "totp")]
pub(crate) const SECOND_STEP_CODES: Limit = Limit { name: "totp", max: 10, window: QUARTER_HOUR };
/// The same in a day, so that who knows the first step needs years to guess the second: below the 100 of NIST SP 800-63B
/// section 5.2.2.
#[cfg(feature = "totp")]
pub(crate) const SECOND_STEP_CODES_A_DAY: Limit =
    Limit { name: "totp-day", max: 50, window: Duration::from_secs(24 * 3600) };
/// Wrong links for one address: never stops the right one (ML-06).
pub(crate) const WRONG_LINKS: Limit = Limit { name: "link", max: 20, window: QUARTER_HOUR };
/// Credentials tried by one client, and for one user name (RL-01, RL-03).
pub(crate) const CREDENTIALS_BY_CLIENT: Limit =
    Limit { name: "credentials-client", max: 50, window: QUARTER_HOUR };
/// Credentials tried for one user name.
pub(crate) const CREDENTIALS_FOR_NAME: Limit = Limit { name: "credentials", max: 10, window: QUARTER_HOUR };
/// Tries of passwords.
#[cfg(feature = "password")]
pub(crate) mod passwords {
    use super::{Limit, QUARTER_HOUR};

    /// For one account, from one network (RL-01).
    pub(crate) const BY_CLIENT: Limit = Limit { name: "password-client", max: 10, window: QUARTER_HOUR };
    /// For one account, from all networks: NIST SP 800-63B-4 section 3.2.2 allows 100 in a row (RL-02).
    pub(crate) const FOR_ACCOUNT: Limit = Limit { name: "password", max: 100, window: QUARTER_HOUR };
    /// For one account, in a browser that its owner has used before (RL-04).
    pub(crate) const BY_BROWSER: Limit = Limit { name: "password-browser", max: 10, window: QUARTER_HOUR };
    /// By who is signed in already.
    pub(crate) const OF_OWNER: Limit = Limit { name: "password-owner", max: 10, window: QUARTER_HOUR };
}
/// An OAuth callback is taken once (OA-03, CC-10). As long as its transaction can live.
pub(crate) const TRANSACTION_USES: Limit = Limit { name: "transaction", max: 1, window: QUARTER_HOUR };
/// Passkeys tried by one client. They cannot be guessed; a try costs us a signature to check.
#[cfg(feature = "passkey")]
pub(crate) const PASSKEYS_BY_CLIENT: Limit = Limit { name: "passkey-client", max: 100, window: QUARTER_HOUR };
/// A challenge is answered once. Longer than it is good.
#[cfg(feature = "passkey")]
pub(crate) const CHALLENGE_USES: Limit = Limit { name: "challenge", max: 1, window: QUARTER_HOUR };
/// What waits to be linked is linked once. As long as it waits.
pub(crate) const LINK_USES: Limit = Limit { name: "link-offer", max: 1, window: QUARTER_HOUR };
/// A logout token is taken once (ID-24). Longer than it is accepted.
pub(crate) const LOGOUT_TOKEN_USES: Limit = Limit { name: "logout", max: 1, window: QUARTER_HOUR };

/// Mails to one person about sign-ins by new browsers.
pub(crate) const SIGN_IN_MAILS: Limit =
    Limit { name: "sign-in-mail", max: 10, window: Duration::from_secs(3600) };
/// A row is told to the webhook by one of all instances. Longer than it is tried.
pub(crate) const WEBHOOK_TRIES: Limit =
    Limit { name: "webhook", max: 1, window: Duration::from_secs(25 * 3600) };
/// Refusals of one client that are stored; the log has all of them.
pub(crate) const NOTED_REFUSALS: Limit = Limit { name: "noted", max: 30, window: QUARTER_HOUR };
/// One limit that a client runs into is stored once.
pub(crate) const NOTED_LIMITS: Limit = Limit { name: "noted-limit", max: 1, window: QUARTER_HOUR };

/// Expired rows are removed by one of all instances. Shorter than the time between two turns.
pub(crate) const PURGES: Limit = Limit { name: "purge", max: 1, window: Duration::from_secs(5 * 60) };

/// What one client is counted by: IPv6 by its /64, for one customer has them all (RL-06); IPv4 in IPv6 as IPv4.
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
    memory: Mutex<Memory>,
}

/// Counts of a process without a database.
#[derive(Default)]
struct Memory {
    attempts: HashMap<String, Attempts>,
    /// The first of these windows ends then: before that, looking for ended ones finds none. A flood of new names must not
    /// go through all of them each time.
    ends: Option<Timestamp>,
}

impl Memory {
    fn forget_ended(&mut self, now: Timestamp) {
        if self.ends.is_none_or(|end| end <= now) {
            self.attempts.retain(|_, attempts| attempts.resets > now);
            self.ends = self.attempts.values().map(|attempts| attempts.resets).min();
        }
    }
}

impl RateLimiter {
    pub(crate) fn new(adapter: Option<Arc<dyn Adapter>>) -> Self {
        Self { adapter, memory: Mutex::default() }
    }

    /// Counts one attempt, and refuses it when there were too many.
    ///
    /// `who` is hashed: the table holds no addresses.
    pub(crate) async fn count(&self, limit: &Limit, who: &str, now: Timestamp) -> Result<(), AuthError> {
        let key = format!("{}:{}", limit.name, hash::sha256_hex(&[who]));
        let attempts = match &self.adapter {
            Some(adapter) => adapter.count_attempt(&key, limit.window, now).await?,
            None => self.count_in_memory(key, limit.window, now),
        };
        if attempts.count > limit.max {
            return Err(AuthError::RateLimited(limit.name, attempts.resets.since(now)));
        }
        Ok(())
    }

    /// Takes what may be used once; `used` is the answer when it was before.
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

    fn count_in_memory(&self, key: String, window: Duration, now: Timestamp) -> Attempts {
        const MAX_KEYS: usize = 100_000;
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.attempts.len() >= MAX_KEYS {
            memory.forget_ended(now);
        }
        if memory.attempts.len() >= MAX_KEYS && !memory.attempts.contains_key(&key) {
            // Full of running windows: refuse what is new rather than forget what is counted.
            return Attempts { count: u32::MAX, resets: now.plus(window) };
        }
        let attempts = memory.attempts.entry(key).or_insert(Attempts { count: 0, resets: now.plus(window) });
        if attempts.resets <= now {
            *attempts = Attempts { count: 0, resets: now.plus(window) };
        }
        attempts.count = attempts.count.saturating_add(1);
        *attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rl_06_rl_07_ways_to_write_an_address_are_one_client() {
        let client = |address: &str| network(address.parse().unwrap());
        for same in ["1.2.3.4", "::ffff:1.2.3.4", "::FFFF:102:304", "0:0:0:0:0:ffff:1.2.3.4"] {
            assert_eq!(client(same), "1.2.3.4", "{same}");
        }
        for same in ["2001:db8::1", "2001:DB8:0:0:ffff::9", "2001:0db8:0000:0000:1:2:3:4"] {
            assert_eq!(client(same), client("2001:db8::"), "{same}");
        }
        for other in ["2001:db8:0:1::1", "::1", "1.2.3.5", "::1.2.3.4"] {
            assert_ne!(client(other), client("2001:db8::"), "{other}");
            assert_ne!(client(other), "1.2.3.4", "{other}");
        }
    }

    /// What is full forgets what has ended, and nothing that is counted.
    #[tokio::test]
    async fn rl_10_a_million_names_take_bounded_memory() {
        let limiter = RateLimiter::new(None);
        let now = Timestamp::from_millis(0);
        for _ in 0..10 {
            limiter.count(&CREDENTIALS_FOR_NAME, "victim", now).await.unwrap();
        }
        for number in 0..1_000_000 {
            let _ = limiter.count_in_memory(number.to_string(), QUARTER_HOUR, now);
        }
        assert_eq!(limiter.memory.lock().unwrap().attempts.len(), 100_000);
        assert!(limiter.count(&CREDENTIALS_FOR_NAME, "victim", now).await.is_err(), "still counted");
        limiter.count(&CREDENTIALS_FOR_NAME, "new", now.plus(QUARTER_HOUR)).await.unwrap();
        assert_eq!(limiter.memory.lock().unwrap().attempts.len(), 1, "windows that have ended make room");
    }

    #[tokio::test]
    async fn counts_in_memory_without_a_database() {
        let limiter = RateLimiter::new(None);
        let now = Timestamp::from_millis(0);
        for _ in 0..5 {
            limiter.count(&MAILS_TO_ADDRESS, "a", now).await.unwrap();
        }
        let refused = limiter.count(&MAILS_TO_ADDRESS, "a", now).await;
        assert!(matches!(refused, Err(AuthError::RateLimited("mail", wait)) if wait == QUARTER_HOUR));
        limiter.count(&MAILS_TO_ADDRESS, "b", now).await.unwrap();
        limiter.count(&MAILS_TO_ADDRESS, "a", now.plus(QUARTER_HOUR)).await.unwrap();
    }
}
