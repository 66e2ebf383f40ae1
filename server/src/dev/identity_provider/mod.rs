//! A small, honest OpenID Connect provider at `/dev/idp`, so that a fresh clone signs people in over a real code flow
//! with PKCE, state and nonce (OpenID Connect Core 1.0; RFC 6749, 7636, 9207).
//!
//! One endpoint per file. [`Client`], [`AuthorizationRequest`] and [`Grants`] know nothing of HTTP, so that a real
//! provider can grow out of them; what makes this one a toy is that [`persona`] needs no password.

mod authorization_request;
mod authorize;
mod client;
mod discovery;
mod grant;
mod jwks;
mod parameters;
mod persona;
mod signing_key;
mod token;
mod userinfo;

use std::{net::IpAddr, sync::Arc};

use axum::{
    Router,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leptos_auth::{Secret, provider::OAuthProvider};
use url::Url;

use crate::state::AppState;
use authorization_request::AuthorizationRequest;
use client::Client;
use grant::Grants;
use signing_key::SigningKey;

/// Where it lives.
pub const PATH: &str = "/dev/idp";

/// The provider.
pub struct IdentityProvider {
    /// What it calls itself, and where our own server asks it.
    issuer: String,
    /// Where browsers go: `AUTH_URL`, which in a container or behind a tunnel is another address than the issuer's.
    authorization_endpoint: String,
    client: Client,
    key: SigningKey,
    grants: Grants,
}

/// What its handlers get.
#[derive(Clone)]
struct ProviderState {
    provider: Arc<IdentityProvider>,
    css: Arc<str>,
}

impl IdentityProvider {
    /// With a key and a client secret of this process. `None` where it could not work: it must be reached over
    /// loopback by the server, and over loopback or https by the browser.
    pub fn new(base_url: &Url, host: IpAddr, port: u16) -> Option<Self> {
        let is_safe =
            base_url.scheme() == "https" || base_url.host_str() == Some("localhost") || is_loopback(base_url);
        if !is_safe || !(host.is_loopback() || host.is_unspecified()) {
            return None;
        }
        let at = |path: &str| base_url.join(path).ok();
        Some(Self {
            issuer: format!("http://localhost:{port}{PATH}"),
            authorization_endpoint: at(&format!("{PATH}/authorize"))?.into(),
            client: Client {
                id: "dev".to_owned(),
                secret: random_token(),
                redirect_uri: at("/api/auth/callback/dev")?.into(),
            },
            key: SigningKey::generate()?,
            grants: Grants::default(),
        })
    }

    /// How our own server knows it: as any other provider.
    pub fn registration(&self) -> OAuthProvider {
        let Client { id, secret, .. } = &self.client;
        OAuthProvider::oidc("dev", "Dev ID", &self.issuer, id.clone(), Secret::new(secret.clone()))
    }
}

/// All endpoints, below [`PATH`].
pub fn routes(provider: Arc<IdentityProvider>, state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::discovery))
        .route("/authorize", get(authorize::ask).post(authorize::decide))
        .route("/token", post(token::token))
        .route("/userinfo", get(userinfo::userinfo))
        .route("/jwks", get(jwks::jwks))
        .with_state(ProviderState { provider, css: state.assets.names.css.as_str().into() })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}

/// 256 random bits.
fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(josekit::util::random_bytes(32))
}
