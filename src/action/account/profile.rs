//! The name that others see.

use super::{Owner, done};
use crate::{
    adapter::{Change, User},
    audit::{Event, Note},
    auth::Auth,
    error::AuthError,
    request::{ActionRequest, Parameters, Redirect},
    types::Done,
};

pub(super) const PAGE: &str = "/account";
/// Characters.
const LONGEST_NAME: usize = 100;

/// What a form has in its field for the name.
///
/// # Errors
/// [`AuthError::InvalidInput`] for what is no name.
pub(crate) fn name(parameters: &Parameters) -> Result<Option<&str>, AuthError> {
    let name = parameters.get("name").map(str::trim).filter(|name| !name.is_empty());
    if name.is_some_and(|name| name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control)) {
        return Err(AuthError::InvalidInput("a name is longer than 100 characters, or has odd ones"));
    }
    Ok(name)
}

/// Stores another name; an empty one removes it.
pub(super) async fn change(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::of(auth, request).await?;
    let name = name(&request.parameters)?;
    let user = User { name: name.map(str::to_owned), ..owner.user };
    if !auth.commit(request, &[Change::Name(name)], Note::of(Event::ProfileChanged, &user.id)).await? {
        return Err(AuthError::SignedOut);
    }
    auth.observers.tell("update_user", |events| events.update_user(&user)).await;
    auth.user_changed(&user.id).await?;
    Ok(done(auth, PAGE, Done::ProfileSaved))
}
