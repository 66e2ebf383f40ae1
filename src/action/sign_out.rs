//! Signing out: `POST /api/auth/signout`. Without a session it is the same answer.
//!
//! Where a provider is set so, the browser goes on to it, to be signed out there too (OpenID Connect RP-Initiated Logout
//! 1.0), and comes back to `GET /api/auth/signout/:provider`. Where it goes then is in `state`, which we encrypted, so
//! nobody else can write it; and it is checked again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{target, wanted_url};
use crate::{
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    error::{AuthError, chain},
    oauth::OAuthClient,
    request::{ActionRequest, Redirect},
    session::Ended,
};

/// The salt of the key for `state`.
pub(crate) const SIGNED_OUT_PURPOSE: &str = "authjs.signed-out";

/// How long the person may take at the provider.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// What comes back from the provider.
#[derive(Serialize, Deserialize)]
struct State {
    callback_url: String,
    exp: i64,
}

/// Ends the session of this browser.
pub(crate) async fn sign_out(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let callback_url = wanted_url(auth, request).await?;
    let (ended, mut set_cookies) = auth.sessions.end(&request.cookies, request.now).await?;
    set_cookies.extend([&auth.cookies.csrf, &auth.cookies.callback_url].map(|name| auth.cookies.clear(name)));
    let Some(ended) = ended else { return Ok(Redirect { to: callback_url, set_cookies }) };
    auth.note(request, Note::of(Event::SignedOut, &ended.user_id)).await?;
    auth.observers.tell("sign_out", |events| events.sign_out(&ended.user_id)).await;
    let way_out = match provider_of(auth, &ended).await {
        Some(provider) => way_out(auth, &provider, &callback_url, request.now).await,
        None => None,
    };
    Ok(Redirect { to: way_out.unwrap_or(callback_url), set_cookies })
}

/// The browser is back from the provider: on to where it wanted to go.
pub(crate) async fn signed_out(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let state = request.parameters.get("state").and_then(|state| auth.signed_out_keys.decrypt(state));
    let state = state.and_then(|json| serde_json::from_slice::<State>(&json).ok());
    let state = state.filter(|state| state.exp > request.now.as_seconds());
    let to = target(auth, state.as_ref().map(|state| state.callback_url.as_str())).await?;
    Ok(Redirect { to, set_cookies: Vec::new() })
}

/// The provider to leave as well.
struct Provider<'a> {
    client: &'a OAuthClient,
    id_token: Option<String>,
}

/// The provider that a session came from.
async fn provider_of<'a>(auth: &'a Auth, ended: &Ended) -> Option<Provider<'a>> {
    let provider = ended.provider.as_deref()?;
    let client = auth.oauth_client(provider).filter(|client| client.provider.federated_sign_out)?;
    // The session is over; a store that is away now must not make that look otherwise.
    let id_token = auth.provider_tokens.id_token(&ended.user_id, provider).await.ok()??;
    Some(Provider { client, id_token })
}

/// The page of the provider. A provider that is away keeps nobody from signing out here.
async fn way_out(auth: &Auth, provider: &Provider<'_>, callback_url: &Url, now: Timestamp) -> Option<Url> {
    let Provider { client, id_token } = provider;
    let state = State { callback_url: callback_url.to_string(), exp: now.plus(LIFETIME).as_seconds() };
    let state = auth.signed_out_keys.encrypt(&serde_json::to_vec(&state).unwrap_or_default());
    let url = client.end_session_url(&auth.config.base_url, id_token.as_deref(), &state).await;
    url.unwrap_or_else(|error| {
        let (provider, reason) = (client.provider.id.as_str(), chain(&*error));
        tracing::warn!(provider, reason, "signed out here, but not at the provider");
        None
    })
}
