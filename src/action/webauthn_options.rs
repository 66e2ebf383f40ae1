//! What a browser is to ask a passkey for: `GET /api/auth/webauthn-options/passkey?action=…`, as Auth.js has it. Nothing
//! but a cookie comes of it.
//!
//! | action | who may | answer |
//! | --- | --- | --- |
//! | `authenticate`, or none | anybody (without an action: nobody who is signed in) | the same for everybody: nobody learns who has passkeys |
//! | `register` | whoever has just signed in | names the passkeys that they have |
//!
//! Auth.js also lets strangers register under any address that is not known yet (`email=`). Here an address has to be
//! proven first, by mail.

use serde_json::{Value, json};

use super::account::Owner;
use crate::{
    auth::{Auth, Page},
    error::AuthError,
    passkey::{Action, Ceremony, Passkeys},
    request::ActionRequest,
    session::Reading,
};

/// So many passkeys one user may have: more than devices, and the list stays readable.
const MOST: usize = 20;

/// The options and the cookie with their challenge.
pub(crate) async fn webauthn_options(
    auth: &Auth,
    provider: &str,
    request: &ActionRequest<'_>,
) -> Result<Page<Value>, AuthError> {
    const NO_ACTION: AuthError = AuthError::BadRequest("there is no such action for whoever asks");
    let passkeys = auth.passkeys(provider)?;
    match request.parameters.get("action").map(Action::named) {
        Some(Some(Action::Authenticate)) => Ok(authenticate(auth, passkeys, request)),
        Some(Some(Action::Register)) => register(auth, passkeys, request).await,
        Some(None) => Err(NO_ACTION),
        None => match auth.sessions.read(&request.cookies, request.now, Reading::Look).await?.session {
            Some(_) => Err(NO_ACTION),
            None => Ok(authenticate(auth, passkeys, request)),
        },
    }
}

fn authenticate(auth: &Auth, passkeys: &Passkeys, request: &ActionRequest<'_>) -> Page<Value> {
    let ceremony = Ceremony::new(Action::Authenticate, None, request.now);
    let options = passkeys.relying_party.request_options(&ceremony);
    page(auth, passkeys, request, &ceremony, Action::Authenticate, options)
}

async fn register(
    auth: &Auth,
    passkeys: &Passkeys,
    request: &ActionRequest<'_>,
) -> Result<Page<Value>, AuthError> {
    // One more way in is what a thief of a session would want most.
    let user = Owner::fresh(auth, request).await?.user;
    let known = passkeys.adapter.list_authenticators(&user.id).await?;
    if known.len() >= MOST {
        return Err(AuthError::Passkey("the user has as many as one may have"));
    }
    let ceremony = Ceremony::new(Action::Register, Some(&user.id), request.now);
    let options = passkeys.relying_party.creation_options(&ceremony, &user, &known);
    Ok(page(auth, passkeys, request, &ceremony, Action::Register, options))
}

fn page(
    auth: &Auth,
    passkeys: &Passkeys,
    request: &ActionRequest<'_>,
    ceremony: &Ceremony,
    action: Action,
    options: Value,
) -> Page<Value> {
    Page {
        data: json!({ "action": action, "options": options }),
        set_cookies: ceremony.cookies(auth, passkeys, request),
    }
}
