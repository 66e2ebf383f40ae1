//! One attempt at a secret that can be guessed: a password (also of a directory or the `authorize` hook), or a code from an
//! authenticator app or an email. All follow the same rule:
//!
//! | bucket | counts | ends |
//! | --- | --- | --- |
//! | network | failures from one network, at any account, by browsers without its device cookie | after 15 minutes |
//! | account | failures at one account from one network, by browsers without its device cookie | after 15 minutes or a success |
//! | account in total | consecutive failures at one account, by browsers without its device cookie | by a success or reset |
//! | device | failures at one account by one browser with its device cookie, counted both ways | as for the account |
//!
//! Every attempt is counted before it is checked, so a burst of parallel guesses gets no more attempts than a slow one
//! (RL-12). A success gives its count back: any number of users behind one address can sign in, while guesses from there
//! stay limited. An attempt that could not be checked because something was unavailable is also given back.
//!
//! A browser with the device cookie of an account has its own counts, so an attacker cannot lock the owner out (RL-04).

use std::time::Duration;

use tokio::time::Instant;

use super::{Configured, DeviceCookie, Limit, RateLimiter, flights::Flight, network};
use crate::{auth::AuthState, clock::Timestamp, error::AuthError, hash::Pseudonym, request::ActionRequest};

/// How long an attempt waits for other attempts that are still running.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often an attempt is counted again at once because another one has ended meanwhile.
const RETRIES: usize = 3;

/// The effect of a success on a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnSuccess {
    /// Removes this attempt from the count.
    GiveBack,
    /// Also removes the failures before it.
    Clear,
}

/// A counted attempt. If it is dropped without [`settle`](Self::settle), it counts as failed.
pub(crate) struct Attempt<'l> {
    limits: &'l RateLimiter,
    now: Timestamp,
    counted: Vec<(Limit, Pseudonym, OnSuccess)>,
    /// Dropped after the counts were given back, because other attempts wait for that.
    flights: Vec<Flight<'l>>,
    /// The total failures at the account by other browsers: a success clears them.
    in_total: Option<Pseudonym>,
    /// The count that exceeded its limit.
    exceeded: Option<(Limit, Pseudonym)>,
}

impl<'l> Attempt<'l> {
    pub(crate) fn new(limits: &'l RateLimiter, now: Timestamp) -> Self {
        Self { limits, now, counted: Vec::new(), flights: Vec::new(), in_total: None, exceeded: None }
    }

    /// Counts an attempt at the secret of an account. `kind` separates the secrets of one account. Without an account only the
    /// network is limited. `more` are further limits for the account, or for the browser with its device cookie.
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
        let Configured { account_sign_ins, device_sign_ins, device_failures, .. } = limits.configured;
        let account_failures = limits.configured.failures_of(kind);
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
                // A browser that has failed this often loses its own counts and counts like any other.
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

    /// Counts an attempt against several limits: against all of them, or none. If running attempts account for the limit, it
    /// waits until they end: many correct passwords in parallel are not guesses.
    ///
    /// # Errors
    /// `RateLimited` if one of the limits is reached; `Unavailable` if the database cannot be reached.
    pub(crate) async fn count(&mut self, counts: &[(Limit, String, OnSuccess)]) -> Result<(), AuthError> {
        let counts: Vec<_> = counts
            .iter()
            .map(|(limit, subject, returns)| (*limit, self.limits.key(limit, subject), *returns))
            .collect();
        let flights = &self.limits.flights;
        let patience = Instant::now() + PATIENCE;
        let mut retries = RETRIES;
        loop {
            let landings = flights.landings();
            let counted = self.count_keys(&counts).await;
            let Err(AuthError::RateLimited(name, _)) = &counted else { return counted };
            let Some((_, key, _)) = counts.iter().find(|(limit, ..)| limit.name == *name) else {
                return counted;
            };
            if let Some((limit, key)) = self.exceeded.take().filter(|(_, key)| flights.is_running(key)) {
                // Otherwise waiting attempts would use up the count that they wait for.
                self.limits.give_back_excess(&limit, key).await;
            }
            if !flights.landing(*key, patience).await {
                // What was waited for may have ended before the wait began.
                if retries == 0 || flights.landings() == landings || Instant::now() >= patience {
                    return counted;
                }
                retries -= 1;
            }
        }
    }

    async fn count_keys(&mut self, counts: &[(Limit, Pseudonym, OnSuccess)]) -> Result<(), AuthError> {
        // A limit that is known to be reached costs no database write.
        for (limit, key, _) in counts {
            self.limits.known_refusal(limit, key, self.now)?;
        }
        for (limit, key, on_success) in counts {
            let Some(flight) = self.limits.flights.start(*key, limit.max) else {
                self.cancel().await;
                return Err(AuthError::RateLimited(limit.name, limit.window));
            };
            if let Err(error) = self.limits.count_key(limit, *key, self.now).await {
                drop(flight);
                self.exceeded = matches!(error, AuthError::RateLimited(..)).then_some((*limit, *key));
                self.cancel().await;
                return Err(error);
            }
            self.counted.push((*limit, *key, *on_success));
            self.flights.push(flight);
        }
        Ok(())
    }

    /// Gives back what was counted for an attempt that will not be checked.
    async fn cancel(&mut self) {
        self.give_back(false).await;
        self.counted.clear();
        self.flights.clear();
    }

    /// Counts an attempt against the limit of its network only.
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

    /// Gives back the counts of a success, or of an attempt that was never checked.
    pub(crate) async fn settle<T>(self, result: Result<&T, &AuthError>) {
        match result {
            // The `sign_in` callback may redirect for its own reasons; the secret was correct.
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

/// Clears the failures at an account, those in total and those of this browser and network, after its owner has signed in
/// with another method.
pub(crate) async fn forget_failures(
    auth: &AuthState,
    request: &ActionRequest<'_>,
    kind: &str,
    account: &str,
) {
    let (limits, account) = (&auth.limits, format!("{kind}\n{account}"));
    let Configured { account_sign_ins, account_failures, device_sign_ins, device_failures, .. } =
        limits.configured;
    let from_network = format!("{}\n{account}", request.client.map(network).unwrap_or_default());
    let mut counts = vec![(account_sign_ins, from_network), (account_failures, account.clone())];
    if let Some(device) = DeviceCookie::load_for(auth, request, &account) {
        let subject = format!("{}\n{account}", device.id);
        counts.extend([device_sign_ins, device_failures].map(|limit| (limit, subject.clone())));
    }
    let cleared =
        counts.iter().map(|(limit, subject)| limits.give_back(limit, limits.key(limit, subject), u32::MAX));
    futures_util::future::join_all(cleared).await;
}
