//! Removes a sign-in method: unlinks a provider's account and deletes the provider's tokens.

use super::{
    Owner, done_rotated, end_others_if_asked,
    methods::{self, Method},
};
use crate::{
    adapter::{Account, Adapter, Change, User},
    audit::{Event, Note},
    auth::Auth,
    error::AuthError,
    request::{ActionRequest, Redirect},
    types::Done,
};

/// Unlinks an account from its user. Sessions that began with it continue, unless the form ends all other sessions.
pub(super) async fn ask(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    const MISSING: AuthError = AuthError::InvalidInput("there is no account to unlink");
    let owner = Owner::fresh(auth, request).await?;
    let provider = request.parameters.get("provider").ok_or(MISSING)?;
    let id = request.parameters.get("account").ok_or(MISSING)?;
    let account = find(&*owner.adapter, &owner.user, provider, id).await?.ok_or(MISSING)?;
    let note = Note { method: Some(provider), ..Note::of(Event::AccountUnlinked, &owner.user.id) };
    let unlinked = remove(auth, &*owner.adapter, &owner.user, &account, async |changes| {
        end_others_if_asked(auth, request, &owner).await?;
        Ok(auth.commit(request, changes, note.clone()).await?)
    });
    match unlinked.await {
        Ok(true) => {}
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
    let Some(account) = find(adapter, user, provider, id).await? else { return Ok(false) };
    remove(auth, adapter, user, &account, async |changes| Ok(adapter.change_user(&user.id, changes).await?))
        .await
}

/// Finds an account of this user; another user's account is not found (AZ-02).
async fn find(
    adapter: &dyn Adapter,
    user: &User,
    provider: &str,
    id: &str,
) -> Result<Option<Account>, AuthError> {
    let is_meant = |account: &Account| account.provider == provider && account.provider_account_id == id;
    let records = adapter.get_accounts(&user.id).await?;
    Ok(records.into_iter().map(|record| record.account).find(is_meant))
}

async fn remove(
    auth: &Auth,
    adapter: &dyn Adapter,
    user: &User,
    account: &Account,
    make: impl AsyncFnOnce(&[Change<'_>]) -> Result<bool, AuthError>,
) -> Result<bool, AuthError> {
    let Account { provider, provider_account_id, .. } = account;
    let change = Change::UnlinkAccount { provider, provider_account_id };
    let method = Method::Account(account.clone());
    let remove = async |end_of_turn: Option<Change<'_>>| {
        make(&end_of_turn.into_iter().chain([change]).collect::<Vec<_>>()).await
    };
    let is_removed = methods::remove(auth, adapter, &user.id, &method, remove).await?;
    if is_removed {
        auth.observers.tell("unlink_account", |events| events.unlink_account(user, account)).await;
    }
    Ok(is_removed)
}
