//! One way to sign in less: an account elsewhere leaves, and the provider's tokens with it.

use super::{
    Owner, done,
    methods::{self, Method},
};
use crate::{
    audit::{Event, Note},
    auth::Auth,
    error::AuthError,
    request::{ActionRequest, Redirect},
    types::Done,
};

/// Takes an account away from its owner. Sessions that began with it stay: they are ended on the page of the devices.
pub(super) async fn unlink(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    const MISSING: AuthError = AuthError::InvalidInput("there is no account to unlink");
    let owner = Owner::fresh(auth, request).await?;
    let provider = request.parameters.get("provider").ok_or(MISSING)?;
    let id = request.parameters.get("account").ok_or(MISSING)?;
    let records = owner.adapter.get_accounts(&owner.user.id).await?;
    let of_owner =
        |account: &crate::adapter::Account| account.provider == provider && account.provider_account_id == id;
    // The store does not ask whose it is (AZ-02).
    let account = records.into_iter().map(|record| record.account).find(of_owner).ok_or(MISSING)?;
    let remove = async || owner.adapter.unlink_account(provider, id).await;
    if methods::remove(auth, &owner, &Method::Account(account.clone()), remove).await? {
        let note = Note::of(Event::AccountUnlinked, &owner.user.id);
        auth.note(request, Note { method: Some(provider), ..note }).await?;
        auth.observers.tell("unlink_account", |events| events.unlink_account(&owner.user, &account)).await;
    }
    Ok(done(auth, methods::PAGE, Done::Unlinked))
}
