//! Decides which user a sign-in belongs to, and which user gets another sign-in method. This table is the only place that
//! decides it.
//!
//! An email address leads to a user only if its owner has verified it: with the link or code that we emailed, or through
//! a provider that the operator has listed as trusted for this. An unverified address from a provider is stored for
//! display and reserves nothing, so an attacker cannot prepare an account for someone else's address (pre-hijacking).
//!
//! An address is *verified* if the provider reports it as verified and has `trusts_email`; otherwise it is *claimed*. An
//! address is *owned* by the one user who has verified it.
//!
//! | row | the user | account | address | result |
//! | --- | --- | --- | --- | --- |
//! | 1 | signs in at a provider | known | any | the account's user, who keeps their address (LK-09) |
//! | 2 | | unknown | none | a new user |
//! | 3 | | unknown | claimed, not owned | a new user, who does not own it (LK-01, LK-05) |
//! | 4 | | unknown | claimed, owned | rejected, with an offer to link: `OAuthAccountNotLinked` (LK-02, LK-03, LK-10) |
//! | 5 | | unknown | verified, not owned | a new user, who owns it |
//! | 6 | | unknown | verified, owned | rejected, with an offer to link |
//! | 7 | | unknown | verified, owned; in `AUTH_LINK_TRUSTED` | linked to the owner; as in 6 with a second factor or a lock |
//! | 8 | verifies an address by email | | owned | the owner |
//! | 9 | | | not owned | a new user, even if others claim it (LK-01, LK-04, LK-05) |
//! | 10 | asks to link while signed in | unknown | any | linked to the signed-in user |
//! | 11 | | their own | any | nothing changes, with a message |
//! | 12 | | of another user | any | rejected, nothing changes: `AccountOfAnotherUser` (LK-07) |
//! | 13 | was offered to link, has signed in, confirms | as in 10 to 12 | owned by them | as in 10 to 12 |
//! | 14 | | any | not owned by them | nothing changes |
//!
//! Rows 10 to 14 require a form of ours with its CSRF token, and a session whose user signed in at most 15 minutes ago. Of
//! parallel requests for one account only one succeeds (CC-01, CC-02, CC-05): the unique keys of the database decide.

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
    user_records::{UserRecords, kind},
};

/// What deciding takes.
pub(crate) struct Linking<'a> {
    pub(crate) adapter: Option<&'a Arc<dyn Adapter>>,
    pub(crate) hooks: &'a Hooks,
    pub(crate) observers: &'a Observers,
    /// Ids of the providers of row 7.
    pub(crate) trusted: &'a [String],
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
    /// Whether the account has yet to be linked to them (row 7).
    pub(crate) must_link: bool,
    /// How the person came, for the callbacks.
    pub(crate) account: Option<Account>,
    pub(crate) profile: Option<Value>,
    /// The longest session that the `sign_in` callback allows.
    pub(crate) max_age: Option<Duration>,
    /// Whether two factors were shown already, so that no second step is asked for.
    #[cfg_attr(not(feature = "totp"), allow(dead_code, reason = "nobody is asked for one"))]
    pub(crate) is_multi_factor: bool,
}

/// What came of linking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Linked {
    /// The user has one more way to sign in.
    Now,
    /// It was theirs already.
    Before,
}

/// The user of an account, made at the first sign-in (rows 1 to 7).
pub(crate) async fn by_account(
    linking: &Linking<'_>,
    person: Person,
    now: Timestamp,
) -> Result<Resolved, AuthError> {
    let Some(adapter) = linking.adapter else {
        return linking.admit(without_database(&person), false, person).await;
    };
    match linking.owner(adapter, &person).await? {
        Owner::OfAccount(user) => linking.admit(user, false, person).await,
        Owner::OfAddress => linking.by_owned_address(adapter, person, now).await,
        Owner::Nobody => linking.newcomer(adapter, person, now).await,
    }
}

