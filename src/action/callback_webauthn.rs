//! Handles the response of a passkey: `POST /api/auth/callback/passkey` with `action` and the browser's response as
//! `data`, as the client of Auth.js sends it. `authenticate` signs in, `register` adds the passkey to the signed-in user.
//!
//! Why a response was rejected is only logged: an unknown passkey, a wrong signature and a passkey of a deleted user get
//! the same response.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    account::{Owner, PASSKEYS_PAGE},
    complete_sign_in, is_remembered, record_refusal, rotate, wanted_url,
};
use crate::{
    account_linking,
    adapter::{Account, AdapterError, Authenticator, Change, User},
    audit::{Event, Note},
    auth::Auth,
    error::AuthError,
    passkey::{Action, Assertion, Ceremony, NewPasskey, Passkeys, Registration},
    rate_limit::{Attempt, PASSKEYS_BY_NETWORK},
    request::{ActionRequest, Parameters, Redirect, Refused},
    session::device,
};

/// The action's name in audit events.
const ADDING: &str = "add-passkey";

/// Does what `action` says.
pub(crate) async fn callback_webauthn(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, Refused> {
    let passkeys = auth.passkeys(Passkeys::ID)?;
    let mut attempt = Attempt::new(&auth.limits, request.now);
    attempt.count_network(PASSKEYS_BY_NETWORK, request).await?;
    let result = match request.parameters.get("action").and_then(Action::named) {
        Some(Action::Authenticate) => authenticate(auth, passkeys, request).await,
        Some(Action::Register) => register(auth, passkeys, request)
            .await
            .map_err(|refused| Refused { page: Some(PASSKEYS_PAGE), ..refused }),
        None => Err(AuthError::BadRequest("there is no such action").into()),
    };
    attempt.settle(result.as_ref().map_err(|refused: &Refused| &refused.error)).await;
    result
}

async fn authenticate(
    auth: &Auth,
    passkeys: &Passkeys,
    request: &ActionRequest<'_>,
) -> Result<Redirect, Refused> {
    let assertion: Assertion = answer(&request.parameters)?;
    let challenge = assertion.challenge();
    let ceremony = Ceremony::take(auth, passkeys, request, Action::Authenticate, None, challenge).await?;
    let spent = ceremony.spent(auth);
    match sign_in(auth, passkeys, request, &ceremony, &assertion).await {
        Ok(mut redirect) => {
            redirect.set_cookies.push(spent);
            Ok(redirect)
        }
        Err(error) => Err(Refused::with_cookies(error, vec![spent])),
    }
}

async fn sign_in(
    auth: &Auth,
    passkeys: &Passkeys,
    request: &ActionRequest<'_>,
    ceremony: &Ceremony,
    assertion: &Assertion,
) -> Result<Redirect, AuthError> {
    let adapter = &passkeys.adapter;
    let passkey = adapter.get_authenticator(&assertion.id).await?;
    let passkey = passkey.ok_or(AuthError::Passkey("nobody has registered it"))?;
    let used = match passkeys.relying_party.authenticate(assertion, &ceremony.challenge, &passkey) {
        Ok(used) => used,
        Err(reason) => {
            // Its owner should see that somebody has a copy, or tried to make one.
            let note = Note::of(Event::SignInRefused, &passkey.user_id);
            let (method, detail) = (Some(Passkeys::ID), passkey.name.clone());
            auth.note_refused(request, Note { method, refused: Some(reason), detail, ..note }).await?;
            return Err(AuthError::Passkey(reason));
        }
    };
    let user = adapter.get_user(&passkey.user_id).await?;
    let user = user.ok_or(AuthError::Passkey("its user is gone"))?;
    let (from, to) = (passkey.counter, used.counter);
    // Of two uses with one counter, one is a copy.
    if !adapter.use_authenticator(&passkey.credential_id, from, to, used.is_backed_up, request.now).await? {
        return Err(AuthError::Passkey("it was used elsewhere at the same moment, or removed"));
    }
    if used.is_counter_lower {
        let note = Note::of(Event::PasskeyCounterLower, &user.id);
        auth.note(request, Note { method: Some(Passkeys::ID), detail: passkey.name.clone(), ..note }).await?;
    }
    let resolved = account_linking::by_passkey(&auth.linking(), user, account(&passkey)).await?;
    let callback_url = wanted_url(auth, request).await?;
    complete_sign_in(auth, request, resolved, Passkeys::ID, is_remembered(request), callback_url).await
}

async fn register(
    auth: &Auth,
    passkeys: &Passkeys,
    request: &ActionRequest<'_>,
) -> Result<Redirect, Refused> {
    let user = match Owner::fresh(auth, request).await {
        Ok(owner) => owner.user,
        Err(error) => {
            record_refusal(auth, request, ADDING, &error).await;
            return Err(error.into());
        }
    };
    let registration: Registration = answer(&request.parameters)?;
    let (challenge, owner) = (registration.challenge(), Some(user.id.as_str()));
    let ceremony = Ceremony::take(auth, passkeys, request, Action::Register, owner, challenge).await?;
    let spent = ceremony.spent(auth);
    match add(auth, passkeys, request, &ceremony, &registration, &user).await {
        Ok(mut redirect) => {
            redirect.set_cookies.push(spent);
            Ok(redirect)
        }
        Err(error) => {
            record_refusal(auth, request, ADDING, &error).await;
            Err(Refused::with_cookies(error, vec![spent]))
        }
    }
}

async fn add(
    auth: &Auth,
    passkeys: &Passkeys,
    request: &ActionRequest<'_>,
    ceremony: &Ceremony,
    registration: &Registration,
    user: &User,
) -> Result<Redirect, AuthError> {
    let new = passkeys.relying_party.register(registration, &ceremony.challenge);
    let passkey = authenticator(new.map_err(AuthError::Passkey)?, &user.id, request);
    let to = wanted_url(auth, request).await?;
    let note = Note { detail: passkey.name.clone(), ..Note::of(Event::PasskeyAdded, &user.id) };
    match auth.commit(request, &[Change::AddAuthenticator(&passkey)], note).await {
        Ok(true) => {}
        Ok(false) => return Err(AuthError::SignedOut),
        Err(AdapterError::Conflict) => return Err(AuthError::PasskeyTaken),
        Err(error) => return Err(error.into()),
    }
    let account = account(&passkey);
    auth.observers.tell("link_account", |events| events.link_account(user, &account)).await;
    Ok(Redirect { to, set_cookies: rotate(auth, request).await? })
}

/// The browser's answer: text in a form, as the client of Auth.js sends it; in JSON an object as well.
fn answer<T: DeserializeOwned>(parameters: &Parameters) -> Result<T, AuthError> {
    const UNREADABLE: AuthError = AuthError::Passkey("the browser's answer cannot be read");
    let parsed = match (parameters.get("data"), parameters.data()) {
        (Some(text), _) => serde_json::from_str(text),
        (None, Some(Value::String(text))) => serde_json::from_str(text),
        (None, Some(object)) => T::deserialize(object),
        (None, None) => return Err(UNREADABLE),
    };
    parsed.map_err(|_| UNREADABLE)
}

/// What it is called at first: the product that keeps it, or else the device that made it.
fn authenticator(new: NewPasskey, user_id: &str, request: &ActionRequest<'_>) -> Authenticator {
    let device = || request.user_agent.map(|user_agent| device::name(user_agent, request.language));
    let name = new.product.map(str::to_owned).or_else(device);
    Authenticator {
        provider_account_id: new.credential_id.clone(),
        credential_id: new.credential_id,
        user_id: user_id.to_owned(),
        public_key: new.public_key,
        counter: new.counter,
        device_type: new.device_type.to_owned(),
        backed_up: new.is_backed_up,
        transports: new.transports,
        name,
        created: request.now,
        used: None,
    }
}

/// How callbacks and events are told of it. No such row is stored: the passkey is its own.
fn account(passkey: &Authenticator) -> Account {
    Account {
        r#type: "webauthn".to_owned(),
        provider: Passkeys::ID.to_owned(),
        provider_account_id: passkey.provider_account_id.clone(),
    }
}
