//! Where somebody is signed in, and signing out there: at once here, within a second on other instances.

use leptos_auth_locales::Language;

use super::{FRESH, Owner, cancel_email_change, done, end_other_sessions};
use crate::{
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    request::{ActionRequest, Redirect},
    session::Reading,
    types::{AccountDevices, Done},
};

pub(super) const PAGE: &str = "/account/devices";

/// Signs one device out. Whether it was signed in, and whose it is, the answer does not say (AZ-02).
pub(super) async fn end_one(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    let id =
        request.parameters.get("session").ok_or(AuthError::InvalidInput("there is no session to end"))?;
    if auth.end_session(&owner.user.id, id).await? {
        auth.note(request, Note::of(Event::SessionEnded, &owner.user.id)).await?;
    }
    Ok(done(auth, PAGE, Done::DeviceSignedOut))
}

/// Signs all devices out but this one, and cancels a pending change of address.
pub(super) async fn end_others(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    cancel_email_change(auth, &owner.user.id).await?;
    end_other_sessions(auth, request, &owner).await?;
    Ok(done(auth, PAGE, Done::OthersSignedOut))
}

/// The data of the page; `None`: nobody is signed in.
pub(crate) async fn devices(
    auth: &Auth,
    cookies: &Cookies<'_>,
    language: &Language,
    now: Timestamp,
) -> Result<Option<AccountDevices>, AuthError> {
    let read = auth.sessions.read(cookies, now, Reading::Look).await?;
    let (Some(session), Some(details)) = (read.session, read.details) else { return Ok(None) };
    let current = Some(details.id.as_str());
    let mut sessions = auth.sessions.list(&session.user.id, current, language, now).await?;
    sessions.sort_by_key(|session| !session.is_current);
    Ok(Some(AccountDevices { sessions, is_fresh: auth.require_fresh(&details, FRESH).is_ok() }))
}
