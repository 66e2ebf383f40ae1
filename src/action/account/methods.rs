//! Lists the sign-in methods of a user, and enforces that one remains.
//!
//! What counts as a sign-in method is decided only here: an account of an enabled provider, a verified address if emails
//! can be sent, a password, a passkey. Every removal goes through [`remove`].

use std::time::Duration;

use super::FRESH;
use crate::{
    adapter::{Account, AccountRecord, Adapter, AdapterError, Authenticator, Change, User, UserRecord},
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    random,
    session::Reading,
    types::{AccountMethods, EmailMethod, LinkedAccount, ProviderMethod},
    user_records::{
        UserRecords,
        kind::{METHOD_REMOVAL, PASSWORD},
    },
};

pub(crate) const PAGE: &str = "/account/methods";
/// A process that died while it took a method away is waited for so long.
const LEASE: Duration = Duration::from_secs(30);
/// Between two looks at whether another request is done with it.
const PAUSE: Duration = Duration::from_millis(50);
/// An account that came with a passkey is no way in of its own.
const OF_PASSKEY: &str = "webauthn";

/// One way to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// By an account elsewhere, or a directory.
    Account(Account),
    /// By a mail to the proven address.
    Email,
    Password,
    /// By the passkey with that credential id.
    Passkey(String),
}

/// What is stored of a user's ways to sign in.
struct Stored {
    user: User,
    accounts: Vec<AccountRecord>,
    passkeys: Vec<Authenticator>,
    records: UserRecords,
}