/// Stores one more account of a user and returns the outcome (rows 7 and 10 to 12). The caller has already asked the
/// `sign_in` callback.
///
/// [`AuthError::AccountOfAnotherUser`]; when the store is away.
pub(crate) async fn linked(
    linking: &Linking<'_>,
    user: &User,
    account: &Account,
    stored: Result<bool, AdapterError>,
) -> Result<Linked, AuthError> {
    let Account { provider, provider_account_id, .. } = account;
    match stored {
        Ok(true) => {
            linking.tell_linked(user, account).await;
            Ok(Linked::Now)
        }
        Ok(false) => Err(AuthError::SignedOut),
        Err(AdapterError::Conflict) => {
            let adapter = linking.adapter.ok_or(AuthError::SignedOut)?;
            match adapter.get_user_by_account(provider, provider_account_id).await? {
                Some(owner) if owner.id == user.id => Ok(Linked::Before),
                _ => Err(AuthError::AccountOfAnotherUser),
            }
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
    Ok(Resolved {
        user,
        is_new: false,
        must_link: false,
        account,
        profile: None,
        max_age,
        is_multi_factor: true,
    })
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

/// A user who has just typed their password.
#[cfg(feature = "password")]
pub(crate) async fn by_password(linking: &Linking<'_>, user: User) -> Result<Resolved, AuthError> {
    let attempt = SignInAttempt {
        user: &user,
        is_new: false,
        provider: "password",
        account: None,
        profile: None,
        is_request: false,
    };
    let max_age = linking.hooks.sign_in(&attempt).await?;
    Ok(Resolved {
        user,
        is_new: false,
        must_link: false,
        account: None,
        profile: None,
        is_multi_factor: false,
        max_age,
    })
}

/// The user who owns an address, proven a moment ago by our own mail (rows 8 and 9). A new one gets that name.
pub(crate) async fn by_proven_email(
    linking: &Linking<'_>,
    adapter: &Arc<dyn Adapter>,
    email: &EmailAddress,
    name: Option<String>,
    now: Timestamp,
) -> Result<Resolved, AuthError> {
    let mut resolved = linking.admit_owner(adapter, email, true, now).await?;
    if !resolved.is_new {
        return Ok(resolved);
    }
    resolved.user.name = name;
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

/// Whether more than one proof is asked of that user, or none is enough: nothing is added to such an account before all of
/// it was given.
async fn is_guarded(adapter: &Arc<dyn Adapter>, user: &User, now: Timestamp) -> Result<bool, AdapterError> {
    let records = UserRecords::of(&**adapter, &user.id).await?;
    Ok([kind::SECOND_STEP, kind::LOCK].into_iter().any(|kind| records.get(kind, now).is_some()))
}

impl Linking<'_> {
    /// Whose the account is and, if it is nobody's, whether the address is owned. Where a proven address would only make
    /// the person somebody new, the store decides that by its unique key, and is not asked before.
    async fn owner(&self, adapter: &Arc<dyn Adapter>, person: &Person) -> Result<Owner, AdapterError> {
        let Account { provider, provider_account_id, .. } = &person.account;
        let asked = person.email.as_ref().filter(|_| !person.is_email_proven || self.is_trusted(provider));
        let owner = match asked {
            Some(email) => adapter.find_owner(provider, provider_account_id, email.key()).await?,
            None => by_account_alone(adapter, provider, provider_account_id).await?,
        };
        if owner == Owner::OfAddress {
            // The same person in another tab may have become that user since the first look (CC-02).
            let again = by_account_alone(adapter, provider, provider_account_id).await?;
            return Ok(if again == Owner::Nobody { owner } else { again });
        }
        Ok(owner)
    }

    fn is_trusted(&self, provider: &str) -> bool {
        self.trusted.iter().any(|trusted| trusted == provider)
    }

    /// Rows 4, 6 and 7: both sides have to be proven, and the operator must have said that this provider's word counts.
    async fn by_owned_address(
        &self,
        adapter: &Arc<dyn Adapter>,
        person: Person,
        now: Timestamp,
    ) -> Result<Resolved, AuthError> {
        let email = person.email.as_ref().filter(|_| person.is_email_proven);
        let email = email.filter(|_| self.is_trusted(&person.account.provider));
        let user = match email {
            Some(email) => adapter.get_user_by_email(email.key()).await?,
            None => None,
        };
        let user = match user {
            Some(user) if !is_guarded(adapter, &user, now).await? => Some(user),
            _ => None,
        };
        let Some(user) = user else {
            // Whoever would not come in as somebody new is not offered to link either.
            self.admit(new_user(&person, now), true, person).await?;
            return Err(AuthError::AccountNotLinked);
        };
        let resolved = self.admit(user, false, person).await?;
        Ok(Resolved { must_link: true, ..resolved })
    }

    /// Rows 2, 3 and 5.
    async fn newcomer(
        &self,
        adapter: &Arc<dyn Adapter>,
        person: Person,
        now: Timestamp,
    ) -> Result<Resolved, AuthError> {
        let key = person.email.as_ref().filter(|_| person.is_email_proven).cloned();
        let user = new_user(&person, now);
        let tokens = person.tokens.clone();
        let mut resolved = self.admit(user, true, person).await?;
        let Some(account) = &resolved.account else { return Ok(resolved) };
        let key = key.as_ref().map(EmailAddress::key);
        match adapter.create_user(&resolved.user, key, Some(account), tokens.as_deref()).await {
            Ok(id) => {
                resolved.user.id = id;
                self.tell_new(&resolved.user, Some(account)).await;
                Ok(resolved)
            }
            // Somebody was first: the same person in another tab, or another user with that address.
            Err(AdapterError::Conflict) => {
                let winner =
                    adapter.get_user_by_account(&account.provider, &account.provider_account_id).await?;
                resolved.user = winner.ok_or(AuthError::AccountNotLinked)?;
                resolved.is_new = false;
                Ok(resolved)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Asks the `sign_in` callback about somebody who came by an account.
    pub(crate) async fn admit(
        &self,
        user: User,
        is_new: bool,
        person: Person,
    ) -> Result<Resolved, AuthError> {
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
            must_link: false,
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
        Ok(Resolved {
            user,
            is_new,
            must_link: false,
            account: None,
            profile: None,
            max_age,
            is_multi_factor: false,
        })
    }

    async fn tell_new(&self, user: &User, account: Option<&Account>) {
        self.observers.tell("create_user", |events| events.create_user(user)).await;
        if let Some(account) = account {
            self.tell_linked(user, account).await;
        }
    }

    async fn tell_linked(&self, user: &User, account: &Account) {
        self.observers.tell("link_account", |events| events.link_account(user, account)).await;
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
