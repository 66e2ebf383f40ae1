//! "This wasn't me": the link in a mail about something that happened to an account. Opening it changes nothing, because
//! programs open links; the button of its page undoes what can be undone, signs everybody out and locks the account.
//!
//! A locked account takes nobody in, until somebody proves the owner's address: by a sign-in mail, or by the reset of the
//! password. Whoever reads that mailbox is the owner as far as this site can know.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    adapter::{Adapter, AdapterError, User, UserRecord},
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
/// Rows of the database that belong to one step were written within so long, by whatever clock.
const TOGETHER: Duration = Duration::from_secs(60);

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

    /// Where its page is.
    pub(crate) fn link(&self, auth: &Auth) -> Url {
        let sealed = auth.undo_keys.encrypt(&serde_json::to_vec(self).unwrap_or_default());
        auth.page(PAGE, &[("token", sealed.as_str())])
    }

    fn read(auth: &Auth, token: &str, now: Timestamp) -> Option<Self> {
        let undo: Self = serde_json::from_slice(&auth.undo_keys.decrypt(token)?).ok()?;
        (undo.ends() > now).then_some(undo)
    }

    fn ends(&self) -> Timestamp {
        Timestamp::from_millis(self.at).plus(Self::LIFETIME)
    }

    fn is(&self, event: Event) -> bool {
        self.event == event.as_str()
    }

    /// Whether something was made when this happened.
    fn is_of(&self, created: Timestamp) -> bool {
        let at = Timestamp::from_millis(self.at);
        created.since(at) <= TOGETHER && at.since(created) <= TOGETHER
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
    let record = |kind: &str, id: &str, expires| UserRecord {
        user_id: user.id.clone(),
        kind: kind.to_owned(),
        id: id.to_owned(),
        value: request.now.to_rfc3339(),
        created: request.now,
        expires,
    };
    // First: whatever fails after this, nobody comes in.
    if !adapter.put_user_record(&record(kind::UNDONE, &undo.id, Some(undo.ends())), None).await? {
        return Err(WRONG);
    }
    let locked = take_back(auth, &*adapter, &user, undo, &record(kind::LOCK, "", None), request).await;
    if locked.is_err() {
        // The link stays good: each step can be done again.
        adapter.delete_user_record(&user.id, kind::UNDONE, &undo.id).await?;
    }
    locked?;
    let (_, set_cookies) = auth.sessions.end(&request.cookies, request.now).await?;
    Ok(Redirect { to: auth.page("/signin", &[("done", Done::AccountLocked.as_str())]), set_cookies })
}

async fn take_back(
    auth: &Auth,
    adapter: &dyn Adapter,
    user: &User,
    undo: &Undo,
    lock: &UserRecord,
    request: &ActionRequest<'_>,
) -> Result<(), AuthError> {
    adapter.put_user_record(lock, None).await?;
    auth.end_sessions(&user.id, None).await?;
    restore_address(auth, adapter, user, undo).await?;
    remove_ways(adapter, user, undo).await?;
    forget(adapter, user, undo).await?;
    familiar_browser::forget_all(adapter, &user.id, request.now).await?;
    let note = Note { detail: Some(undo.event.clone()), ..Note::of(Event::Locked, &user.id) };
    auth.note(request, note).await
}

/// Back to the address that the mail went to, unless somebody has it by now.
async fn restore_address(
    auth: &Auth,
    adapter: &dyn Adapter,
    user: &User,
    undo: &Undo,
) -> Result<(), AuthError> {
    let former = undo.former_email.as_deref().and_then(|former| EmailAddress::parse(former).ok());
    let Some(former) = former else { return Ok(()) };
    let email_verified = Some(Timestamp::from_millis(undo.at));
    let restored = User { email: Some(former.to_string()), email_verified, ..user.clone() };
    match adapter.update_user(&restored, Some(former.key())).await {
        Ok(_) => auth.user_changed(&user.id).await,
        Err(AdapterError::Conflict) => {
            tracing::warn!(user = user.id, "the former address belongs to somebody else now");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes away what was added then: a provider's account, a passkey.
async fn remove_ways(adapter: &dyn Adapter, user: &User, undo: &Undo) -> Result<(), AuthError> {
    if undo.is(Event::AccountLinked) {
        for record in adapter.get_accounts(&user.id).await? {
            let account = record.account;
            if undo.is_of(record.created) && undo.method.as_deref() == Some(&account.provider) {
                adapter.unlink_account(&account.provider, &account.provider_account_id).await?;
            }
        }
    }
    if undo.is(Event::PasskeyAdded) {
        for passkey in adapter.list_authenticators(&user.id).await? {
            if undo.is_of(passkey.created) {
                adapter.delete_authenticator(&user.id, &passkey.credential_id).await?;
            }
        }
    }
    Ok(())
}

/// Whatever somebody may have begun or left behind: devices that need no second step, changes that wait, a deletion.
async fn forget(adapter: &dyn Adapter, user: &User, undo: &Undo) -> Result<(), AuthError> {
    let is_password = [Event::PasswordSet, Event::PasswordChanged, Event::PasswordReset, Event::SignedIn]
        .iter()
        .any(|event| undo.is(*event));
    let is_second_step = undo.is(Event::SecondStepTurnedOn);
    for record in UserRecords::of(adapter, &user.id).await?.iter() {
        let is_kept = match record.kind.as_str() {
            kind::LOCK | kind::UNDONE => true,
            // Whoever came in may know it.
            kind::PASSWORD => !is_password,
            "second-step" => !is_second_step,
            _ => false,
        };
        if !is_kept {
            adapter.delete_user_record(&user.id, &record.kind, &record.id).await?;
        }
    }
    Ok(())
}

/// Whether somebody may come in: into a locked account only by proving its address, which opens it.
pub(super) async fn pass_lock(
    auth: &Auth,
    request: &ActionRequest<'_>,
    user: &User,
    provider: &str,
) -> Result<(), AuthError> {
    if auth.credentials(provider).is_some() || provider == "password" {
        return Err(AuthError::Locked);
    }
    if provider != "email" {
        return Err(AuthError::AccessDenied("the account is locked"));
    }
    let adapter = auth.adapter.as_ref().ok_or(AuthError::NotFound)?;
    if adapter.delete_user_record(&user.id, kind::LOCK, "").await? {
        auth.note(request, Note::of(Event::Unlocked, &user.id)).await?;
    }
    Ok(())
}
