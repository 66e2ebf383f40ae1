//! "This wasn't me": the link in an email about a security event. Opening it changes nothing, because mail scanners open
//! links. The button on its page removes everything that was added or changed from the reported time on, ends all
//! sessions and locks the account (see [`super::lock`]).
//!
//! Rule: the mailbox that the account had at the reported time takes precedence. An attacker who has changed the address
//! cannot use the links sent to the new one: a report of an earlier event revokes the links of all later events.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::lock::{self, Lock};
use crate::{
    adapter::{Adapter, AdapterError, Change, User, UserRecord},
    audit::{Event, Note, Row},
    auth::Auth,
    clock::Timestamp,
    email::EmailAddress,
    error::AuthError,
    familiar_browser, random,
    request::{ActionRequest, Redirect},
    types::Done,
    user_records::{UserRecords, kind},
};

pub(crate) const PAGE: &str = "/account/undo";

/// What the link undoes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Undo {
    id: String,
    user_id: String,
    event: String,
    /// The way that was added.
    method: Option<String>,
    /// The address that was in place before.
    former_email: Option<String>,
    /// When it happened, in milliseconds.
    at: i64,
}

impl Undo {
    /// The salt of its key.
    pub(crate) const PURPOSE: &str = "authjs.undo";
    /// How long the link is good.
    pub(crate) const LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

    /// `None`: there is nothing to undo about that.
    pub(crate) fn new(
        user_id: &str,
        row: &Row,
        former: Option<&EmailAddress>,
        now: Timestamp,
    ) -> Option<Self> {
        if row.event == Event::Locked.as_str() {
            return None;
        }
        Some(Self {
            id: random::uuid(),
            user_id: user_id.to_owned(),
            event: row.event.clone(),
            method: row.method.clone(),
            former_email: former.map(ToString::to_string),
            at: now.as_millis(),
        })
    }

    /// What a row tells of.
    pub(crate) fn of_record(id: &str, user_id: &str, row: &Row, at: Timestamp) -> Option<Self> {
        Some(Self { id: id.to_owned(), ..Self::new(user_id, row, None, at)? })
    }

    /// Returns the link with this id. Two links with the same id are used up together.
    pub(crate) fn with_id(self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self }
    }

    /// Where its page is.
    pub(crate) fn link(&self, auth: &Auth) -> Url {
        let sealed = auth.undo_keys.encrypt(&serde_json::to_vec(self).unwrap_or_default());
        auth.page(PAGE, &[("token", sealed.as_str())])
    }

    fn read(auth: &Auth, token: &str, now: Timestamp) -> Option<Self> {
        let undo: Self = serde_json::from_slice(&auth.undo_keys.decrypt(token)?).ok()?;
        (undo.ends() > now).then_some(undo)
    }

    /// Returns the user that a link is about, expired or not; `None` if we did not create the link.
    pub(super) fn user_of(auth: &Auth, token: &str) -> Option<String> {
        let undo: Self = serde_json::from_slice(&auth.undo_keys.decrypt(token)?).ok()?;
        Some(undo.user_id)
    }

    fn ends(&self) -> Timestamp {
        Timestamp::from_millis(self.at).plus(Self::LIFETIME)
    }

    /// Returns whether a report of this event, or of an earlier one, was carried out after this event.
    fn is_done(&self, records: &UserRecords) -> bool {
        records.iter().filter(|record| record.kind == kind::UNDONE).any(|record| {
            let since: Option<i64> = record.value.parse().ok();
            let includes = |since| since <= self.at && self.at <= record.created.as_millis();
            record.id == self.id || since.is_some_and(includes)
        })
    }

    /// Returns the verified address that the account had when this happened: the former address of the earliest change
    /// since then, or else the one in the link, or else the current one.
    fn mailbox(&self, user: &User, records: &UserRecords, since: Timestamp) -> Option<EmailAddress> {
        let changed = records.iter().filter(|record| record.kind == kind::FORMER_EMAIL);
        let changed = changed.filter(|record| record.created >= since).min_by_key(|record| record.created);
        let present = || user.email.as_deref().filter(|_| user.email_verified.is_some());
        let former = changed.map(|record| record.value.as_str()).or(self.former_email.as_deref());
        former.or_else(present).and_then(|address| EmailAddress::parse(address).ok())
    }
}

const WRONG: AuthError = AuthError::Verification("the link is wrong, used or expired");

