//! Actions, one use case per file. The REST API, the pages and the forms without scripts all use them.

mod account;
mod backchannel_logout;
mod callback_credentials;
mod callback_email;
mod callback_oauth;
#[cfg(feature = "password")]
mod callback_password;
#[cfg(feature = "passkey")]
mod callback_webauthn;
mod form_post;
mod lock;
#[cfg(feature = "password")]
mod password_reset;
mod pending_link;
mod refusal;
#[cfg_attr(not(feature = "totp"), path = "no_second_step.rs")]
mod second_step;
mod sign_in;
mod sign_out;
#[cfg(feature = "password")]
mod sign_up;
pub(crate) mod undo;
mod verify_request;
#[cfg(feature = "passkey")]
mod webauthn_options;

#[cfg(feature = "passkey")]
pub(crate) use account::{PASSKEYS_PAGE, passkeys};
pub(crate) use account::{
    account, account_page, activity, delete_due, devices, export, methods, offer, overview,
    password_overview, second_step, unlink,
};
pub(crate) use backchannel_logout::backchannel_logout;
pub(crate) use callback_credentials::callback_credentials;
pub(crate) use callback_email::callback_email;
pub(crate) use callback_oauth::callback_oauth;
#[cfg(feature = "passkey")]
pub(crate) use callback_webauthn::callback_webauthn;
pub(crate) use form_post::{PURPOSE as FORM_POST_PURPOSE, form_or_query, form_post};
pub(crate) use pending_link::{PendingLink, waits_to_link};
pub(crate) use refusal::record_refusal;
pub(crate) use second_step::{callback_totp, forget as forget_second_steps, form as second_step_form};
pub(crate) use sign_in::{EmailSignIn, sign_in};
pub(crate) use sign_out::{SIGNED_OUT_PURPOSE, sign_out, signed_out};
pub(crate) use undo::Undo;
pub(crate) use verify_request::{Choice, Waiting, verify_request};
#[cfg(feature = "passkey")]
pub(crate) use webauthn_options::webauthn_options;

use std::time::Duration;

use http::HeaderValue;
use url::Url;

#[cfg(feature = "password")]
use crate::request::Refused;
use crate::{
    account_linking::Resolved,
    adapter::{Adapter, User, VerificationToken},
    audit::{self, Event, Note},
    auth::{Auth, AuthState},
    callback_url,
    clock::Timestamp,
    cookie::Cookies,
    email::EmailAddress,
    error::AuthError,
    event::SignInEvent,
    familiar_browser, random,
    rate_limit::{DeviceCookie, forget_failures},
    request::{ActionRequest, Redirect},
    session::Beginning,
    user_records::{UserRecords, kind},
};
use lock::Lock;

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// The forms that need passwords.
///
/// # Errors
/// [`AuthError::NotFound`] where they are off.
#[cfg(feature = "password")]
pub(crate) async fn password(
    auth: &Auth,
    action: &str,
    request: &ActionRequest<'_>,
) -> Result<Redirect, Refused> {
    let passwords = auth.passwords.as_ref().ok_or(AuthError::NotFound)?;
    match action {
        "signup" => sign_up::sign_up(auth, passwords, request).await,
        "forgot-password" => password_reset::forgot_password(auth, passwords, request).await,
        "reset-password" => password_reset::reset_password(auth, passwords, request).await,
        "callback" => Ok(callback_password::callback_password(auth, passwords, request).await?),
        _ => Err(AuthError::NotFound.into()),
    }
}

