//! Signing out: `POST /api/auth/signout`. Without a session it is the same answer.
//!
//! Where a provider is set so, the browser goes on to it, to be signed out there too (OpenID Connect RP-Initiated Logout
//! 1.0), and comes back to `GET /api/auth/signout/:provider`. Where it goes then is in `state`, which we encrypted, so
//! nobody else can write it; and it is checked again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use super::wanted_url;
use crate::{
    auth::Auth,
    callback_url,
    clock::Timestamp,
    error::{AuthError, chain},
    oauth::OAuthClient,
    request::{ActionRequest, Redirect},
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
    let callback_url = wanted_url(auth, request);
    let provider = provider_of_session(auth, request).await;
    let mut set_cookies = auth.sessions.end(&request.cookies).await?;
    set_cookies.extend([&auth.cookies.csrf, &auth.cookies.callback_url].map(|name| auth.cookies.clear(name)));
    tracing::info!("signed out");
    let way_out = match provider {
        Some(provider) => way_out(auth, &provider, &callback_url, request.now).await,
        None => None,
    };
    Ok(Redirect { to: way_out.unwrap_or(callback_url), set_cookies })
}

/// The browser is back from the provider: on to where it wanted to go.
pub(crate) fn signed_out(auth: &Auth, request: &ActionRequest<'_>) -> Redirect {
    let state = request.parameters.get("state").and_then(|state| auth.signed_out_keys.decrypt(state));
    let state = state.and_then(|json| serde_json::from_slice::<State>(&json).ok());
    let state = state.filter(|state| state.exp > request.now.as_seconds());
    let target = state.as_ref().map(|state| state.callback_url.as_str());
    Redirect { to: callback_url::resolve(&auth.config.base_url, [target]), set_cookies: Vec::new() }
}

/// The provider to leave as well.
struct Provider<'a> {
    client: &'a OAuthClient,
    id_token: Option<String>,
}

/// Which provider this session came from: the last one used in this browser, if the user has an account there.
async fn provider_of_session<'a>(auth: &'a Auth, request: &ActionRequest<'_>) -> Option<Provider<'a>> {
    let provider = request.cookies.get(&auth.cookies.last_provider)?;
    let client = auth.oauth_client(&provider).filter(|client| client.provider.federated_sign_out)?;
    // When the store is away the sign-out here says so; it does not fail for what the provider would need.
    let session = auth.sessions.read(&request.cookies, request.now).await.ok()?.session?;
    let id_token = auth.provider_tokens.id_token(&session.user.id, &provider).await.ok()??;
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
