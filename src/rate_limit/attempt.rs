//! One attempt at something that can be guessed: a password, a directory's, the `authorize` hook's, a code of an app or
//! of an email. One rule for all of them:
//!
//! | bucket | counts | ends |
//! | --- | --- | --- |
//! | network | failures from one network, at any account | after 15 minutes |
//! | account | failures at one account from one network, by browsers without its device cookie | after 15 minutes, or by a success |
//! | account in total | failures in a row at one account, by browsers without its device cookie | by a success or a reset |
//! | device | failures at one account by one browser with its device cookie, in the same two ways | in the same ways |
//!
//! Every attempt is counted before it is looked at, so a burst of parallel guesses gets no more tries than a slow one
//! (RL-12). A success gives its count back: any number of people behind one address sign in, and still the guesses from
//! there are few. An attempt that could not be checked because something was unavailable is given back as well.
//!
//! A browser with the device cookie of an account has counts of its own, so an attacker cannot lock its owner out (RL-04).

use std::time::Duration;

use tokio::time::Instant;

use super::{Configured, DeviceCookie, Limit, RateLimiter, network};
use crate::{auth::AuthState, clock::Timestamp, error::AuthError, hash::Pseudonym, request::ActionRequest};

/// For so long an attempt waits for others that still run.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// What a success does to a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnSuccess {
    /// The attempt itself does not count.
    GiveBack,
    /// Nor do the failures before it.
    Clear,
}

/// An attempt that is counted. Dropped without [`settle`](Self::settle) it counts as failed.
pub(crate) struct Attempt<'l> {
    limits: &'l RateLimiter,
    now: Timestamp,
    counted: Vec<(Limit, Pseudonym, OnSuccess)>,
    /// Dropped after the counts were given back: other attempts wait for that.
    flights: Vec<Flight<'l>>,
    /// The failures of others at the account: a success clears them.
    in_total: Option<Pseudonym>,
    /// What was counted beyond its limit.
    exceeded: Option<(Limit, Pseudonym)>,
}

impl<'l> Attempt<'l> {
    pub(crate) fn new(limits: &'l RateLimiter, now: Timestamp) -> Self {
        Self { limits, now, counted: Vec::new(), flights: Vec::new(), in_total: None, exceeded: None }
    }

    /// Counts an attempt at the secret of an account. `kind` keeps the secrets of one account apart; without an account
    /// the network alone is limited. `more` are further limits for the account, or for the browser with its device cookie.
    ///
    /// # Errors
    /// `RateLimited` if there were too many failures; `Unavailable` if the database cannot be reached.
    pub(crate) async fn begin(
        auth: &'l AuthState,
        request: &ActionRequest<'_>,
        kind: &str,
        account: &str,
        more: &[Limit],
    ) -> Result<Self, AuthError> {
        let (limits, account) = (&auth.limits, format!("{kind}\n{account}"));
        let Configured { account_sign_ins, account_failures, device_sign_ins, device_failures, .. } =
            limits.configured;
        let is_named = !account.ends_with('\n');
        let in_total = is_named.then(|| limits.key(&account_failures, &account));
        let mut attempt = Self { in_total, ..Self::new(limits, request.now) };
        let more =
            |subject: String| more.iter().map(move |limit| (*limit, subject.clone(), OnSuccess::GiveBack));
        if let Some(device) = DeviceCookie::load_for(auth, request, &account) {
            let subject = format!("{}\n{account}", device.id);
            let mut counts = vec![
                (device_sign_ins, subject.clone(), OnSuccess::Clear),
                (device_failures, subject.clone(), OnSuccess::Clear),
            ];
            counts.extend(more(subject));
            match attempt.count(&counts).await {
                // A browser that has guessed so often is like any other.
                Err(AuthError::RateLimited(name, _)) if name == device_failures.name => {}
                counted => return counted.map(|()| attempt),
            }
        }
        let network = request.client.map(network);
        let mut counts = Vec::new();
        if let Some(network) = &network {
            counts.push((limits.configured.network_sign_ins, network.clone(), OnSuccess::GiveBack));
        }
        let from_network = format!("{}\n{account}", network.unwrap_or_default());
        counts.push((account_sign_ins, from_network, OnSuccess::Clear));
        if is_named {
            counts.push((account_failures, account.clone(), OnSuccess::Clear));
            counts.extend(more(account));
        }
        attempt.count(&counts).await?;
        Ok(attempt)
    }

