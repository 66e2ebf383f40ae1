//! Signing out: `POST /api/auth/signout`. Without a session it is the same answer.

use super::wanted_url;
use crate::{
    auth::Auth,
    error::AuthError,
    request::{ActionRequest, Redirect},
};

/// Ends the session of this browser.
pub(crate) async fn sign_out(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let (user, mut set_cookies) = auth.sessions.end(&request.cookies, request.now).await?;
    set_cookies.extend([&auth.cookies.csrf, &auth.cookies.callback_url].map(|name| auth.cookies.clear(name)));
    tracing::info!(user, "signed out");
    if let Some(user) = &user {
        auth.observers.tell("sign_out", |events| events.sign_out(user)).await;
    }
    Ok(Redirect { to: wanted_url(auth, request).await?, set_cookies })
}