/// Continues the request's session under a new token, after a change of the user's sign-in methods. Returns the cookies
/// to set, including the CSRF token signed again for the new token, so that forms in other tabs still work.
///
/// Call it last: the browser must receive these cookies, so nothing may fail after it.
async fn rotate(auth: &Auth, request: &ActionRequest<'_>) -> Result<Vec<HeaderValue>, AuthError> {
    let from = auth.sessions.csrf_binding(&request.cookies, request.now).await?;
    let Some(rotated) = auth.sessions.rotate(request).await? else { return Ok(Vec::new()) };
    let mut set_cookies = rotated.set_cookies;
    let cookie = request.cookies.values(&auth.cookies.csrf);
    let csrf = auth.csrf.sign_again(&cookie, from.as_deref(), &rotated.csrf_binding);
    set_cookies.extend(csrf.map(|value| auth.cookies.set(&auth.cookies.csrf, &value, None)));
    Ok(set_cookies)
}

/// Revokes all tokens of an identifier: using one up removes the others.
async fn forget_tokens(
    auth: &Auth,
    adapter: &dyn Adapter,
    identifier: &str,
    now: Timestamp,
) -> Result<(), AuthError> {
    let token_hash = auth.token_hash(&random::token());
    let identifier = identifier.to_owned();
    let token = VerificationToken { identifier, token_hash, expires: now.plus(Waiting::LIFETIME) };
    adapter.create_verification_token(&token).await?;
    adapter.use_verification_token(&token.identifier, &token.token_hash, now).await?;
    Ok(())
}

/// Returns the address to send an email about an account to: the stored address. The address as typed may be another
/// mailbox whose address only looks the same to us (`VERA@app.test`). Without an account it is the address as typed.
///
/// # Errors
/// [`AuthError::EmailSignin`] if the stored value is not an email address.
fn recipient(owner: Option<&User>, typed: &EmailAddress) -> Result<EmailAddress, AuthError> {
    let Some(stored) = owner.and_then(|owner| owner.email.as_deref()) else { return Ok(typed.clone()) };
    EmailAddress::parse(stored).map_err(|error| AuthError::EmailSignin(error.into()))
}

/// Returns the URL to go to afterwards: the request's `callbackUrl`, or else the first valid target in a cookie.
async fn wanted_url(auth: &Auth, request: &ActionRequest<'_>) -> Result<Url, AuthError> {
    if let Some(wanted) = request.parameters.get("callbackUrl") {
        return target(auth, Some(wanted)).await;
    }
    let remembered = remembered_target(auth, &request.cookies);
    target(auth, remembered.as_deref()).await
}

/// Returns the page that this browser asked for when it began to sign in: the first target in a cookie that is valid, or
/// that a `redirect` callback may accept.
pub(crate) fn remembered_target(auth: &AuthState, cookies: &Cookies<'_>) -> Option<String> {
    let name = &auth.cookies.callback_url;
    let own = |value: &str| callback_url::check(&auth.config.base_url, value).map(|_| value.to_owned());
    let any = |value: &str| callback_url::may_be_target(value).then(|| value.to_owned());
    cookies.find(name, own).or_else(|| cookies.find(name, any))
}

/// A target as the `redirect` callback or the built-in rule has it; without one, the home page.
pub(crate) async fn target(auth: &AuthState, wanted: Option<&str>) -> Result<Url, AuthError> {
    let base_url = &auth.config.base_url;
    if let Some(wanted) = wanted.filter(|wanted| callback_url::may_be_target(wanted))
        && let Some(url) = auth.hooks.redirect(wanted, base_url).await?
    {
        return Ok(if callback_url::is_storable(&url) { url } else { base_url.clone() });
    }
    Ok(callback_url::resolve(base_url, [wanted]))
}

/// Whether the browser may remember the session: unless the form says `remember=false` (a shared computer).
pub(crate) fn is_remembered(request: &ActionRequest<'_>) -> bool {
    request.parameters.get("remember") != Some("false")
}

