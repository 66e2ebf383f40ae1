//! The auth core of the starter: the flows, sessions and REST API of Auth.js, without a web framework.
//!
//! Without features it contains only [`types`]: what the browser and the server share. Everything with I/O requires the
//! feature `server`. A host (see `server/`) holds one `Auth` handle and translates requests.
//!
//! Dependencies point one way: `rest → action → {oauth, email, session, csrf, account_linking} → {jwt, cookie,
//! adapter, http_client} → {types, error, config}`.

pub mod types;

#[cfg(feature = "server")]
mod account_linking;
#[cfg(feature = "server")]
mod action;
#[cfg(feature = "server")]
pub mod adapter;
#[cfg(feature = "server")]
mod audit;
#[cfg(feature = "server")]
mod auth;
#[cfg(feature = "sqlite")]
pub mod backup;
#[cfg(feature = "server")]
pub mod callback;
#[cfg(feature = "server")]
pub mod callback_url;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod color;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod cookie;
#[cfg(feature = "server")]
mod csrf;
#[cfg(feature = "server")]
pub mod email;
#[cfg(feature = "server")]
mod error;
#[cfg(feature = "server")]
pub mod event;
#[cfg(feature = "server")]
mod familiar_browser;
#[cfg(feature = "server")]
mod hash;
#[cfg(feature = "server")]
pub mod html;
#[cfg(feature = "server")]
mod http_client;
#[cfg(feature = "server")]
pub mod jwt;
#[cfg(feature = "server")]
pub mod language;
#[cfg(feature = "server")]
mod oauth;
#[cfg(feature = "server")]
pub mod operator;
#[cfg(feature = "passkey")]
mod passkey;
#[cfg(feature = "password")]
mod password;
#[cfg(feature = "server")]
mod percent;
#[cfg(feature = "server")]
pub mod provider;
#[cfg(feature = "server")]
mod provider_token;
#[cfg(feature = "server")]
mod random;
#[cfg(feature = "server")]
mod rate_limit;
#[cfg(feature = "server")]
mod request;
#[cfg(feature = "server")]
mod rest;
#[cfg(feature = "totp")]
mod second_step;
#[cfg(feature = "server")]
mod secret;
#[cfg(feature = "server")]
mod session;
#[cfg(feature = "server")]
mod text;
#[cfg(feature = "server")]
mod user_records;

/// For implementing [`Callbacks`], [`Events`] and adapters.
#[cfg(feature = "server")]
pub use async_trait::async_trait;

#[cfg(feature = "server")]
pub use {
    auth::{Auth, AuthBuilder, AuthState, Page},
    callback::{
        CallbackError, Callbacks, JwtContext, JwtTrigger, SessionSource, SignInAttempt, SignInDecision,
    },
    error::{AuthError, PasswordProblem},
    event::{Events, SignInEvent},
    jwt::{CodecError, TokenCodec},
    provider_token::{ProviderToken, ProviderTokenError},
    request::{ClientAddress, RequestId},
    secret::Secret,
    session::{SessionDetails, SessionRead, Token},
};
