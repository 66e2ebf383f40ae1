//! A provider ends a session without the browser: `POST /api/auth/backchannel-logout/:provider` (OpenID Connect
//! Back-Channel Logout 1.0). No cookie and no CSRF token come along: the signature of the logout token is the proof.

use crate::{
    account_linking,
    audit::{Event, Note},
    auth::Auth,
    error::AuthError,
    oauth::OAuthClient,
    rate_limit::LOGOUT_TOKEN_USES,
    request::ActionRequest,
};

/// Ends the sessions of whom the token names. Somebody who was never here is signed out already.
pub(crate) async fn backchannel_logout(
    auth: &Auth,
    client: &OAuthClient,
    request: &ActionRequest<'_>,
) -> Result<(), AuthError> {
    let token = request.parameters.get("logout_token");
    let token = token.ok_or(AuthError::BadRequest("there is no logout token"))?;
    let token = client.logout_token(token).await.map_err(AuthError::OAuthCallback)?;
    let provider = client.provider.id.as_str();
    let (id, used) =
        (format!("{provider}\n{}", token.id), AuthError::callback("the logout token was used before"));
    auth.limits.use_once(&LOGOUT_TOKEN_USES, &id, request.now, used).await?;
    let Some(subject) = token.subject else {
        return Err(AuthError::callback(
            "the logout token names a session only, and those are not known here",
        ));
    };
    let user = match &auth.adapter {
        Some(adapter) => adapter.get_user_by_account(provider, &subject).await?.map(|user| user.id),
        None => Some(account_linking::derived_user_id(provider, &subject)),
    };
    tracing::info!(provider, known = user.is_some(), "back-channel logout");
    match user {
        // We do not keep the provider's name of a session, so all sessions of the user end, as section 2.7 leaves open.
        Some(user) => {
            auth.sessions.end_all(&user, None, request.now).await?;
            let note = Note { method: Some(provider), ..Note::of(Event::SignedOut, &user) };
            auth.note(request, note).await
        }
        None => Ok(()),
    }
}
