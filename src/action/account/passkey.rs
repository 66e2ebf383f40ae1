//! Renames and removes the passkeys of an account. They are added in `callback_webauthn.rs`, which handles the browser's
//! response.

use super::{
    FRESH, Owner, done, done_rotated, end_others_if_asked,
    methods::{self, Method},
    profile::typed_name,
};
use crate::{
    adapter::{Authenticator, Change},
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    passkey::Passkeys,
    request::{ActionRequest, Redirect},
    session::Reading,
    types::{Done, PasskeyInfo, PasskeyList},
};

pub(crate) const PAGE: &str = "/account/passkeys";
/// In characters as a reader counts them (grapheme clusters).
const LONGEST_NAME: usize = 60;

/// The data of the page; `None`: nobody is signed in.
pub(crate) async fn passkeys(
    auth: &Auth,
    cookies: &Cookies<'_>,
    now: Timestamp,
) -> Result<Option<PasskeyList>, AuthError> {
    let read = auth.sessions.read(cookies, now, Reading::Look).await?;
    let (Some(session), Some(details)) = (read.session, read.details) else { return Ok(None) };
    let adapter = &auth.passkeys(Passkeys::ID)?.adapter;
    let passkeys = adapter.list_authenticators(&session.user.id).await?;
    let passkeys = passkeys.into_iter().map(info).collect();
    Ok(Some(PasskeyList { passkeys, is_fresh: auth.require_fresh(&details, FRESH).is_ok() }))
}

fn info(passkey: Authenticator) -> PasskeyInfo {
    PasskeyInfo {
        id: passkey.credential_id,
        name: passkey.name,
        created: passkey.created.to_rfc3339(),
        last_used: passkey.used.map(Timestamp::to_rfc3339),
        is_synced: passkey.backed_up,
    }
}

/// Gives one another name; an empty one removes it.
pub(super) async fn rename(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::of(auth, request).await?;
    let name = typed_name(&request.parameters, LONGEST_NAME)?;
    let rename = Change::RenameAuthenticator { credential_id: id(request), name: name.as_deref() };
    let note = Note { detail: name.clone(), ..Note::of(Event::PasskeyRenamed, &owner.user.id) };
    // A passkey of another user gets the same answer as an unknown one (AZ-02).
    auth.commit(request, &[rename], note).await?;
    Ok(done(auth, PAGE, Done::PasskeyRenamed))
}

/// Takes one away, unless its owner could not come back then (LK-08). One that is not there, or not theirs, is the same
/// answer: it is not there afterwards (AZ-02).
pub(super) async fn remove(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    let (adapter, user_id) = (&owner.adapter, owner.user.id.as_str());
    let passkeys = adapter.list_authenticators(user_id).await?;
    let Some(passkey) = passkeys.iter().find(|passkey| passkey.credential_id == id(request)) else {
        return Ok(done(auth, PAGE, Done::PasskeyRemoved));
    };
    let credential_id = passkey.credential_id.as_str();
    let method = Method::Passkey(credential_id.to_owned());
    let remove = async |end_of_turn: Option<Change<'_>>| {
        end_others_if_asked(auth, request, &owner).await?;
        let note = Note { detail: passkey.name.clone(), ..Note::of(Event::PasskeyRemoved, user_id) };
        let changes: Vec<_> =
            end_of_turn.into_iter().chain([Change::RemoveAuthenticator { credential_id }]).collect();
        Ok(auth.commit(request, &changes, note).await?)
    };
    methods::remove(auth, &**adapter, user_id, &method, remove).await?;
    done_rotated(auth, request, PAGE, Done::PasskeyRemoved).await
}

fn id<'r>(request: &'r ActionRequest<'_>) -> &'r str {
    request.parameters.get("id").unwrap_or_default()
}
