//! Sets, changes and removes the password of the signed-in user. Each needs a recent sign-in, and the current password if
//! there is one (CR-10). A change ends all other sessions immediately and cancels a pending change of address.

use super::{
    Owner, commit_and_cancel_email_change, done_rotated, end_others_if_asked,
    methods::{self, Method},
};
use crate::{
    action::{forget_tokens, password_reset::identifier},
    adapter::{Change, UserRecord},
    audit::{Event, Note},
    auth::Auth,
    email::EmailAddress,
    error::AuthError,
    password::{Password, Passwords, Verdict},
    rate_limit::{Attempt, OnSuccess, PASSWORDS_OF_OWNER},
    request::{ActionRequest, Redirect},
    types::Done,
    user_records::kind::PASSWORD,
};

pub(super) const PAGE: &str = "/account/password";

/// Sets or changes it.
pub(super) async fn change(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let passwords = auth.passwords.as_ref().ok_or(AuthError::NotFound)?;
    let owner = Owner::fresh(auth, request).await?;
    let password = Password::parse(request.parameters.get("password").unwrap_or_default())?;
    let address = proven_address(&owner)?;
    let former = check_former(auth, passwords, &owner, request).await?;
    passwords.rules.check(&password, &address, owner.user.name.as_deref())?;
    let record = UserRecord {
        user_id: owner.user.id.clone(),
        kind: PASSWORD.to_owned(),
        id: String::new(),
        value: passwords.hasher.hash(&password).await?,
        created: request.now,
        expires: None,
    };
    let (event, word) = match former {
        Some(_) => (Event::PasswordChanged, Done::PasswordChanged),
        None => (Event::PasswordSet, Done::PasswordSet),
    };
    // Revokes reset links that were requested before (CR-11).
    forget_tokens(auth, &*owner.adapter, &identifier(&address), request.now).await?;
    // Before the change: the new password must not take effect while an attacker's session is still active.
    auth.end_sessions(&owner.user.id, Some(&owner.session)).await?;
    let put = Change::PutRecord { record: &record, from: former };
    let note = Note::of(event, &owner.user.id);
    if !commit_and_cancel_email_change(auth, request, &[put], note).await? {
        return Err(AuthError::InvalidInput("another request has just changed the password"));
    }
    // Again: also ends sessions that began with the old password since the first call.
    auth.end_sessions(&owner.user.id, Some(&owner.session)).await?;
    done_rotated(auth, request, PAGE, word).await
}

/// Takes it away: mail to the proven address still leads in.
pub(super) async fn remove(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let passwords = auth.passwords.as_ref().ok_or(AuthError::NotFound)?;
    let owner = Owner::fresh(auth, request).await?;
    proven_address(&owner)?;
    let former = check_former(auth, passwords, &owner, request).await?;
    if former.is_some() {
        let (adapter, user_id) = (&*owner.adapter, owner.user.id.as_str());
        let removed = Change::RemoveRecord { kind: PASSWORD, id: "", value: former };
        let remove = async |end_of_turn: Option<Change<'_>>| {
            end_others_if_asked(auth, request, &owner).await?;
            let changes: Vec<_> = end_of_turn.into_iter().chain([removed]).collect();
            let note = Note::of(Event::PasswordRemoved, user_id);
            commit_and_cancel_email_change(auth, request, &changes, note).await
        };
        methods::remove(auth, adapter, user_id, &Method::Password, remove).await?;
    }
    done_rotated(auth, request, PAGE, Done::PasswordRemoved).await
}

/// A password goes with an address, and only its owner can sign in by it.
fn proven_address(owner: &Owner) -> Result<EmailAddress, AuthError> {
    let proven = owner.user.email.as_deref().filter(|_| owner.user.email_verified.is_some());
    let proven = proven.and_then(|address| EmailAddress::parse(address).ok());
    proven.ok_or(AuthError::InvalidInput("a password needs an address that is proven"))
}

/// The stored hash, if there is one, and the person knows the password. A stolen session gets few tries.
async fn check_former<'o>(
    auth: &Auth,
    passwords: &Passwords,
    owner: &'o Owner,
    request: &ActionRequest<'_>,
) -> Result<Option<&'o str>, AuthError> {
    let Some(stored) = owner.records.value(PASSWORD, "") else { return Ok(None) };
    let typed = Password::parse(request.parameters.get("currentPassword").unwrap_or_default())?;
    let (id, failures) = (&owner.user.id, auth.limits.configured.account_failures);
    let mut attempt = Attempt::new(&auth.limits, request.now);
    let counts = [
        (PASSWORDS_OF_OWNER, id.clone(), OnSuccess::Clear),
        (failures, format!("password-owner\n{id}"), OnSuccess::Clear),
    ];
    attempt.count(&counts).await?;
    let verdict = match passwords.hasher.verify(&typed, Some(stored)).await {
        Ok(Verdict::Wrong) => Err(AuthError::Credentials { code: "credentials" }),
        Ok(Verdict::Right | Verdict::RightButOld) => Ok(Some(stored)),
        Err(error) => Err(error),
    };
    attempt.settle(verdict.as_ref()).await;
    verdict
}
