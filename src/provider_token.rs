//! A provider's tokens: kept encrypted with the account, and refreshed for server code that calls the provider's APIs.
//!
//! Of all requests, in all instances, that find a token near its end one refreshes it: in this process it holds the
//! account's lock, in the database its lease. So a refresh token that works once is used once (IP-15). Whatever comes
//! of it, nobody's session is ended, and no token is put into an error, a log or anything that a browser gets.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex as Lock, OwnedMutexGuard};

use crate::{
    adapter::{Account, AccountRecord, Adapter, AdapterError},
    auth::Auth,
    clock::Timestamp,
    error::{Source, chain},
    jwt::TokenKeys,
    oauth::{OAuthClient, RefreshError, Tokens},
    random,
    secret::Secret,
};

/// A token with less life than this is refreshed, or with less than half of its own.
const MARGIN: Duration = Duration::from_secs(60);
/// Longer than discovery and refresh can take together. A process that died with the lease is waited for so long.
const LEASE: Duration = Duration::from_secs(30);
/// Between two looks at what another instance does.
const PAUSE: Duration = Duration::from_millis(100);
/// The first wait after a failure; each further one is twice as long.
const BACK_OFF: Duration = Duration::from_secs(5);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);
/// A provider's own word counts up to here.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// An access token for a provider's API: [`Auth::provider_authorization`] makes the header of a request with it,
/// `Authorization: Bearer …` (RFC 6750) or a signature of OAuth 1.
#[derive(Clone, Debug)]
pub struct ProviderToken {
    /// The token itself.
    pub access_token: Secret,
    /// OAuth 1: what requests with the token are signed by.
    pub token_secret: Option<Secret>,
    /// Its end, if the provider has told one.
    pub expires: Option<Timestamp>,
    /// What it may do, in words separated by spaces.
    pub scope: String,
}

/// Why there is no token. The session is never ended by it.
#[derive(Debug, thiserror::Error)]
pub enum ProviderTokenError {
    /// The user has no account at that provider, or there is no database to keep tokens in.
    #[error("the user has no account at this provider")]
    NotLinked,
    /// The token is over and cannot be refreshed: the person has to sign in at the provider again.
    #[error("the tokens have ended: a new sign-in at the provider is needed")]
    Expired,
    /// The provider has taken the permission back (`invalid_grant`, RFC 6749 section 5.2). The tokens were removed; the
    /// person has to sign in at the provider again.
    #[error("the provider refused to refresh the tokens: a new sign-in is needed")]
    Refused,
    /// The provider or the database cannot answer now.
    #[error("no token now: {reason}")]
    Unavailable {
        /// When to ask again.
        retry_after: Duration,
        /// The cause, for the log.
        reason: Source,
    },
}

impl From<AdapterError> for ProviderTokenError {
    fn from(error: AdapterError) -> Self {
        Self::Unavailable { retry_after: BACK_OFF, reason: error.into() }
    }
}

/// The tokens of one account, as they are encrypted.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredTokens {
    /// Whose they are: the tokens of one row are worthless in another.
    provider: String,
    provider_account_id: String,
    /// What the account is called there, for its owner.
    #[serde(default)]
    account_name: Option<String>,
    access_token: String,
    #[serde(default)]
    token_secret: Option<String>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    scope: String,
    /// Milliseconds, as all times here.
    obtained: i64,
    expires: Option<i64>,
    /// Refreshes that failed since, and when the next may be tried.
    failures: u32,
    retry: i64,
}

/// Where the tokens are kept.
pub(crate) struct ProviderTokens {
    adapter: Option<Arc<dyn Adapter>>,
    keys: TokenKeys,
    /// A lock for each account that is being refreshed by this process.
    flights: Mutex<Flights>,
}

/// By provider and its id of the person.
type Flights = HashMap<(String, String), Weak<Lock<()>>>;

impl ProviderTokens {
    /// The salt of the keys.
    const PURPOSE: &str = "authjs.provider-tokens";

    pub(crate) fn new(secrets: &[Secret], adapter: Option<Arc<dyn Adapter>>) -> Self {
        Self { adapter, keys: TokenKeys::derive(secrets, Self::PURPOSE), flights: Mutex::default() }
    }

