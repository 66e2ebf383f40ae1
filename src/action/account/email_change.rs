//! Changes the email address of an account. The new address counts once the user opens the link that was emailed to it,
//! in the session that asked for the change. Until then the old address stays; it is notified of the change (LK-12).
//!
//! The pending change is a record of the user. Every recovery of an account from an attacker, and every change of a
//! password or of two-factor authentication, cancels it (LK-06).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Owner, done, done_rotated, end_other_sessions, wants_others_ended};
use crate::{
    action::{
        Undo, recipient,
        sign_in::{MailPurpose, count_mails},
    },
    adapter::{AdapterError, Change, User, UserRecord},
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    email::EmailAddress,
    error::AuthError,
    hash, random,
    request::{ActionRequest, Redirect},
    session,
    types::Done,
    user_records::{
        UserRecords,
        kind::{EMAIL_CHANGE, FORMER_EMAIL},
    },
};

pub(super) const PAGE: &str = "/account/email";
pub(super) const CONFIRMATION_PAGE: &str = "/account/email/confirm";
/// How long the link of the mail is good.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The change that waits.
#[derive(Serialize, Deserialize)]
struct PendingChange {
    to: String,
    token_hash: String,
    /// The root (see `session::rotation`) of the id of the session that asked.
    #[serde(default)]
    session: String,
}

/// The address that waits to be confirmed.
pub(super) fn waiting_address(records: &UserRecords, now: Timestamp) -> Option<String> {
    let change: PendingChange = serde_json::from_str(&records.get(EMAIL_CHANGE, now)?.value).ok()?;
    Some(change.to)
}

