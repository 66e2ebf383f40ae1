//! Actions of a signed-in user on their account: `POST /api/auth/account/:action`, one file per use case. All of them need
//! a session; sensitive ones need a recent sign-in, in case a session was stolen or left open (OWASP ASVS 7.5.1).

mod activity;
mod deletion;
mod devices;
mod email_change;
mod export;
mod link;
mod methods;
mod overview;
#[cfg(feature = "passkey")]
mod passkey;
#[cfg(feature = "password")]
mod password;
mod profile;
#[cfg_attr(not(feature = "totp"), path = "no_second_step.rs")]
mod second_step;
mod unlink;

use std::{sync::Arc, time::Duration};

pub(crate) use activity::activity;
pub(crate) use deletion::delete_due;
pub(crate) use devices::devices;
pub(crate) use email_change::commit_and_cancel as commit_and_cancel_email_change;
pub(crate) use export::export;
pub(crate) use link::{link, offer, store_link};
pub(crate) use methods::{PAGE as METHODS_PAGE, methods};
pub(crate) use overview::{overview, password_overview};
#[cfg(feature = "passkey")]
pub(crate) use passkey::{PAGE as PASSKEYS_PAGE, passkeys};
#[cfg(feature = "password")]
pub(crate) use profile::name;
pub(crate) use second_step::second_step;
pub(crate) use unlink::unlink;

use super::{pending_link, record_refusal, rotate, undo};
use crate::{
    adapter::{Adapter, User},
    audit::{Event, Note},
    auth::Auth,
    error::AuthError,
    request::{ActionRequest, Redirect, Refused},
    session::{Reading, SessionDetails},
    types::Done,
    user_records::UserRecords,
};
use email_change::cancel as cancel_email_change;

/// For so long after a sign-in sensitive steps need no other proof.
const FRESH: Duration = Duration::from_secs(15 * 60);

/// The field of a form that signs out all other devices.
const END_OTHERS: &str = "endOtherSessions";

/// Does what the form of an account page asks for.
pub(crate) async fn account(
    auth: &Auth,
    action: &str,
    request: &ActionRequest<'_>,
) -> Result<Redirect, Refused> {
    let page = account_page(action).ok_or(AuthError::NotFound)?;
    let result = match action {
        "profile" => profile::change(auth, request).await,
        "email" => email_change::ask(auth, request).await,
        "confirm-email" => email_change::confirm(auth, request).await,
        #[cfg(feature = "password")]
        "password" => password::change(auth, request).await,
        #[cfg(feature = "password")]
        "remove-password" => password::remove(auth, request).await,
        "delete" => deletion::ask(auth, request).await,
        "not-me" => activity::not_me(auth, request).await,
        "undo" => undo::undo(auth, request).await,
        "link" => link::accept(auth, request).await,
        "unlink" => unlink::ask(auth, request).await,
        "end-session" => devices::end_one(auth, request).await,
        "end-other-sessions" => devices::end_others(auth, request).await,
        "keep" => deletion::cancel(auth, request).await,
        #[cfg(feature = "passkey")]
        "rename-passkey" => passkey::rename(auth, request).await,
        #[cfg(feature = "passkey")]
        "remove-passkey" => passkey::remove(auth, request).await,
        _ => match action.strip_prefix("second-step/") {
            Some(action) => second_step::change(auth, action, request).await,
            None => Err(AuthError::NotFound),
        },
    };
    if let Err(error) = &result {
        record_refusal(auth, request, action, error).await;
    }
    result.map_err(|error| Refused::on_page(error, page))
}

/// The page with the form of an action; `None` if there is no such action.
pub(crate) fn account_page(action: &str) -> Option<&'static str> {
    Some(match action {
        "profile" => profile::PAGE,
        "email" => email_change::PAGE,
        "confirm-email" => email_change::CONFIRMATION_PAGE,
        #[cfg(feature = "password")]
        "password" | "remove-password" => password::PAGE,
        "delete" | "keep" | "export" => deletion::PAGE,
        "not-me" => activity::PAGE,
        "undo" => undo::PAGE,
        "link" => pending_link::PAGE,
        "unlink" => methods::PAGE,
        "end-session" | "end-other-sessions" => devices::PAGE,
        #[cfg(feature = "passkey")]
        "rename-passkey" | "remove-passkey" => passkey::PAGE,
        _ if action.starts_with("second-step/") => second_step::PAGE,
        _ => return None,
    })
}

/// Who is signed in, with all that their account pages are about.
pub(crate) struct Owner {
    pub(crate) user: User,
    pub(crate) session: SessionDetails,
    pub(crate) records: UserRecords,
    pub(crate) adapter: Arc<dyn Adapter>,
}

impl Owner {
    /// Whoever sends the request.
    ///
    /// # Errors
    /// [`AuthError::SignedOut`]; `NotFound` where no database keeps accounts.
    pub(crate) async fn of(auth: &Auth, request: &ActionRequest<'_>) -> Result<Self, AuthError> {
        let adapter = auth.adapter.clone().ok_or(AuthError::NotFound)?;
        let read = auth.sessions.read(&request.cookies, request.now, Reading::Look).await?;
        let (Some(session), Some(details)) = (read.session, read.details) else {
            return Err(AuthError::SignedOut);
        };
        let user = adapter.get_user(&session.user.id).await?.ok_or(AuthError::SignedOut)?;
        let records = UserRecords::of(&*adapter, &user.id).await?;
        Ok(Self { user, session: details, records, adapter })
    }

    /// The same, if they proved a short while ago who they are.
    ///
    /// # Errors
    /// [`AuthError::NotFresh`]: the person is asked to sign in once more, and comes back.
    pub(crate) async fn fresh(auth: &Auth, request: &ActionRequest<'_>) -> Result<Self, AuthError> {
        let owner = Self::of(auth, request).await?;
        auth.require_fresh(&owner.session, FRESH)?;
        Ok(owner)
    }
}

/// Returns whether the form asks to sign out all other devices.
fn wants_others_ended(request: &ActionRequest<'_>) -> bool {
    request.parameters.get(END_OTHERS) == Some("true")
}

/// Signs out all other devices, and cancels a pending change of address, if the form asks for it. Runs before the change,
/// so that a failure leaves the account as it was.
async fn end_others_if_asked(
    auth: &Auth,
    request: &ActionRequest<'_>,
    owner: &Owner,
) -> Result<(), AuthError> {
    if !wants_others_ended(request) {
        return Ok(());
    }
    cancel_email_change(auth, &owner.user.id).await?;
    end_other_sessions(auth, request, owner).await
}

/// Signs out all other devices.
async fn end_other_sessions(
    auth: &Auth,
    request: &ActionRequest<'_>,
    owner: &Owner,
) -> Result<(), AuthError> {
    auth.end_sessions(&owner.user.id, Some(&owner.session)).await?;
    auth.note(request, Note::of(Event::OtherSessionsEnded, &owner.user.id)).await
}

/// Returns to the page after a change of sign-in methods. The user's session continues under a new token.
async fn done_rotated(
    auth: &Auth,
    request: &ActionRequest<'_>,
    page: &str,
    done: Done,
) -> Result<Redirect, AuthError> {
    let mut redirect = self::done(auth, page, done);
    redirect.set_cookies.extend(rotate(auth, request).await?);
    Ok(redirect)
}

/// Back to the page, which says so.
fn done(auth: &Auth, page: &str, done: Done) -> Redirect {
    Redirect { to: auth.page(page, &[("done", done.as_str())]), set_cookies: Vec::new() }
}
