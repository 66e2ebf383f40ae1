//! One use case per file. The REST API, the pages and the forms without scripts all end here.

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
#[cfg(feature = "password")]
mod password_reset;
mod pending_link;
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
    account, activity, delete_due, devices, export, methods, offer, overview, password_overview, second_step,
    unlink,
};
pub(crate) use backchannel_logout::backchannel_logout;
pub(crate) use callback_credentials::callback_credentials;
pub(crate) use callback_email::callback_email;
pub(crate) use callback_oauth::callback_oauth;
#[cfg(feature = "passkey")]
pub(crate) use callback_webauthn::callback_webauthn;
pub(crate) use form_post::{PURPOSE as FORM_POST_PURPOSE, form_or_query, form_post};
pub(crate) use pending_link::{PendingLink, waits_to_link};
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
    adapter::User,
    audit::{self, Event, Note},
    auth::{Auth, AuthState},
    callback_url,
    email::EmailAddress,
    error::AuthError,
    event::SignInEvent,
    familiar_browser,
    rate_limit::{DeviceCookie, forget_failures},
    request::{ActionRequest, Redirect},
    session::Beginning,
    user_records::{UserRecords, kind},
};

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

/// Where the request wants to go afterwards: its own word first, then the cookie's.
async fn wanted_url(auth: &Auth, request: &ActionRequest<'_>) -> Result<Url, AuthError> {
    let cookie = request.cookies.get(&auth.cookies.callback_url);
    target(auth, request.parameters.get("callbackUrl").or(cookie.as_deref())).await
}

/// A target as the `redirect` callback or the built-in rule has it; without one, the home page.
pub(crate) async fn target(auth: &AuthState, wanted: Option<&str>) -> Result<Url, AuthError> {
    let base_url = &auth.config.base_url;
    if let Some(wanted) = wanted.filter(|wanted| callback_url::may_be_target(wanted))
        && let Some(url) = auth.hooks.redirect(wanted, base_url).await?
    {
        return Ok(url);
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
    if let Some(adapter) = auth.adapter.as_ref().filter(|_| !is_new) {
        records = UserRecords::of(&**adapter, &user.id).await?;
        if records.get(kind::LOCK, request.now).is_some() {
            undo::pass_lock(auth, request, user, provider).await?;
        }
        let asked =
            second_step::ask(auth, request, &resolved, &records, provider, remembered, &callback_url).await?;
        if let Some(redirect) = asked {
            return Ok(redirect);
        }
    }
    let familiar = familiar_browser::cookie(auth, request, &user.id, &records);
    let beginning =
        Beginning { user, is_new: *is_new, provider, account, profile, remembered, max_age: *max_age };
    let mut set_cookies: Vec<HeaderValue> = auth.sessions.begin(&beginning, request).await?;
    set_cookies.push(auth.cookies.set(&auth.cookies.last_provider, provider, Some((YEAR, request.now))));
    DeviceCookie::remember_user(auth, request, user, &mut set_cookies);
    if provider == "email" {
        // Whatever strangers have guessed: this is the owner of the address.
        forget_password_failures(auth, user).await;
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

/// Forgets wrong passwords in a row: the owner of the account has proved that they read its mailbox.
async fn forget_password_failures(auth: &AuthState, user: &User) {
    let address = user.email.as_deref().and_then(|address| EmailAddress::parse(address).ok());
    if let Some(address) = address {
        forget_failures(&auth.limits, "password", address.key()).await;
    }
    forget_failures(&auth.limits, "password-owner", &user.id).await;
}

/// Ends a session whose cookies nobody has got yet.
#[cfg(any(feature = "password", feature = "totp"))]
async fn end_begun(
    auth: &Auth,
    request: &ActionRequest<'_>,
    set_cookies: Vec<HeaderValue>,
) -> Result<(), AuthError> {
    use crate::cookie::Cookies;
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
