//! One use case per file. The REST API, the pages and the forms without scripts all end here.

mod backchannel_logout;
mod callback_credentials;
mod callback_email;
mod callback_oauth;
mod end_sessions;
mod sign_in;
mod sign_out;
mod verify_request;

pub(crate) use backchannel_logout::backchannel_logout;
pub(crate) use callback_credentials::callback_credentials;
pub(crate) use callback_email::callback_email;
pub(crate) use callback_oauth::callback_oauth;
pub(crate) use end_sessions::end_sessions;
pub(crate) use sign_in::{EmailSignIn, sign_in};
pub(crate) use sign_out::{SIGNED_OUT_PURPOSE, sign_out, signed_out};
pub(crate) use verify_request::{Waiting, verify_request};

use std::time::Duration;

use http::HeaderValue;
use url::Url;

use crate::{
    account_linking::Resolved,
    auth::Auth,
    callback_url,
    error::AuthError,
    request::{ActionRequest, Redirect},
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// Where the request wants to go afterwards: its own word first, then the cookie's.
fn wanted_url(auth: &Auth, request: &ActionRequest<'_>) -> Url {
    let cookie = request.cookies.get(&auth.cookies.callback_url);
    callback_url::resolve(&auth.config.base_url, [request.parameters.get("callbackUrl"), cookie.as_deref()])
}

/// The last step of every sign-in: a new session, a new CSRF token, and the way on.
async fn complete_sign_in(
    auth: &Auth,
    request: &ActionRequest<'_>,
    resolved: Resolved,
    provider: &str,
    callback_url: Url,
) -> Result<Redirect, AuthError> {
    let mut set_cookies: Vec<HeaderValue> =
        auth.sessions.begin(&resolved.user, &request.cookies, request.now).await?;
    set_cookies.push(auth.cookies.set(&auth.cookies.last_provider, provider, Some((YEAR, request.now))));
    // A form that was drawn for somebody else must not work for this user (TS-02).
    set_cookies.extend([&auth.cookies.csrf, &auth.cookies.callback_url].map(|name| auth.cookies.clear(name)));
    tracing::info!(provider, user = resolved.user.id, new = resolved.is_new, "signed in");
    let to = if resolved.is_new {
        auth.page("/welcome", &[("callbackUrl", callback_url.as_str())])
    } else {
        callback_url
    };
    Ok(Redirect { to, set_cookies })
}
