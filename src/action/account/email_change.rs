//! Another address: it counts when it is confirmed by the mail that goes there, by the owner of the account. Until then
//! the old one stays, and it learns of the change (LK-12).
//!
//! The change that waits is a record of the user: whatever takes an account back from somebody (a reset of the password,
//! the undo of a mail) removes it with the others (LK-06).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Owner, done};
use crate::{
    action::sign_in::{MailPurpose, count_mails},
    adapter::{AdapterError, User, UserRecord},
    audit::{Event, Note, Told},
    auth::Auth,
    clock::Timestamp,
    email::EmailAddress,
    error::AuthError,
    hash, random,
    request::{ActionRequest, Redirect},
    types::Done,
    user_records::{UserRecords, kind::EMAIL_CHANGE},
};

pub(super) const PAGE: &str = "/account/email";
pub(super) const CONFIRMATION_PAGE: &str = "/account/email/confirm";
/// How long the link of the mail is good.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The change that waits.
#[derive(Serialize, Deserialize)]
struct Change {
    to: String,
    token_hash: String,
}

/// The address that waits to be confirmed.
pub(super) fn waiting_address(records: &UserRecords, now: Timestamp) -> Option<String> {
    let change: Change = serde_json::from_str(&records.get(EMAIL_CHANGE, now)?.value).ok()?;
    Some(change.to)
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
    let token = random::token();
    let change = Change { to: to.to_string(), token_hash: auth.token_hash(&token) };
    let record = UserRecord {
        user_id: owner.user.id.clone(),
        kind: EMAIL_CHANGE.to_owned(),
        id: String::new(),
        value: serde_json::to_string(&change).unwrap_or_default(),
        created: request.now,
        expires: Some(request.now.plus(LIFETIME)),
    };
    // A newer wish replaces the older one, whose link is dead then.
    let former = owner.records.value(EMAIL_CHANGE, "");
    if !owner.adapter.put_user_record(&record, former).await? {
        return Err(AuthError::InvalidInput("two changes of address at once"));
    }
    auth.note(request, Note::of(Event::EmailChangeAsked, &owner.user.id)).await?;
    let link = auth.page(CONFIRMATION_PAGE, &[("token", token.as_str())]);
    let letter = email.letter(auth, request.language, &to);
    email.send(letter.confirm_address(&link, LIFETIME)).await?;
    Ok(done(auth, PAGE, Done::EmailChangeSent))
}

/// Makes the new address the user's own.
pub(super) async fn confirm(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    const WRONG: AuthError = AuthError::Verification("no change of address waits for this link");
    let owner = Owner::of(auth, request).await?;
    let record = owner.records.get(EMAIL_CHANGE, request.now).ok_or(WRONG)?;
    let change: Change = serde_json::from_str(&record.value).map_err(|_| WRONG)?;
    let token = request.parameters.get("token").unwrap_or_default();
    if !hash::equal(&auth.token_hash(token), &change.token_hash) {
        return Err(WRONG);
    }
    let address = EmailAddress::parse(&change.to).map_err(|_| WRONG)?;
    if !owner.adapter.delete_user_record(&owner.user.id, EMAIL_CHANGE, "").await? {
        return Err(WRONG);
    }
    let user =
        User { email: Some(address.to_string()), email_verified: Some(request.now), ..owner.user.clone() };
    match owner.adapter.update_user(&user, Some(address.key())).await {
        Ok(true) => {}
        // Somebody has proven it meanwhile, or had before: only who reads its mail learns that.
        Err(AdapterError::Conflict) => return Err(AuthError::AddressTaken),
        Ok(false) => return Err(AuthError::SignedOut),
        Err(error) => return Err(error.into()),
    }
    auth.observers.tell("update_user", |events| events.update_user(&user)).await;
    auth.user_changed(&user.id).await?;
    // The mail goes to the old address: if that was not its owner's wish, they learn of it there.
    let former = proven_address(&owner.user).filter(|former| former.key() != address.key());
    let told = Told { former_email: former.as_ref(), new_email: &address };
    auth.note_and_tell(request, Note::of(Event::EmailChanged, &user.id), Some(told)).await?;
    Ok(done(auth, PAGE, Done::EmailChanged))
}

fn proven_address(user: &User) -> Option<EmailAddress> {
    let proven = user.email.as_deref().filter(|_| user.email_verified.is_some());
    proven.and_then(|address| EmailAddress::parse(address).ok())
}