    /// Counts an attempt in several ways: in all of them, or in none. Where attempts that still run make up the number, it
    /// waits for their end: many right passwords in parallel are not guesses.
    ///
    /// # Errors
    /// `RateLimited` if one of the limits is reached; `Unavailable` if the database cannot be reached.
    pub(crate) async fn count(&mut self, counts: &[(Limit, String, OnSuccess)]) -> Result<(), AuthError> {
        let counts: Vec<_> = counts
            .iter()
            .map(|(limit, subject, returns)| (*limit, self.limits.key(limit, subject), *returns))
            .collect();
        let patience = Instant::now() + PATIENCE;
        loop {
            let counted = self.count_keys(&counts).await;
            let Err(AuthError::RateLimited(name, _)) = &counted else { return counted };
            let refusing = counts.iter().find(|(limit, ..)| limit.name == *name);
            if Instant::now() >= patience
                || !refusing.is_some_and(|(_, key, _)| self.limits.is_in_flight(key))
            {
                return counted;
            }
            // It is counted again after the pause: else those who wait would use up what they wait for.
            if let Some((limit, key)) = self.exceeded.take() {
                self.limits.give_back(&limit, key, 1).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn count_keys(&mut self, counts: &[(Limit, Pseudonym, OnSuccess)]) -> Result<(), AuthError> {
        // A refusal that is known already costs no write.
        for (limit, key, _) in counts {
            self.limits.known_refusal(limit, key, self.now)?;
        }
        for (limit, key, on_success) in counts {
            if let Err(error) = self.limits.count_key(limit, *key, self.now).await {
                self.exceeded = matches!(error, AuthError::RateLimited(..)).then_some((*limit, *key));
                self.give_back(false).await;
                self.counted.clear();
                self.flights.clear();
                return Err(error);
            }
            self.counted.push((*limit, *key, *on_success));
            self.flights.push(Flight::new(self.limits, *key));
        }
        Ok(())
    }

    /// Counts an attempt for its network alone.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    #[cfg(any(feature = "password", feature = "passkey"))]
    pub(crate) async fn count_network(
        &mut self,
        limit: Limit,
        request: &ActionRequest<'_>,
    ) -> Result<(), AuthError> {
        match request.client {
            Some(client) => self.count(&[(limit, network(client), OnSuccess::GiveBack)]).await,
            None => Ok(()),
        }
    }

    /// Gives back what a success, or an attempt that was never checked, must not cost.
    pub(crate) async fn settle<T>(self, result: Result<&T, &AuthError>) {
        match result {
            // The `sign_in` callback has its reasons to redirect; the secret was right.
            Ok(_) | Err(AuthError::Redirected(_)) => self.give_back(true).await,
            Err(AuthError::Configuration(_) | AuthError::Hook { .. }) => self.give_back(false).await,
            Err(error) if error.is_unavailable() => self.give_back(false).await,
            Err(_) => {}
        }
    }

    async fn give_back(&self, is_success: bool) {
        let returned = self.counted.iter().map(|(limit, key, on_success)| {
            let count = if is_success && *on_success == OnSuccess::Clear { u32::MAX } else { 1 };
            self.limits.give_back(limit, *key, count)
        });
        futures_util::future::join_all(returned).await;
        let failures = self.limits.configured.account_failures;
        let is_cleared = |in_total| self.counted.iter().any(|(_, key, _)| *key == in_total);
        if let Some(in_total) = self.in_total.filter(|in_total| is_success && !is_cleared(*in_total)) {
            self.limits.give_back(&failures, in_total, u32::MAX).await;
        }
    }
}

/// An attempt that still runs.
struct Flight<'l> {
    limits: &'l RateLimiter,
    key: Pseudonym,
}

impl<'l> Flight<'l> {
    fn new(limits: &'l RateLimiter, key: Pseudonym) -> Self {
        *limits.flights().entry(key).or_insert(0) += 1;
        Self { limits, key }
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let mut flights = self.limits.flights();
        match flights.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(flights.remove(&self.key)),
        }
    }
}

/// Forgets the failures in a row at an account: its owner has shown by other means who they are.
pub(crate) async fn forget_failures(limits: &RateLimiter, kind: &str, account: &str) {
    let limit = limits.configured.account_failures;
    limits.give_back(&limit, limits.key(&limit, &format!("{kind}\n{account}")), u32::MAX).await;
}