/// Commits changes that cancel a pending change of address, in the same transaction.
///
/// # Errors
/// As [`Auth::commit`].
pub(crate) async fn commit_and_cancel(
    auth: &Auth,
    request: &ActionRequest<'_>,
    changes: &[Change<'_>],
    note: Note<'_>,
) -> Result<bool, AuthError> {
    let (Some(adapter), Some(user_id)) = (&auth.adapter, note.user_id) else { return Ok(false) };
    let records = UserRecords::of(&**adapter, user_id).await?;
    let is_pending = records.value(EMAIL_CHANGE, "").is_some();
    let removal = is_pending.then_some(Change::RemoveRecord { kind: EMAIL_CHANGE, id: "", value: None });
    let all: Vec<_> = changes.iter().copied().chain(removal).collect();
    let mut is_done = auth.commit(request, &all, note.clone()).await?;
    if !is_done && is_pending {
        // The pending change may have been confirmed or removed by another request: then nothing is left to cancel.
        is_done = auth.commit(request, changes, note).await?;
    }
    if is_done {
        // One that another request began meanwhile.
        cancel(auth, user_id).await?;
    }
    Ok(is_done)
}

/// Cancels a pending change of address.
pub(super) async fn cancel(auth: &Auth, user_id: &str) -> Result<(), AuthError> {
    if let Some(adapter) = auth.adapter.as_ref().filter(|adapter| adapter.keeps_user_records()) {
        adapter.delete_user_record(user_id, EMAIL_CHANGE, "").await?;
    }
    Ok(())
}

/// Sends a link to the new address. The answer is the same whether somebody else has it: that is found out when it is
/// confirmed, by whoever can read its mail.
pub(super) async fn ask(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    let email = auth.email.as_deref().filter(|_| owner.adapter.keeps_user_records());
    let email = email.ok_or(AuthError::NotFound)?;
    let to = EmailAddress::parse(request.parameters.get("email").unwrap_or_default())
        .map_err(|error| AuthError::EmailSignin(error.into()))?;
    count_mails(auth, request, &to, MailPurpose::Change).await?;
    // If the address belongs to an account, the email goes to the spelling that is stored.
    let mail_to = recipient(owner.adapter.get_user_by_email(to.key()).await?.as_ref(), &to)?;
    let token = random::token();
    let session = session::root(&owner.session.id).to_owned();
    let change = PendingChange { to: to.to_string(), token_hash: auth.token_hash(&token), session };
    let record = UserRecord {
        user_id: owner.user.id.clone(),
        kind: EMAIL_CHANGE.to_owned(),
        id: String::new(),
        value: serde_json::to_string(&change).unwrap_or_default(),
        created: request.now,
        expires: Some(request.now.plus(LIFETIME)),
    };
    // A newer wish replaces the older one, whose link is dead then.
    let put = Change::PutRecord { record: &record, from: owner.records.value(EMAIL_CHANGE, "") };
    if !auth.commit(request, &[put], Note::of(Event::EmailChangeAsked, &owner.user.id)).await? {
        return Err(AuthError::InvalidInput("two changes of address at once"));
    }
    let link = auth.page(CONFIRMATION_PAGE, &[("token", token.as_str())]);
    let letter = email.letter(auth, request.language, &mail_to);
    email.send(letter.confirm_address(&link, LIFETIME)).await?;
    Ok(done(auth, PAGE, Done::EmailChangeSent))
}

/// Makes the new address the user's own.
pub(super) async fn confirm(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    const WRONG: AuthError = AuthError::Verification("no change of address waits for this link");
    let owner = Owner::of(auth, request).await?;
    let record = owner.records.get(EMAIL_CHANGE, request.now).ok_or(WRONG)?;
    let change: PendingChange = serde_json::from_str(&record.value).map_err(|_| WRONG)?;
    let token = request.parameters.get("token").unwrap_or_default();
    if !hash::equal(&auth.token_hash(token), &change.token_hash) {
        return Err(WRONG);
    }
    if change.session != session::root(&owner.session.id) {
        return Err(AuthError::Verification("another session asked for the change of address"));
    }
    let to = EmailAddress::parse(&change.to).map_err(|_| WRONG)?;
    let former = proven_address(&owner.user);
    // A different spelling of the user's own address is not verified: the email went to the stored spelling.
    let address = former.clone().filter(|former| former.key() == to.key()).unwrap_or(to);
    let former = former.filter(|former| former.key() != address.key());
    let email = Change::Email {
        email: Some(address.as_str()),
        key: Some(address.key()),
        verified: Some(request.now),
    };
    let used = Change::RemoveRecord { kind: EMAIL_CHANGE, id: "", value: Some(&record.value) };
    // Kept so that an undo can restore the former address.
    let kept = former.as_ref().map(|former| former_address(&owner.user.id, former, request));
    let kept = kept.as_ref().map(|record| Change::PutRecord { record, from: None });
    let changes: Vec<_> = [email, used].into_iter().chain(kept).collect();
    // The email goes to the former address: if the change was not made by the owner, they are notified there.
    let note = Note {
        mailbox: former.as_ref(),
        new_email: Some(&address),
        ..Note::of(Event::EmailChanged, &owner.user.id)
    };
    let ends_others = wants_others_ended(request);
    if ends_others {
        // Before the change, so that a failure leaves the account as it was.
        end_other_sessions(auth, request, &owner).await?;
    }
    match auth.commit(request, &changes, note).await {
        Ok(true) => {}
        Ok(false) => return Err(WRONG),
        // Another user has verified this address. Only a reader of its mailbox learns that.
        Err(AdapterError::Conflict) => return Err(AuthError::AddressTaken),
        Err(error) => return Err(error.into()),
    }
    let user =
        User { email: Some(address.to_string()), email_verified: Some(request.now), ..owner.user.clone() };
    auth.observers.tell("update_user", |events| events.update_user(&user)).await;
    auth.user_changed(&user.id).await?;
    if ends_others {
        // Again: also ends sessions that began since the first call.
        auth.end_sessions(&user.id, Some(&owner.session)).await?;
    }
    done_rotated(auth, request, PAGE, Done::EmailChanged).await
}

fn former_address(user_id: &str, former: &EmailAddress, request: &ActionRequest<'_>) -> UserRecord {
    UserRecord {
        user_id: user_id.to_owned(),
        kind: FORMER_EMAIL.to_owned(),
        id: random::uuid(),
        value: former.to_string(),
        created: request.now,
        expires: Some(request.now.plus(Undo::LIFETIME)),
    }
}

fn proven_address(user: &User) -> Option<EmailAddress> {
    let proven = user.email.as_deref().filter(|_| user.email_verified.is_some());
    proven.and_then(|address| EmailAddress::parse(address).ok())
}