/// The last step of every sign-in: a new session, a new CSRF token, and the way on. Who has a second step takes that first,
/// and comes here again.
async fn complete_sign_in(
    auth: &Auth,
    request: &ActionRequest<'_>,
    resolved: Resolved,
    provider: &str,
    remembered: bool,
    callback_url: Url,
) -> Result<Redirect, AuthError> {
    let Resolved { user, is_new, account, profile, max_age, .. } = &resolved;
    let (account, profile) = (account.as_ref(), profile.as_ref());
    let mut records = UserRecords::default();
    let adapter = auth.adapter.as_ref().filter(|_| !is_new);
    if let Some(adapter) = adapter {
        records = UserRecords::of(&**adapter, &user.id).await?;
        let lock = Lock::of(&records, request.now);
        if let Some(lock) = &lock {
            lock.check(auth, user, provider)?;
        }
        let asked =
            second_step::ask(auth, request, &resolved, &records, provider, remembered, &callback_url).await?;
        if let Some(redirect) = asked {
            return Ok(redirect);
        }
        if let Some(lock) = &lock {
            lock.open(auth, &**adapter, request, user).await?;
        }
    }
    let familiar = familiar_browser::cookie(auth, request, &user.id, &records);
    let beginning =
        Beginning { user, is_new: *is_new, provider, account, profile, remembered, max_age: *max_age };
    let mut set_cookies: Vec<HeaderValue> = auth.sessions.begin(&beginning, request).await?;
    if let Some(adapter) = adapter
        && Lock::of(&UserRecords::of(&**adapter, &user.id).await?, request.now).is_some()
    {
        // A request that locked the account meanwhile has ended only the sessions that existed then. This one is newer (CC-07).
        end_begun(auth, request, set_cookies).await?;
        return Err(AuthError::AccessDenied("the account was locked meanwhile"));
    }
    set_cookies.push(auth.cookies.set(&auth.cookies.last_provider, provider, Some((YEAR, request.now))));
    let showed_code = records.get(kind::SECOND_STEP, request.now).is_some();
    DeviceCookie::remember_user(auth, request, user, showed_code, &mut set_cookies);
    if provider == "email" {
        // Clears failed guesses of strangers: this user is the owner of the address.
        forget_password_failures(auth, request, user).await;
    }
    // A form that was drawn for somebody else must not work for this user (TS-02).
    set_cookies.extend([&auth.cookies.csrf, &auth.cookies.callback_url].map(|name| auth.cookies.clear(name)));
    let detail = if *is_new { Some("first") } else { familiar.as_ref().map(|_| audit::NEW_BROWSER) };
    set_cookies.extend(familiar);
    let note = Note {
        method: Some(provider),
        detail: detail.map(str::to_owned),
        ..Note::of(Event::SignedIn, &user.id)
    };
    auth.note(request, note).await?;
    let event = SignInEvent { user, provider, account, profile, is_new_user: *is_new };
    auth.observers.tell("sign_in", |events| events.sign_in(event)).await;
    let to =
        if *is_new { auth.page("/welcome", &[("callbackUrl", callback_url.as_str())]) } else { callback_url };
    Ok(Redirect { to, set_cookies })
}

/// Clears the counts of wrong passwords: the user has verified that they can read the account's mailbox.
async fn forget_password_failures(auth: &AuthState, request: &ActionRequest<'_>, user: &User) {
    let address = user.email.as_deref().and_then(|address| EmailAddress::parse(address).ok());
    if let Some(address) = address {
        forget_failures(auth, request, "password", address.key()).await;
    }
    forget_failures(auth, request, "password-owner", &user.id).await;
}

/// Ends a session whose cookies nobody has got yet.
async fn end_begun(
    auth: &Auth,
    request: &ActionRequest<'_>,
    set_cookies: Vec<HeaderValue>,
) -> Result<(), AuthError> {
    use http::{HeaderMap, header};

    let mut answer = HeaderMap::new();
    for cookie in set_cookies {
        answer.append(header::SET_COOKIE, cookie);
    }
    let token = auth.cookies.take_session(&mut answer);
    let bearer =
        token.and_then(|token| HeaderValue::from_bytes(&[b"Bearer ", token.as_bytes()].concat()).ok());
    if let Some(bearer) = bearer {
        let headers = HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]);
        auth.sessions.end(&Cookies::of(&headers), request.now).await?;
    }
    Ok(())
}
