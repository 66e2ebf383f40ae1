//! Resets a forgotten password: `POST /api/auth/forgot-password` emails a link to a page, and that page's form,
//! `POST /api/auth/reset-password`, sets the new password.
//!
//! The first gives the same response for every address, after the same work; an address without an account gets an email
//! that says so. The token of the link is valid only for this purpose (ML-15): once, for 15 minutes, and until a newer one
//! is requested or the password changes. Setting the password ends all sessions and starts none (CR-11).

use std::time::Duration;

use crate::{
    adapter::{Adapter, Change, User, UserRecord, VerificationToken},
    audit::{Event, Note},
    auth::Auth,
    email::EmailAddress,
    error::AuthError,
    password::{Password, Passwords},
    random,
    rate_limit::{Attempt, DeviceCookie, WRONG_LINKS},
    request::{ActionRequest, Redirect, Refused},
    types::Done,
    user_records::{UserRecords, kind},
};

use super::{
    Lock,
    account::commit_and_cancel_email_change,
    forget_password_failures, forget_tokens, recipient, record_refusal,
    sign_in::{MailPurpose, count_mails},
    wanted_url,
};

const ASKING_PAGE: &str = "/forgot-password";
const PAGE: &str = "/reset-password";
const LIFETIME: Duration = Duration::from_secs(15 * 60);

const WRONG: AuthError = AuthError::Verification("the link to a new password is wrong, used or expired");

/// Mails the link.
pub(crate) async fn forgot_password(
    auth: &Auth,
    passwords: &Passwords,
    request: &ActionRequest<'_>,
) -> Result<Redirect, Refused> {
    ask(auth, passwords, request).await.map_err(|error| Refused::on_page(error, ASKING_PAGE))
}

async fn ask(auth: &Auth, passwords: &Passwords, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let email = auth.email.as_deref().ok_or(AuthError::NotFound)?;
    let address = EmailAddress::parse(request.parameters.get("email").unwrap_or_default())
        .map_err(|error| AuthError::EmailSignin(error.into()))?;
    count_mails(auth, request, &address, MailPurpose::Reset).await?;
    let user = passwords.adapter.get_user_by_email(address.key()).await?;
    let token = random::token();
    let stored = VerificationToken {
        identifier: identifier(&address),
        token_hash: auth.token_hash(&token),
        expires: request.now.plus(LIFETIME),
    };
    // Also where nobody will learn of it: the time must not tell.
    forget_tokens(auth, &*passwords.adapter, &stored.identifier, request.now).await?;
    passwords.adapter.create_verification_token(&stored).await?;
    let to = recipient(user.as_ref(), &address)?;
    let letter = email.letter(auth, request.language, &to);
    let mail = match &user {
        Some(_) => {
            let link = auth.page(PAGE, &[("token", &token), ("email", to.as_str())]);
            letter.reset_password(&link, LIFETIME)
        }
        None => letter.nothing_to_reset(&auth.page("/signup", &[])),
    };
    if let Err(error) = email.send(mail).await {
        passwords.adapter.delete_verification_token(&stored.identifier, &stored.token_hash).await?;
        return Err(error);
    }
    let user_id = user.as_ref().map(|user| user.id.as_str());
    let event = Event::PasswordResetAsked;
    auth.note(request, Note { user_id, ..Note::nobody(event) }).await?;
    let to = auth.page(ASKING_PAGE, &[("done", Done::PasswordResetSent.as_str())]);
    // After the reset the user signs in, usually in this browser, and continues to the page that they first wanted.
    let target = wanted_url(auth, request).await?;
    let target = auth.cookies.set(&auth.cookies.callback_url, target.as_str(), None);
    Ok(Redirect { to, set_cookies: vec![target] })
}

/// Sets the new password.
pub(crate) async fn reset_password(
    auth: &Auth,
    passwords: &Passwords,
    request: &ActionRequest<'_>,
) -> Result<Redirect, Refused> {
    let parameters = &request.parameters;
    let reset = reset(auth, passwords, request).await;
    if let Err(error) = &reset {
        record_refusal(auth, request, "reset-password", error).await;
    }
    reset.map_err(|error| {
        if matches!(error, AuthError::Verification(_)) {
            return error.into();
        }
        // The link is as good as before: the page needs it for the next try.
        let link = ["token", "email"].map(|name| (name, parameters.get(name).unwrap_or_default().to_owned()));
        Refused { query: link.to_vec(), ..Refused::on_page(error, PAGE) }
    })
}

