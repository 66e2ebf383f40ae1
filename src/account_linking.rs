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

use std::sync::Arc;

use crate::{
    adapter::{Account, Adapter, AdapterError, User},
    clock::Timestamp,
    email::EmailAddress,
    error::AuthError,
    hash, random,
};

/// A person who signed in at a provider or by the `authorize` hook.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<EmailAddress>,
    /// Whether the address counts as proven.
    pub(crate) is_email_proven: bool,
    pub(crate) image: Option<String>,
}

/// Whose session it will be.
pub(crate) struct Resolved {
    pub(crate) user: User,
    pub(crate) is_new: bool,
}

/// The user of an account, made at the first sign-in.
pub(crate) async fn by_account(
    adapter: Option<&Arc<dyn Adapter>>,
    person: Person,
    now: Timestamp,
) -> Result<Resolved, AuthError> {
    let Some(adapter) = adapter else { return Ok(without_database(person)) };
    let Account { provider, provider_account_id, .. } = &person.account;
    if let Some(user) = adapter.get_user_by_account(provider, provider_account_id).await? {
        return Ok(Resolved { user, is_new: false });
    }
    if let Some(email) = &person.email
        && adapter.get_user_by_email(email.key()).await?.is_some()
    {
        return Err(AuthError::AccountNotLinked);
    }
    let user = new_user(&person, now);
    let key = person.email.as_ref().filter(|_| person.is_email_proven).map(EmailAddress::key);
    match adapter.create_user(&user, key, Some(&person.account), now).await {
        Ok(()) => Ok(Resolved { user, is_new: true }),
        // Somebody was first: the same person in another tab, or another user with that address.
        Err(AdapterError::Conflict) => {
            let winner = adapter.get_user_by_account(provider, provider_account_id).await?;
            winner.map(|user| Resolved { user, is_new: false }).ok_or(AuthError::AccountNotLinked)
        }
        Err(error) => Err(error.into()),
    }
}

/// The user who owns an address, proven a moment ago by our own mail.
pub(crate) async fn by_proven_email(
    adapter: &Arc<dyn Adapter>,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<Resolved, AuthError> {
    if let Some(user) = adapter.get_user_by_email(email.key()).await? {
        return Ok(Resolved { user, is_new: false });
    }
    let user = User {
        id: random::uuid(),
        name: None,
        email: Some(email.to_string()),
        email_verified: Some(now),
        image: None,
    };
    match adapter.create_user(&user, Some(email.key()), None, now).await {
        Ok(()) => Ok(Resolved { user, is_new: true }),
        Err(AdapterError::Conflict) => {
            let winner = adapter.get_user_by_email(email.key()).await?;
            winner.map(|user| Resolved { user, is_new: false }).ok_or(AdapterError::Conflict.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Without a database the profile is the user; the id follows from the account, so it is always the same.
fn without_database(person: Person) -> Resolved {
    let Account { provider, provider_account_id, .. } = &person.account;
    let digest = hash::sha256(&[provider, "\n", provider_account_id]);
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    let user = User { id: random::to_uuid(half, 8), ..new_user(&person, Timestamp::from_millis(0)) };
    Resolved { user, is_new: false }
}

fn new_user(person: &Person, now: Timestamp) -> User {
    User {
        id: random::uuid(),
        name: person.name.clone(),
        email: person.email.as_ref().map(ToString::to_string),
        email_verified: (person.is_email_proven && person.email.is_some()).then_some(now),
        image: person.image.clone(),
    }
}
