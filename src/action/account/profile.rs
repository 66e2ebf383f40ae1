//! Changes the display name.

use super::{Owner, done};
use crate::{
    adapter::{Change, User},
    audit::{Event, Note},
    auth::Auth,
    error::AuthError,
    request::{ActionRequest, Parameters, Redirect},
    text,
    types::Done,
};

pub(super) const PAGE: &str = "/account";
/// In characters as a reader counts them (grapheme clusters).
const LONGEST_NAME: usize = 100;

/// Returns the user's name from the form.
///
/// # Errors
/// See [`typed_name`].
pub(crate) fn name(parameters: &Parameters) -> Result<Option<String>, AuthError> {
    typed_name(parameters, LONGEST_NAME)
}

/// Returns a name from the form, cleaned by the rule for all names ([`text::name`]). Returns `None` if no visible
/// character remains: the name is then removed.
///
/// # Errors
/// [`AuthError::InvalidInput`] if the name is too long or contains control characters.
pub(super) fn typed_name(parameters: &Parameters, longest: usize) -> Result<Option<String>, AuthError> {
    let typed = parameters.get("name").unwrap_or_default();
    let name = text::name(typed);
    // An emoji can have several code points, and the name is stored in cookies.
    let is_long = |name: &String| text::length(name) > longest || name.chars().count() > 2 * longest;
    if name.as_ref().is_some_and(is_long) || typed.trim().chars().any(char::is_control) {
        return Err(AuthError::InvalidInput("the name is too long or contains control characters"));
    }
    Ok(name)
}

/// Stores another name; an empty one removes it.
pub(super) async fn change(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::of(auth, request).await?;
    let name = name(&request.parameters)?;
    let change = Change::Name(name.as_deref());
    if !auth.commit(request, &[change], Note::of(Event::ProfileChanged, &owner.user.id)).await? {
        return Err(AuthError::SignedOut);
    }
    let user = User { name, ..owner.user };
    auth.observers.tell("update_user", |events| events.update_user(&user)).await;
    auth.user_changed(&user.id).await?;
    Ok(done(auth, PAGE, Done::ProfileSaved))
}