/// Undoes and locks. Needs no session: the owner may have none any more.
pub(crate) async fn undo(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let token = request.parameters.get("token").unwrap_or_default();
    let undo = Undo::read(auth, token, request.now).ok_or(WRONG)?;
    carry_out(auth, request, &undo).await
}

/// The same, once for each thing that happened.
pub(crate) async fn carry_out(
    auth: &Auth,
    request: &ActionRequest<'_>,
    undo: &Undo,
) -> Result<Redirect, AuthError> {
    let adapter = auth.adapter.clone().filter(|adapter| adapter.keeps_user_records()).ok_or(WRONG)?;
    let user = adapter.get_user(&undo.user_id).await?.ok_or(WRONG)?;
    if undo.is_done(&UserRecords::of(&*adapter, &user.id).await?) {
        return Err(WRONG);
    }
    let done = UserRecord {
        user_id: user.id.clone(),
        kind: kind::UNDONE.to_owned(),
        id: undo.id.clone(),
        value: undo.at.to_string(),
        created: request.now,
        expires: Some(request.now.plus(Undo::LIFETIME)),
    };
    // The link is used up last: after a failure the user can try again, and every step can be repeated.
    take_back(auth, &*adapter, &user, undo, request).await?;
    if !adapter.put_user_record(&done, None).await? {
        return Err(WRONG);
    }
    let (_, set_cookies) = auth.sessions.end(&request.cookies, request.now).await?;
    Ok(Redirect { to: auth.page("/signin", &[("done", Done::AccountLocked.as_str())]), set_cookies })
}

/// Locks the account before anything else: if a later step fails, an attacker still cannot sign in.
async fn take_back(
    auth: &Auth,
    adapter: &dyn Adapter,
    user: &User,
    undo: &Undo,
    request: &ActionRequest<'_>,
) -> Result<(), AuthError> {
    let (now, reported) = (request.now, Timestamp::from_millis(undo.at));
    let mailbox = |records: &UserRecords, since| undo.mailbox(user, records, since);
    let note = Note { detail: Some(undo.event.clone()), ..Note::of(Event::Locked, &user.id) };
    let (lock, mailbox) = Lock::put(auth, adapter, request, note, reported, mailbox).await?;
    auth.end_sessions(&user.id, None).await?;
    lock::forget_begun(auth, adapter, user).await?;
    // Read again: a change of address may have been running.
    let user = &adapter.get_user(&user.id).await?.ok_or(WRONG)?;
    if let Some(mailbox) = &mailbox {
        restore_address(auth, adapter, user, mailbox, reported).await?;
        forget_mailed(auth, adapter, mailbox, now).await?;
    }
    lock.remove_added(auth, adapter, user, now).await?;
    familiar_browser::forget_all(adapter, &user.id, now).await?;
    Ok(())
}

/// Restores the address that the account had. If another user has verified it meanwhile, the account is left without a
/// verified address: the current one may be an attacker's, and must not unlock the account.
async fn restore_address(
    auth: &Auth,
    adapter: &dyn Adapter,
    user: &User,
    mailbox: &EmailAddress,
    reported: Timestamp,
) -> Result<(), AuthError> {
    if user.email_verified.is_some() && user.email.as_deref() == Some(mailbox.as_str()) {
        return Ok(());
    }
    let restored =
        Change::Email { email: Some(mailbox.as_str()), key: Some(mailbox.key()), verified: Some(reported) };
    match adapter.change_user(&user.id, &[restored]).await {
        Ok(_) => {}
        Err(AdapterError::Conflict) => {
            tracing::error!(
                user = user.id,
                "the former address belongs to another user: only an operator can help"
            );
            let unverified = Change::Email { email: Some(mailbox.as_str()), key: None, verified: None };
            adapter.change_user(&user.id, &[unverified]).await?;
        }
        Err(error) => return Err(error.into()),
    }
    auth.user_changed(&user.id).await
}

/// Revokes links that were emailed to the address before: a copy of one must not unlock the account.
async fn forget_mailed(
    auth: &Auth,
    adapter: &dyn Adapter,
    mailbox: &EmailAddress,
    now: Timestamp,
) -> Result<(), AuthError> {
    super::forget_tokens(auth, adapter, mailbox.as_str(), now).await?;
    #[cfg(feature = "password")]
    super::forget_tokens(auth, adapter, &super::password_reset::identifier(mailbox), now).await?;
    Ok(())
}