    /// Keeps what a sign-in brought, in place of what was there.
    ///
    /// A provider that gives a refresh token at the first consent only (Google) means the old one to be used on.
    pub(crate) async fn remember(
        &self,
        user_id: &str,
        account: &Account,
        mut new: StoredTokens,
    ) -> Result<(), AdapterError> {
        let Some(adapter) = &self.adapter else { return Ok(()) };
        let own_refresh_token = new.refresh_token.take();
        loop {
            let Some(record) = present(&**adapter, user_id, account).await? else { return Ok(()) };
            let kept = || self.open(&record).and_then(|old| old.refresh_token);
            new.refresh_token = own_refresh_token.clone().or_else(kept);
            let (from, to) = (record.tokens.as_deref(), self.seal(&new));
            if adapter.update_account_tokens(account, from, Some(&to)).await? {
                return Ok(());
            }
            // Another sign-in or refresh was first; every round here is one that got through elsewhere.
        }
    }

    /// The ID token of the last sign-in: `Err` is the store's, the outer `None` means that there is no such account.
    pub(crate) async fn id_token(
        &self,
        user_id: &str,
        provider: &str,
    ) -> Result<Option<Option<String>>, AdapterError> {
        let Some(adapter) = &self.adapter else { return Ok(Some(None)) };
        let record = find(&**adapter, user_id, provider).await?;
        Ok(record.map(|record| self.open(&record).and_then(|stored| stored.id_token)))
    }

    /// What an account is called at its provider, as far as that was told.
    pub(crate) fn account_name(&self, record: &AccountRecord) -> Option<String> {
        self.open(record)?.account_name
    }

    /// As they are kept.
    pub(crate) fn seal(&self, stored: &StoredTokens) -> String {
        self.keys.encrypt(&serde_json::to_vec(stored).unwrap_or_default())
    }

    fn open(&self, record: &AccountRecord) -> Option<StoredTokens> {
        let stored: StoredTokens =
            serde_json::from_slice(&self.keys.decrypt(record.tokens.as_deref()?)?).ok()?;
        let is_own = stored.provider == record.account.provider
            && stored.provider_account_id == record.account.provider_account_id;
        is_own.then_some(stored)
    }

    fn lock_of(&self, account: &Account) -> Arc<Lock<()>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        flights.retain(|_, lock| lock.strong_count() > 0);
        let key = (account.provider.clone(), account.provider_account_id.clone());
        if let Some(lock) = flights.get(&key).and_then(Weak::upgrade) {
            return lock;
        }
        let lock = Arc::new(Lock::new(()));
        flights.insert(key, Arc::downgrade(&lock));
        lock
    }
}

/// A token that is good now: the stored one, or a new one when that is near its end.
pub(crate) async fn get(
    auth: &Auth,
    user_id: &str,
    provider: &str,
) -> Result<ProviderToken, ProviderTokenError> {
    let tokens = &auth.provider_tokens;
    let (Some(adapter), Some(_)) = (&tokens.adapter, auth.oauth_client(provider)) else {
        return Err(ProviderTokenError::NotLinked);
    };
    let mut lock: Option<OwnedMutexGuard<()>> = None;
    // Longer than a lease: whoever died with one, after it we get it ourselves.
    for _ in 0..=(2 * LEASE.as_millis() / PAUSE.as_millis()) {
        let record = find(&**adapter, user_id, provider).await?.ok_or(ProviderTokenError::NotLinked)?;
        let stored = tokens.open(&record).ok_or(ProviderTokenError::Expired)?;
        let now = auth.clock.now();
        if !stored.is_due(now) {
            return Ok(stored.token());
        }
        let alive = stored.token_while_alive(now);
        if stored.refresh_token.is_none() {
            return alive.ok_or(ProviderTokenError::Expired);
        }
        let wait = Timestamp::from_millis(stored.retry).since(now);
        if !wait.is_zero() {
            return alive.ok_or_else(|| unavailable(wait, "it was away a moment ago"));
        }
        let account_lock = tokens.lock_of(&record.account);
        let guard = lock.take().or_else(|| account_lock.clone().try_lock_owned().ok());
        let Some(guard) = guard else {
            // Another request of this process is at it. What still lives will do meanwhile.
            if let Some(token) = alive {
                return Ok(token);
            }
            lock = Some(account_lock.lock_owned().await);
            continue;
        };
        let sealed = record.tokens.as_deref().unwrap_or_default();
        if adapter.lease_account_tokens(&record.account, sealed, now.plus(LEASE), now).await? {
            // A task of its own: whoever asked may hang up, and a new refresh token must be stored all the same.
            let flight = Flight {
                auth: auth.clone(),
                adapter: adapter.clone(),
                user_id: user_id.to_owned(),
                record,
                stored,
                _lock: guard,
            };
            match tokio::spawn(flight.refresh()).await.map_err(|error| unavailable(BACK_OFF, error))?? {
                Some(token) => return Ok(token),
                None => continue,
            }
        }
        // Another instance is at it.
        if let Some(token) = alive {
            return Ok(token);
        }
        lock = Some(guard);
        tokio::time::sleep(PAUSE).await;
    }
    Err(unavailable(BACK_OFF, "another instance does not come to an end"))
}

