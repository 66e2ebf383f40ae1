//! Refused steps of an account leave an audit event: a wrong current password, a link that is wrong or was used, a step
//! that needs a fresh sign-in.
//!
//! Rule: as with refused sign-ins, the events of one client are limited, so that nobody fills the database by being
//! refused. The log has all of them.

use super::undo::Undo;
use crate::{
    audit::{Event, Note},
    auth::Auth,
    email::EmailAddress,
    error::{AuthError, chain},
    request::ActionRequest,
    session::Reading,
};

/// Records that a step was refused, if the error says that it was. `step` is the action's name in the API.
pub(crate) async fn record_refusal(auth: &Auth, request: &ActionRequest<'_>, step: &str, error: &AuthError) {
    if !is_recorded(step, error) {
        return;
    }
    let user = user_of(auth, request, step).await.unwrap_or_else(|error| {
        tracing::error!(error = chain(&error), step, "the user of a refused step is not known");
        None
    });
    let note = Note {
        user_id: user.as_deref(),
        refused: Some(error.code().as_str()),
        detail: Some(step.to_owned()),
        ..Note::nobody(Event::AccountRefused)
    };
    // The event changes nothing, so one that cannot be stored is an error in the log alone.
    let _ = auth.note_refused(request, note).await;
}

/// What is an outage, a request without a session, or has an event of its own is left out.
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

/// Whose account the step is about: that of the link, of the named address, or of the session.
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
