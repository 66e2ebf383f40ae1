//! Which user a sign-in belongs to: one table, decided here and nowhere else.
//!
//! | account known | address proven by another user | result |
//! | --- | --- | --- |
//! | yes | | that account's user |
//! | no | yes | refused: `OAuthAccountNotLinked` |
//! | no | no | a new user with this account |
//!
//! An e-mail address never leads to a user, except the owner's own proof of it (the link or code that we mailed).
//! An address that a provider only claims is stored for display and reserves nothing, so nobody can wait in
//! somebody else's future account (pre-hijacking).

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    adapter::{Account, Adapter, AdapterError, Owner, User},
    callback::{Hooks, SignInAttempt},
    clock::Timestamp,
    email::EmailAddress,
    error::AuthError,
    event::Observers,
    hash, random,
};

/// What deciding takes.
pub(crate) struct Linking<'a> {
    pub(crate) adapter: Option<&'a Arc<dyn Adapter>>,
    pub(crate) hooks: &'a Hooks,
    pub(crate) observers: &'a Observers,
}

/// A person who signed in at a provider or by the `authorize` hook.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<EmailAddress>,
    /// Whether the address counts as proven.
    pub(crate) is_email_proven: bool,
    pub(crate) image: Option<String>,
    /// What the provider said, as it came.
    pub(crate) profile: Option<Value>,
    /// What the provider gave, sealed.
    pub(crate) tokens: Option<String>,
}

/// Whose session it will be.
pub(crate) struct Resolved {
    pub(crate) user: User,
    pub(crate) is_new: bool,
    /// How the person came, for the callbacks.
    pub(crate) account: Option<Account>,
    pub(crate) profile: Option<Value>,
    /// The longest session that the `sign_in` callback allows.
    pub(crate) max_age: Option<Duration>,
    /// Whether two factors were shown already, so that no second step is asked for.
    pub(crate) is_multi_factor: bool,
}

/// The user of an account, made at the first sign-in.
pub(crate) async fn by_account(
    linking: &Linking<'_>,
    person: Person,
    now: Timestamp,
) -> Result<Resolved, AuthError> {
    let Some(adapter) = linking.adapter else {
        return linking.admit(without_database(&person), false, person).await;
    };
    let Account { provider, provider_account_id, .. } = &person.account;
    // A proven address is unique in the store, which decides below; one that is only claimed must be asked for.
    let claimed = person.email.as_ref().filter(|_| !person.is_email_proven);
    let mut owner = match claimed {
        Some(email) => adapter.find_owner(provider, provider_account_id, email.key()).await?,
        None => by_account_alone(adapter, provider, provider_account_id).await?,
    };
    if owner == Owner::OfAddress {
        // The same person in another tab may have become that user since the first look (CC-02).
        owner = by_account_alone(adapter, provider, provider_account_id).await?;
        if owner == Owner::Nobody {
            return Err(AuthError::AccountNotLinked);
        }
    }
    if let Owner::OfAccount(user) = owner {
        return linking.admit(user, false, person).await;
    }
    let key = person.email.as_ref().filter(|_| person.is_email_proven).cloned();
    let user = new_user(&person, now);
    let tokens = person.tokens.clone();
    let mut resolved = linking.admit(user, true, person).await?;
    let Some(account) = &resolved.account else { return Ok(resolved) };
    let key = key.as_ref().map(EmailAddress::key);
    match adapter.create_user(&resolved.user, key, Some(account), tokens.as_deref()).await {
        Ok(id) => {
            resolved.user.id = id;
            linking.tell_new(&resolved.user, Some(account)).await;
            Ok(resolved)
        }
        // Somebody was first: the same person in another tab, or another user with that address.
        Err(AdapterError::Conflict) => {
            let winner = adapter.get_user_by_account(&account.provider, &account.provider_account_id).await?;
            resolved.user = winner.ok_or(AuthError::AccountNotLinked)?;
            resolved.is_new = false;
            Ok(resolved)
        }
        Err(error) => Err(error.into()),
    }
}

async fn by_account_alone(
    adapter: &Arc<dyn Adapter>,
    provider: &str,
    provider_account_id: &str,
) -> Result<Owner, AdapterError> {
    let user = adapter.get_user_by_account(provider, provider_account_id).await?;
    Ok(user.map_or(Owner::Nobody, Owner::OfAccount))
}