impl Stored {
    /// `None`: there is no such user any more.
    async fn of(adapter: &dyn Adapter, user_id: &str) -> Result<Option<Self>, AdapterError> {
        let Some(user) = adapter.get_user(user_id).await? else { return Ok(None) };
        let mut accounts = adapter.get_accounts(user_id).await?;
        accounts.retain(|record| record.account.r#type != OF_PASSKEY);
        Ok(Some(Self {
            accounts,
            passkeys: adapter.list_authenticators(user_id).await?,
            records: UserRecords::of(adapter, user_id).await?,
            user,
        }))
    }

    /// The ways by which this user can come in now.
    fn methods(&self, auth: &Auth, now: Timestamp) -> Vec<Method> {
        let is_on = |account: &Account| {
            auth.oauth_client(&account.provider).is_some() || auth.credentials(&account.provider).is_some()
        };
        let accounts = self.accounts.iter().map(|record| record.account.clone()).filter(is_on);
        let has_mail = auth.email.is_some() && self.user.email_verified.is_some();
        let passkeys = self.passkeys.iter().filter(|_| auth.has_passkeys());
        accounts
            .map(Method::Account)
            .chain(has_mail.then_some(Method::Email))
            .chain(self.has_password(auth, now).then_some(Method::Password))
            .chain(passkeys.map(|passkey| Method::Passkey(passkey.credential_id.clone())))
            .collect()
    }

    fn has_password(&self, auth: &Auth, now: Timestamp) -> bool {
        has_passwords(auth) && self.records.get(PASSWORD, now).is_some()
    }
}

fn has_passwords(auth: &Auth) -> bool {
    auth.min_password_length().is_some()
}

/// Takes a way to sign in away, unless it is the last one (LK-08). `remove` says whether it was there.
///
/// What the user has is looked at by one request at a time: two that each see the other's method would take both.
///
/// # Errors
/// [`AuthError::LastMethod`]; when the store is away.
pub(crate) async fn remove(
    auth: &Auth,
    adapter: &dyn Adapter,
    user_id: &str,
    method: &Method,
    remove: impl AsyncFnOnce(Option<Change<'_>>) -> Result<bool, AuthError>,
) -> Result<bool, AuthError> {
    let turn = take_turn(auth, adapter, user_id).await?;
    let end_of_turn =
        turn.as_ref().map(|value| Change::RemoveRecord { kind: METHOD_REMOVAL, id: "", value: Some(value) });
    let removed = async {
        let stored = Stored::of(adapter, user_id).await?.ok_or(AuthError::SignedOut)?;
        let others = stored.methods(auth, auth.clock.now()).into_iter().filter(|other| other != method);
        if others.count() == 0 {
            return Err(AuthError::LastMethod);
        }
        remove(end_of_turn).await
    };
    let removed = removed.await;
    match (removed, end_of_turn) {
        (Ok(true), _) => Ok(true),
        (removed, Some(end_of_turn)) => {
            let had_turn = adapter.change_user(user_id, &[end_of_turn]).await?;
            // Another request may have removed a method since: nothing was removed here.
            if had_turn || removed.is_err() { removed } else { Err(AuthError::Busy) }
        }
        (removed, None) => removed,
    }
}

/// Waits until no other request, here or elsewhere, takes a method away from that user.
async fn take_turn(auth: &Auth, adapter: &dyn Adapter, user_id: &str) -> Result<Option<String>, AuthError> {
    if !adapter.keeps_user_records() {
        return Ok(None);
    }
    for _ in 0..=(LEASE.as_millis() / PAUSE.as_millis()) {
        let (records, now) = (UserRecords::of(adapter, user_id).await?, auth.clock.now());
        if records.get(METHOD_REMOVAL, now).is_none() {
            let turn = UserRecord {
                user_id: user_id.to_owned(),
                kind: METHOD_REMOVAL.to_owned(),
                id: String::new(),
                // Two that replace one that has expired: one wins.
                value: random::token(),
                created: now,
                expires: Some(now.plus(LEASE)),
            };
            if adapter.put_user_record(&turn, records.value(METHOD_REMOVAL, "")).await? {
                return Ok(Some(turn.value));
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(AuthError::RateLimited("methods of one account", LEASE))
}

/// The data of the page; `None`: nobody is signed in.
pub(crate) async fn methods(
    auth: &Auth,
    cookies: &Cookies<'_>,
    now: Timestamp,
) -> Result<Option<AccountMethods>, AuthError> {
    let read = auth.sessions.read(cookies, now, Reading::Look).await?;
    let (Some(session), Some(details)) = (read.session, read.details) else { return Ok(None) };
    let mut page = AccountMethods {
        providers: Vec::new(),
        email: None,
        has_password: None,
        passkeys: None,
        last_used: auth.last_used(cookies),
        is_fresh: auth.require_fresh(&details, FRESH).is_ok(),
    };
    // Without a database there is one way in: the one that was taken.
    let Some(adapter) = &auth.adapter else { return Ok(Some(page)) };
    let Some(stored) = Stored::of(&**adapter, &session.user.id).await? else { return Ok(None) };
    let ways = stored.methods(auth, now);
    page.providers = providers(auth, &stored, &ways);
    page.email = auth.email.is_some().then(|| EmailMethod {
        address: stored.user.email.clone(),
        is_proven: stored.user.email_verified.is_some(),
    });
    page.has_password = has_passwords(auth).then(|| stored.has_password(auth, now));
    page.passkeys = auth.has_passkeys().then(|| u32::try_from(stored.passkeys.len()).unwrap_or(u32::MAX));
    Ok(Some(page))
}

/// The providers that are on, in the order of their buttons, then those that were switched off.
fn providers(auth: &Auth, stored: &Stored, ways: &[Method]) -> Vec<ProviderMethod> {
    let linked = |record: &AccountRecord| LinkedAccount {
        id: record.account.provider_account_id.clone(),
        name: auth.provider_tokens.account_name(record),
        since: record.created.to_rfc3339(),
        is_last: ways.iter().all(|way| *way == Method::Account(record.account.clone())),
    };
    let mut ids: Vec<&str> = auth.oauth_providers().collect();
    for record in &stored.accounts {
        if !ids.contains(&record.account.provider.as_str()) {
            ids.push(&record.account.provider);
        }
    }
    let provider = |id: &str| {
        let own = stored.accounts.iter().filter(|record| record.account.provider == id);
        ProviderMethod {
            method: auth.method(id),
            can_link: auth.oauth_client(id).is_some(),
            accounts: own.map(linked).collect(),
        }
    };
    ids.into_iter().map(provider).collect()
}