async fn reset(
    auth: &Auth,
    passwords: &Passwords,
    request: &ActionRequest<'_>,
) -> Result<Redirect, AuthError> {
    let adapter = &*passwords.adapter;
    let (address, token_hash) = checked_link(auth, adapter, request).await?;
    let password = Password::parse(request.parameters.get("password").unwrap_or_default())?;
    let user = adapter.get_user_by_email(address.key()).await?.ok_or(WRONG)?;
    passwords.rules.check(&password, &address, user.name.as_deref())?;
    // Before the link is used up: there may be no room.
    let hash = passwords.hasher.hash(&password).await?;
    if !adapter.use_verification_token(&identifier(&address), &token_hash, request.now).await? {
        return Err(WRONG);
    }
    if let Some(lock) = Lock::of(&UserRecords::of(adapter, &user.id).await?, request.now) {
        lock.check(auth, &user, "email")?;
        lock.open(auth, adapter, request, &user).await?;
    }
    // Revokes what an attacker may have begun in the account, or with its address (LK-06).
    forget_tokens(auth, adapter, recipient(Some(&user), &address)?.as_str(), request.now).await?;
    // Before the change: the new password must not take effect while an attacker's session is still active.
    auth.end_sessions(&user.id, None).await?;
    replace(auth, adapter, &user, hash, request).await?;
    // Again: also ends sessions that began with the old password since the first call.
    auth.end_sessions(&user.id, None).await?;
    forget_password_failures(auth, request, &user).await;
    let mut set_cookies = Vec::new();
    DeviceCookie::remember_reset(auth, request, &user, &mut set_cookies);
    let to = auth.page("/signin", &[("done", Done::PasswordReset.as_str())]);
    Ok(Redirect { to, set_cookies })
}

/// Checks the link's token and returns the address and the stored form of the token. This happens before anything that
/// depends on the account, and before any expensive work: every wrong link gets the same response. The token is not used
/// up, because the new password may still be rejected.
async fn checked_link(
    auth: &Auth,
    adapter: &dyn Adapter,
    request: &ActionRequest<'_>,
) -> Result<(EmailAddress, String), AuthError> {
    let mut attempt = Attempt::new(&auth.limits, request.now);
    attempt.count_network(auth.limits.configured.network_sign_ins, request).await?;
    let checked = async {
        let address = request.parameters.get("email").unwrap_or_default();
        let address = EmailAddress::parse(address).map_err(|_| WRONG)?;
        let token_hash = auth.token_hash(request.parameters.get("token").unwrap_or_default());
        if adapter.has_verification_token(&identifier(&address), &token_hash, request.now).await? {
            return Ok((address, token_hash));
        }
        auth.limits.count(&WRONG_LINKS, &identifier(&address), request.now).await?;
        Err(WRONG)
    };
    let checked = checked.await;
    attempt.settle(checked.as_ref()).await;
    checked
}

/// Stores a hash in place of whatever is there. Of two writers at once the second looks again.
async fn replace(
    auth: &Auth,
    adapter: &dyn Adapter,
    user: &User,
    hash: String,
    request: &ActionRequest<'_>,
) -> Result<(), AuthError> {
    const TRIES: usize = 3;
    let record = UserRecord {
        user_id: user.id.clone(),
        kind: kind::PASSWORD.to_owned(),
        id: String::new(),
        value: hash,
        created: request.now,
        expires: None,
    };
    for _ in 0..TRIES {
        let records = UserRecords::of(adapter, &user.id).await?;
        let put = Change::PutRecord { record: &record, from: records.value(kind::PASSWORD, "") };
        let note = Note::of(Event::PasswordReset, &user.id);
        if commit_and_cancel_email_change(auth, request, &[put], note).await? {
            return Ok(());
        }
    }
    Err(AuthError::Busy)
}

/// Not an address, so no token of a sign-in can be one of these.
pub(super) fn identifier(address: &EmailAddress) -> String {
    format!("reset:{}", address.key())
}