/// The user of a passkey, who has shown it and a finger, a face or a PIN to it.
#[cfg(feature = "passkey")]
pub(crate) async fn by_passkey(
    linking: &Linking<'_>,
    user: User,
    account: Account,
) -> Result<Resolved, AuthError> {
    let attempt = SignInAttempt {
        user: &user,
        is_new: false,
        provider: &account.provider,
        account: Some(&account),
        profile: None,
        is_request: false,
    };
    let max_age = linking.hooks.sign_in(&attempt).await?;
    let account = Some(account);
    Ok(Resolved { user, is_new: false, account, profile: None, max_age, is_multi_factor: true })
}

/// Whether a mail may be sent to an address: asks the `sign_in` callback, and stores nothing.
pub(crate) async fn ask_for_mail(
    linking: &Linking<'_>,
    adapter: &Arc<dyn Adapter>,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<(), AuthError> {
    if linking.hooks.0.is_none() {
        return Ok(());
    }
    linking.admit_owner(adapter, email, false, now).await.map(drop)
}

/// The user who owns an address, proven a moment ago by our own mail.
pub(crate) async fn by_proven_email(
    linking: &Linking<'_>,
    adapter: &Arc<dyn Adapter>,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<Resolved, AuthError> {
    let mut resolved = linking.admit_owner(adapter, email, true, now).await?;
    if !resolved.is_new {
        return Ok(resolved);
    }
    match adapter.create_user(&resolved.user, Some(email.key()), None, None).await {
        Ok(id) => {
            resolved.user.id = id;
            linking.tell_new(&resolved.user, None).await;
            Ok(resolved)
        }
        Err(AdapterError::Conflict) => {
            let winner = adapter.get_user_by_email(email.key()).await?;
            resolved.user = winner.ok_or(AdapterError::Conflict)?;
            resolved.is_new = false;
            Ok(resolved)
        }
        Err(error) => Err(error.into()),
    }
}

impl Linking<'_> {
    /// Asks the `sign_in` callback about somebody who came by an account.
    async fn admit(&self, user: User, is_new: bool, person: Person) -> Result<Resolved, AuthError> {
        let attempt = SignInAttempt {
            user: &user,
            is_new,
            provider: &person.account.provider,
            account: Some(&person.account),
            profile: person.profile.as_ref(),
            is_request: false,
        };
        let max_age = self.hooks.sign_in(&attempt).await?;
        Ok(Resolved {
            user,
            is_new,
            account: Some(person.account),
            profile: person.profile,
            max_age,
            is_multi_factor: false,
        })
    }

    /// Asks the `sign_in` callback about the owner of an address: proven now, or only asked for.
    async fn admit_owner(
        &self,
        adapter: &Arc<dyn Adapter>,
        email: &EmailAddress,
        is_proven: bool,
        now: Timestamp,
    ) -> Result<Resolved, AuthError> {
        let known = adapter.get_user_by_email(email.key()).await?;
        let is_new = known.is_none();
        let user = known.unwrap_or_else(|| owner(email, is_proven, now));
        let attempt = SignInAttempt {
            user: &user,
            is_new,
            provider: "email",
            account: None,
            profile: None,
            is_request: !is_proven,
        };
        let max_age = self.hooks.sign_in(&attempt).await?;
        Ok(Resolved { user, is_new, account: None, profile: None, max_age, is_multi_factor: false })
    }

    async fn tell_new(&self, user: &User, account: Option<&Account>) {
        self.observers.tell("create_user", |events| events.create_user(user)).await;
        if let Some(account) = account {
            self.observers.tell("link_account", |events| events.link_account(user, account)).await;
        }
    }
}

/// Without a database the profile is the user; the id follows from the account, so it is always the same.
fn without_database(person: &Person) -> User {
    let Account { provider, provider_account_id, .. } = &person.account;
    let id = derived_user_id(provider, provider_account_id);
    User { id, ..new_user(person, Timestamp::from_millis(0)) }
}

/// The id of a user whom no database knows.
pub(crate) fn derived_user_id(provider: &str, provider_account_id: &str) -> String {
    hash::uuid(&[provider, "\n", provider_account_id])
}

fn new_user(person: &Person, now: Timestamp) -> User {
    User {
        id: random::uuid(),
        name: person.name.clone(),
        email: person.email.as_ref().map(ToString::to_string),
        email_verified: (person.is_email_proven && person.email.is_some()).then_some(now),
        image: person.image.clone(),
        created: now,
    }
}

/// A new user of whom only the address is known.
fn owner(email: &EmailAddress, is_proven: bool, now: Timestamp) -> User {
    User {
        id: random::uuid(),
        name: None,
        email: Some(email.to_string()),
        email_verified: is_proven.then_some(now),
        image: None,
        created: now,
    }
}
