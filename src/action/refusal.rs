//! Records an audit event when a step in an account is rejected: a wrong current password, a link that is wrong or was
//! used, a step that needs a recent sign-in.
//!
//! Rule: as with rejected sign-ins, the stored events of one client are limited, so that an attacker cannot fill the
//! database with rejected requests. The log has all of them.

use super::undo::Undo;
use crate::{
    audit::{Event, Note},
    auth::Auth,
    email::EmailAddress,
    error::{AuthError, chain},
    request::ActionRequest,
    session::Reading,
};

/// Records that a step was rejected, if `error` is a rejection. `step` is the action's name in the API.
pub(crate) async fn record_refusal(auth: &Auth, request: &ActionRequest<'_>, step: &str, error: &AuthError) {
    if !is_recorded(step, error) {
        return;
    }
    let user = user_of(auth, request, step).await.unwrap_or_else(|error| {
        tracing::error!(error = chain(&error), step, "cannot look up the user of a rejected step");
        None
    });
    let note = Note {
        user_id: user.as_deref(),
        refused: Some(error.code().as_str()),
        detail: Some(step.to_owned()),
        ..Note::nobody(Event::AccountRefused)
    };
    // The event is not about a change, so a failure to store it is only logged.
    let _ = auth.note_refused(request, note).await;
}

/// Returns `false` for outages, requests without a session, and errors that have an audit event of their own.
fn is_recorded(step: &str, error: &AuthError) -> bool {
    match error {
        AuthError::Credentials { .. }
        | AuthError::Verification(_)
        | AuthError::NotFresh
        | AuthError::InvalidInput(_)
        | AuthError::AddressTaken
        | AuthError::AccessDenied(_)
        | AuthError::Passkey(_)
        | AuthError::PasskeyTaken => true,
        AuthError::LastMethod => step != "unlink",
        _ => false,
    }
}

/// Returns the user whose account the step is about: from the link, the named address, or the session.
async fn user_of(auth: &Auth, request: &ActionRequest<'_>, step: &str) -> Result<Option<String>, AuthError> {
    let parameter = |name| request.parameters.get(name).unwrap_or_default();
    match (step, &auth.adapter) {
        ("undo", _) => Ok(Undo::user_of(auth, parameter("token"))),
        ("reset-password", Some(adapter)) => match EmailAddress::parse(parameter("email")) {
            Ok(address) => Ok(adapter.get_user_by_email(address.key()).await?.map(|user| user.id)),
            Err(_) => Ok(None),
        },
        _ => {
            let read = auth.sessions.read(&request.cookies, request.now, Reading::Look).await?;
            Ok(read.session.map(|session| session.user.id))
        }
    }
}