/// One refresh, by whoever holds lock and lease.
struct Flight {
    auth: Auth,
    adapter: Arc<dyn Adapter>,
    user_id: String,
    record: AccountRecord,
    stored: StoredTokens,
    _lock: OwnedMutexGuard<()>,
}

impl Flight {
    /// Asks the provider and stores what it says. `None`: a sign-in has brought other tokens meanwhile.
    async fn refresh(self) -> Result<Option<ProviderToken>, ProviderTokenError> {
        let provider = self.record.account.provider.as_str();
        let (Some(client), Some(refresh_token)) =
            (self.auth.oauth_client(provider), &self.stored.refresh_token)
        else {
            return Err(ProviderTokenError::Expired);
        };
        let answer = client.refresh(refresh_token, self.stored.id_token.as_deref()).await;
        let now = self.auth.clock.now();
        match answer {
            Ok(tokens) => {
                tracing::debug!(provider, "provider token refreshed");
                let new = self.stored.renewed(&self.record.account, tokens, now);
                Ok(self.store(refresh_token, &new).await.then(|| new.token()))
            }
            Err(RefreshError::Refused(reason)) => {
                tracing::warn!(provider, reason, "provider token removed");
                if self.replace(None).await? { Err(ProviderTokenError::Refused) } else { Ok(None) }
            }
            Err(RefreshError::Unavailable { retry_after, reason }) => {
                tracing::warn!(provider, reason = chain(&*reason), "provider token not refreshed");
                let (failed, retry_after) = self.stored.failed(retry_after, now);
                if !self.replace(Some(&failed)).await? {
                    return Ok(None);
                }
                let token = failed.token_while_alive(now);
                token.map(Some).ok_or(ProviderTokenError::Unavailable { retry_after, reason })
            }
        }
    }

    async fn replace(&self, new: Option<&StoredTokens>) -> Result<bool, AdapterError> {
        let AccountRecord { account, tokens, .. } = &self.record;
        let sealed = new.map(|new| self.auth.provider_tokens.seal(new));
        self.adapter.update_account_tokens(account, tokens.as_deref(), sealed.as_deref()).await
    }

    /// Stores refreshed tokens. `false` when a sign-in has brought others that do not need the refresh token we used.
    ///
    /// The old refresh token may be worthless by now, so a store that is away for a moment is asked again. If it stays
    /// away, whoever waits still gets the token; the next refresh may then be refused.
    async fn store(&self, used: &str, new: &StoredTokens) -> bool {
        const TRIES: u32 = 5;
        let (account, sealed) = (&self.record.account, self.auth.provider_tokens.seal(new));
        let mut from = self.record.tokens.clone();
        for attempt in 1..=TRIES {
            match self.try_store(used, &mut from, &sealed).await {
                Ok(is_stored) => return is_stored,
                Err(error) => {
                    let (provider, reason) = (account.provider.as_str(), chain(&error));
                    tracing::error!(provider, reason, attempt, "refreshed tokens not stored");
                }
            }
            tokio::time::sleep(PAUSE * attempt).await;
        }
        true
    }

    async fn try_store(
        &self,
        used: &str,
        from: &mut Option<String>,
        sealed: &str,
    ) -> Result<bool, AdapterError> {
        let account = &self.record.account;
        while !self.adapter.update_account_tokens(account, from.as_deref(), Some(sealed)).await? {
            let Some(record) = present(&*self.adapter, &self.user_id, account).await? else {
                return Ok(false);
            };
            let stored = self.auth.provider_tokens.open(&record);
            if stored.is_none_or(|stored| stored.refresh_token.as_deref() != Some(used)) {
                return Ok(false);
            }
            *from = record.tokens;
        }
        Ok(true)
    }
}

