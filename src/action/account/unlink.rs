//! One way to sign in less: an account elsewhere leaves, and the provider's tokens with it.

use super::{
    Owner, done_rotated, end_others_if_asked,
    methods::{self, Method},
};
use crate::{
    adapter::{Account, Adapter, User},
    audit::{Event, Note},
    auth::Auth,
    error::AuthError,
    request::{ActionRequest, Redirect},
    types::Done,
};

/// Takes an account away from its owner. Sessions that began with it continue, unless the form ends all others.
pub(super) async fn ask(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    const MISSING: AuthError = AuthError::InvalidInput("there is no account to unlink");
    let owner = Owner::fresh(auth, request).await?;
    let provider = request.parameters.get("provider").ok_or(MISSING)?;
    let id = request.parameters.get("account").ok_or(MISSING)?;
    let unlinked = unlink(auth, &*owner.adapter, &owner.user, provider, id).await;
    let note = Note { method: Some(provider), ..Note::of(Event::AccountUnlinked, &owner.user.id) };
    match unlinked {
        Ok(true) => {
            end_others_if_asked(auth, request, &owner).await?;
            auth.note(request, note).await?;
        }
        Ok(false) => return Err(MISSING),
        Err(AuthError::LastMethod) => {
            auth.note(request, Note { refused: Some("the last way to sign in"), ..note }).await?;
            return Err(AuthError::LastMethod);
        }
        Err(error) => return Err(error),
    }
    done_rotated(auth, request, methods::PAGE, Done::Unlinked).await
}

/// The same for whoever decides that, and `false` when it is not theirs.
pub(crate) async fn unlink(
    auth: &Auth,
    adapter: &dyn Adapter,
    user: &User,
    provider: &str,
    id: &str,
) -> Result<bool, AuthError> {
    let records = adapter.get_accounts(&user.id).await?;
    let is_meant = |account: &Account| account.provider == provider && account.provider_account_id == id;
    // The store does not ask whose it is (AZ-02).
    let Some(account) = records.into_iter().map(|record| record.account).find(is_meant) else {
        return Ok(false);
    };
    let method = Method::Account(account.clone());
    let remove = async || adapter.unlink_account(provider, id).await;
    let is_removed = methods::remove(auth, adapter, &user.id, &method, remove).await?;
    if is_removed {
        auth.observers.tell("unlink_account", |events| events.unlink_account(user, &account)).await;
    }
    Ok(is_removed)
}
