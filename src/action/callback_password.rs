//! Address and password: `POST /api/auth/callback/password`.
//!
//! Rule: an address that nobody has, a user without a password, and a wrong password get one answer after the same work
//! (CR-01, CR-02, CR-04). Attempts are counted before anything is looked up, so a burst gets no more than a slow guesser.

use super::{complete_sign_in, end_begun, is_remembered, wanted_url};
use crate::{
    account_linking,
    adapter::{Adapter, User, UserRecord},
    auth::Auth,
    email::EmailAddress,
    error::AuthError,
    password::{KnownBrowser, Password, Passwords, Verdict},
    rate_limit::{CREDENTIALS_BY_CLIENT, network, passwords as limits},
    request::{ActionRequest, Redirect},
    user_records::{UserRecords, kind::PASSWORD},
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
    count(auth, request, key).await?;
    let Some((user, record)) = check(passwords, key, &password).await? else { return Err(WRONG) };
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
        Verdict::Right => Ok(Some((user, record))),
        Verdict::RightButOld => match renewed(passwords, adapter, password, record).await? {
            Some(record) => Ok(Some((user, record))),
            // Another sign-in has done it, or the password was changed.
            None => Box::pin(check(passwords, email_key, password)).await,
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

/// A browser that its owner has used before has attempts of its own, which nobody else can use up (RL-04). Of all others
/// each network has some (RL-01), and all of them together (RL-02).
async fn count(auth: &Auth, request: &ActionRequest<'_>, email_key: &str) -> Result<(), AuthError> {
    let client = request.client.map(network);
    if let Some(client) = &client {
        auth.limits.count(&CREDENTIALS_BY_CLIENT, client, request.now).await?;
    }
    if let Some(browser) = KnownBrowser::of_account(auth, &request.cookies, email_key) {
        let who = format!("{}\n{email_key}", browser.id);
        return auth.limits.count(&limits::BY_BROWSER, &who, request.now).await;
    }
    let who = format!("{}\n{email_key}", client.unwrap_or_default());
    auth.limits.count(&limits::BY_CLIENT, &who, request.now).await?;
    auth.limits.count(&limits::FOR_ACCOUNT, email_key, request.now).await
}