/// What is stored of an account now.
async fn present(
    adapter: &dyn Adapter,
    user_id: &str,
    account: &Account,
) -> Result<Option<AccountRecord>, AdapterError> {
    let is_this = |record: &AccountRecord| {
        record.account.provider == account.provider
            && record.account.provider_account_id == account.provider_account_id
    };
    Ok(adapter.get_accounts(user_id).await?.into_iter().find(is_this))
}

/// The user's account at a provider; of several the newest with tokens.
async fn find(
    adapter: &dyn Adapter,
    user_id: &str,
    provider: &str,
) -> Result<Option<AccountRecord>, AdapterError> {
    let mut records = adapter.get_accounts(user_id).await?;
    records.retain(|record| record.account.provider == provider);
    let with_tokens = records.iter().position(|record| record.tokens.is_some()).unwrap_or(0);
    Ok((!records.is_empty()).then(|| records.swap_remove(with_tokens)))
}

impl StoredTokens {
    /// What the account is called at the provider.
    pub(crate) fn account_name(&self) -> Option<&str> {
        self.account_name.as_deref()
    }

    /// What a sign-in brought.
    pub(crate) fn of_sign_in(
        client: &OAuthClient,
        account: &Account,
        account_name: Option<String>,
        tokens: Tokens,
        now: Timestamp,
    ) -> Self {
        Self { account_name, ..Self::new(account, tokens, client.provider.scopes.join(" "), now) }
    }

    fn new(account: &Account, tokens: Tokens, asked_scope: String, now: Timestamp) -> Self {
        Self {
            provider: account.provider.clone(),
            provider_account_id: account.provider_account_id.clone(),
            account_name: None,
            access_token: tokens.access_token,
            token_secret: tokens.token_secret,
            refresh_token: tokens.refresh_token,
            id_token: tokens.id_token,
            scope: tokens.scope.unwrap_or(asked_scope),
            obtained: now.as_millis(),
            expires: tokens.expires_in.map(|life| now.plus(life).as_millis()),
            failures: 0,
            retry: 0,
        }
    }

    /// After a refresh: what the provider left out stays (RFC 6749 section 6).
    fn renewed(&self, account: &Account, tokens: Tokens, now: Timestamp) -> Self {
        let new = Self::new(account, tokens, self.scope.clone(), now);
        Self {
            refresh_token: new.refresh_token.or_else(|| self.refresh_token.clone()),
            id_token: new.id_token.or_else(|| self.id_token.clone()),
            account_name: self.account_name.clone(),
            ..new
        }
    }

    /// After a failure: the same tokens, and how long to leave the provider alone.
    fn failed(&self, retry_after: Option<Duration>, now: Timestamp) -> (Self, Duration) {
        let back_off = BACK_OFF.saturating_mul(1 << self.failures.min(8)).min(LONGEST_BACK_OFF);
        let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
        let wait = with_jitter(back_off.max(asked));
        let retry = now.plus(wait).as_millis();
        (Self { failures: self.failures.saturating_add(1), retry, ..self.clone() }, wait)
    }

    /// Whether it is time for a new one: some requests see it a little earlier than others.
    fn is_due(&self, now: Timestamp) -> bool {
        let Some(expires) = self.expires.map(Timestamp::from_millis) else { return false };
        let half_life = expires.since(Timestamp::from_millis(self.obtained)) / 2;
        expires.since(now) <= with_jitter(MARGIN).min(half_life)
    }

    fn token(&self) -> ProviderToken {
        ProviderToken {
            access_token: Secret::new(&self.access_token),
            token_secret: self.token_secret.as_ref().map(Secret::new),
            expires: self.expires.map(Timestamp::from_millis),
            scope: self.scope.clone(),
        }
    }

    fn token_while_alive(&self, now: Timestamp) -> Option<ProviderToken> {
        self.expires.is_none_or(|expires| expires > now.as_millis()).then(|| self.token())
    }
}

fn unavailable(retry_after: Duration, reason: impl Into<Source>) -> ProviderTokenError {
    ProviderTokenError::Unavailable { retry_after, reason: reason.into() }
}

/// Up to a quarter more, so that not all come at once.
fn with_jitter(duration: Duration) -> Duration {
    let [random] = random::bytes::<1>();
    duration + duration / 4 * u32::from(random) / 255
}
