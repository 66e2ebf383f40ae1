//! Events observe: each is told after something has happened and cannot change it. They have the names of Auth.js.
//! Implement [`Events`] in `server/src/auth.rs`.
//!
//! Rule: the answer waits for an event (what `create_user` prepares is there when the first page opens), but at most
//! [`TIME_LIMIT`](callback::TIME_LIMIT); one that panics or hangs is logged and has no other effect.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    adapter::{Account, User},
    callback,
    types::Session,
};

/// What the application hears of. All methods have a default that does nothing.
///
/// ```
/// use leptos_auth::{Events, SignInEvent, adapter::User};
///
/// struct Welcome;
///
/// #[leptos_auth::async_trait]
/// impl Events for Welcome {
///     async fn create_user(&self, user: &User) {
///         println!("write a welcome mail to {}", user.id);
///     }
///
///     async fn sign_in(&self, event: SignInEvent<'_>) {
///         println!("{} came by {}", event.user.id, event.provider);
///     }
/// }
/// ```
#[async_trait::async_trait]
pub trait Events: Send + Sync + 'static {
    /// Somebody signed in.
    async fn sign_in(&self, event: SignInEvent<'_>) {
        let _ = event;
    }

    /// Somebody signed out; the id of the user, if anybody was signed in.
    async fn sign_out(&self, user_id: &str) {
        let _ = user_id;
    }

    /// A user was stored for the first time. Not told without a database.
    async fn create_user(&self, user: &User) {
        let _ = user;
    }

    /// What is stored of a user has changed.
    async fn update_user(&self, user: &User) {
        let _ = user;
    }

    /// A user was deleted, with accounts and sessions: what the application keeps of them should go as well.
    async fn delete_user(&self, user_id: &str) {
        let _ = user_id;
    }

    /// A user got a way to sign in: with the first sign-in, or later.
    async fn link_account(&self, user: &User, account: &Account) {
        let _ = (user, account);
    }

    /// A user took a way to sign in away.
    async fn unlink_account(&self, user: &User, account: &Account) {
        let _ = (user, account);
    }

    /// A session was read. This is by far the most frequent one, on every page: keep it short.
    async fn session(&self, session: &Session) {
        let _ = session;
    }
}

/// Who signed in, and how.
#[derive(Clone, Copy, Debug)]
pub struct SignInEvent<'a> {
    /// Who.
    pub user: &'a User,
    /// Id of the provider.
    pub provider: &'a str,
    /// The account at the provider; none by e-mail.
    pub account: Option<&'a Account>,
    /// What the provider said of the person, as it came: hostile until checked. None by e-mail.
    pub profile: Option<&'a Value>,
    /// Whether this was the first time.
    pub is_new_user: bool,
}

/// The application's events, behind their time limit.
#[derive(Clone)]
pub(crate) struct Observers(pub(crate) Option<Arc<dyn Events>>);

impl Observers {
    /// Tells an event, if anybody listens.
    pub(crate) async fn tell<'a, F>(&'a self, name: &'static str, event: impl FnOnce(&'a dyn Events) -> F)
    where
        F: Future<Output = ()> + Send,
    {
        let Some(events) = &self.0 else { return };
        if let Err(reason) = callback::bounded(event(&**events)).await {
            tracing::error!(event = name, reason, "an event failed");
        }
    }
}
