//! Handles email address and password: `POST /api/auth/callback/password`.
//!
//! Rule: an unknown address, a user without a password, and a wrong password get the same response after the same work
//! (CR-01, CR-02, CR-04). So does the correct password of a locked account. Attempts are counted before any lookup: see
//! [`Attempt`].

use url::Url;

use super::{complete_sign_in, end_begun, is_remembered, wanted_url};
use crate::{
    account_linking,
    adapter::{Adapter, User, UserRecord},
    auth::Auth,
    clock::Timestamp,
    email::EmailAddress,
    error::AuthError,
    password::{Password, Passwords, Verdict},
    rate_limit::Attempt,
    request::{ActionRequest, Redirect},
    user_records::{
        UserRecords,
        kind::{LOCK, PASSWORD},
    },
};

const WRONG: AuthError = AuthError::Credentials { code: "credentials" };

/// Whose records are read where there is no user, so that the time does not tell.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Signs in whoever knows the password.
pub(crate) async fn callback_password(
    auth: &Auth,
    passwords: &Passwords,
    request: &ActionRequest<'_>,
) -> Result<Redirect, AuthError> {
    let callback_url = wanted_url(auth, request).await?;
    let password = Password::parse(request.parameters.get("password").unwrap_or_default())?;
    let address = EmailAddress::parse(request.parameters.get("email").unwrap_or_default());
    let key = address.as_ref().map_or("", |address| address.key());
    let attempt = Attempt::begin(auth, request, "password", key, &[]).await?;
    let result = sign_in(auth, passwords, request, key, &password, callback_url).await;
    attempt.settle(result.as_ref()).await;
    result
}

async fn sign_in(
    auth: &Auth,
    passwords: &Passwords,
    request: &ActionRequest<'_>,
    email_key: &str,
    password: &Password,
    callback_url: Url,
) -> Result<Redirect, AuthError> {
    let Some((user, record)) = check(passwords, email_key, password, request.now).await? else {
        return Err(WRONG);
    };
    let user_id = user.id.clone();
    let resolved = account_linking::by_password(&auth.linking(), user).await?;
    let redirect =
        complete_sign_in(auth, request, resolved, "password", is_remembered(request), callback_url).await?;
    // Whoever changed the password meanwhile has ended the sessions that there were then; this one is younger (CC-07).
    let records = UserRecords::of(&*passwords.adapter, &user_id).await?;
    if records.value(PASSWORD, "") == Some(record.value.as_str()) {
        return Ok(redirect);
    }
    end_begun(auth, request, redirect.set_cookies).await?;
    Err(WRONG)
}

/// The user, and what is stored of their password, if that is it. A hash from elsewhere is replaced by one of ours.
async fn check(
    passwords: &Passwords,
    email_key: &str,
    password: &Password,
    now: Timestamp,
) -> Result<Option<(User, UserRecord)>, AuthError> {
    let adapter = &*passwords.adapter;
    let user = adapter.get_user_by_email(email_key).await?;
    let user_id = user.as_ref().map_or(NOBODY, |user| &user.id);
    let records = UserRecords::of(adapter, user_id).await?;
    let record = records.iter().find(|record| record.kind == PASSWORD).cloned();
    let stored = record.as_ref().map(|record| record.value.as_str());
    let verdict = passwords.hasher.verify(password, stored).await?;
    let (Some(user), Some(record)) = (user, record) else { return Ok(None) };
    match verdict {
        Verdict::Wrong => Ok(None),
        // Checked before a rehash: otherwise the response time would reveal the correct password of a locked account.
        _ if records.get(LOCK, now).is_some() => Err(AuthError::Locked),
        Verdict::Right => Ok(Some((user, record))),
        Verdict::RightButOld => match renewed(passwords, adapter, password, record).await? {
            Some(record) => Ok(Some((user, record))),
            // Another sign-in has done it, or the password was changed.
            None => Box::pin(check(passwords, email_key, password, now)).await,
        },
    }
}

/// The record with a hash as they are made now; `None` when it was replaced meanwhile. If there is no room for making one,
/// the next sign-in makes it.
async fn renewed(
    passwords: &Passwords,
    adapter: &dyn Adapter,
    password: &Password,
    record: UserRecord,
) -> Result<Option<UserRecord>, AuthError> {
    let value = match passwords.hasher.hash(password).await {
        Ok(value) => value,
        Err(AuthError::Busy) => return Ok(Some(record)),
        Err(error) => return Err(error),
    };
    let renewed = UserRecord { value, ..record.clone() };
    let is_stored = adapter.put_user_record(&renewed, Some(&record.value)).await?;
    Ok(is_stored.then_some(renewed))
}
