//! Callbacks decide: who may come in, where to go afterwards, what the token and the session say. They have the names
//! and the meaning of Auth.js. Implement [`Callbacks`] in `server/src/auth.rs`; what you leave out behaves as if there
//! were none.
//!
//! Rule: a callback that fails, panics or takes longer than [`TIME_LIMIT`] refuses its own request and nothing else;
//! nobody is signed in or out by it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use serde_json::Value;
use url::Url;

use crate::{
    adapter::{Account, User},
    error::AuthError,
    session::Token,
    types::Session,
};

/// How long a callback may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Why a callback could not decide: goes to the log; outside it is `Configuration`.
pub type CallbackError = Box<dyn std::error::Error + Send + Sync>;

/// What the application decides. All methods have a default.
///
/// ```
/// use leptos_auth::{Callbacks, SignInAttempt, SignInDecision, CallbackError};
///
/// /// Only people of our own company.
/// struct OnlyUs;
///
/// #[leptos_auth::async_trait]
/// impl Callbacks for OnlyUs {
///     async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
///         let email = attempt.user.email.as_deref().unwrap_or_default();
///         let is_ours = attempt.user.email_verified.is_some() && email.ends_with("@example.com");
///         Ok(if is_ours { SignInDecision::Allow } else { SignInDecision::Deny })
///     }
/// }
/// ```
#[async_trait::async_trait]
pub trait Callbacks: Send + Sync + 'static {
    /// May this person come in? Asked before anything is stored: a new user who is denied leaves no row.
    ///
    /// By e-mail it is asked twice: before the mail is sent (`is_request`), and when the link or code comes back.
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let _ = attempt;
        Ok(SignInDecision::Allow)
    }

    /// Where to go after signing in or out: `url` is what the browser asked for, as it is.
    ///
    /// A page is drawn without waiting for this: the sign-in page offers another site only if the answer is there at once.
    ///
    /// `None` applies the built-in rule: pages of this origin only, else the home page. What this returns is not
    /// checked again, so never return `url` without looking at it: that would be an open redirect.
    ///
    /// ```
    /// # use leptos_auth::{Callbacks, CallbackError};
    /// # struct Hooks;
    /// # #[leptos_auth::async_trait]
    /// # impl Callbacks for Hooks {
    /// async fn redirect(&self, url: &str, base_url: &url::Url) -> Result<Option<url::Url>, CallbackError> {
    ///     let _ = base_url;
    ///     let docs = url::Url::parse(url).ok().filter(|url| url.origin().ascii_serialization() == "https://docs.example.com");
    ///     Ok(docs)
    /// }
    /// # }
    /// ```
    async fn redirect(&self, url: &str, base_url: &Url) -> Result<Option<Url>, CallbackError> {
        let _ = (url, base_url);
        Ok(None)
    }

    /// Puts things into the token of a stateless session. Called when it is made: at a sign-in, at `update()`, when it
    /// is renewed (`AUTH_SESSION_UPDATE_AGE`), and after [`Auth::user_changed`](crate::Auth::user_changed). With
    /// database sessions it is never called.
    ///
    /// The role of a user, looked up at sign-in and whenever the token is made anew:
    ///
    /// ```
    /// # use leptos_auth::{Callbacks, CallbackError, JwtContext, Token};
    /// # struct Hooks;
    /// # impl Hooks { async fn role_of(&self, _: &str) -> Result<String, CallbackError> { Ok("admin".into()) } }
    /// # #[leptos_auth::async_trait]
    /// # impl Callbacks for Hooks {
    /// async fn jwt(&self, token: &mut Token, context: JwtContext<'_>) -> Result<(), CallbackError> {
    ///     let _ = context.trigger;
    ///     let role = self.role_of(&token.sub).await?;
    ///     token.claims.insert("role".into(), role.into());
    ///     Ok(())
    /// }
    /// # }
    /// ```
    async fn jwt(&self, token: &mut Token, context: JwtContext<'_>) -> Result<(), CallbackError> {
        let _ = (token, context);
        Ok(())
    }

    /// Says what the browser gets to know of a session; called at each reading. Everything in it is public to the
    /// user: no secret. [`Session::set_claims`] puts typed claims into it, and `use_session()` gives them out typed.
    ///
    /// ```
    /// # use leptos_auth::{Callbacks, CallbackError, SessionSource, types::Session};
    /// # struct Hooks;
    /// # #[leptos_auth::async_trait]
    /// # impl Callbacks for Hooks {
    /// async fn session(&self, session: &mut Session, source: SessionSource<'_>) -> Result<(), CallbackError> {
    ///     if let SessionSource::Token(token) = source
    ///         && let Some(role) = token.claims.get("role")
    ///     {
    ///         session.user.claims.insert("role".into(), role.clone());
    ///     }
    ///     Ok(())
    /// }
    /// # }
    /// ```
    async fn session(&self, session: &mut Session, source: SessionSource<'_>) -> Result<(), CallbackError> {
        let _ = (session, source);
        Ok(())
    }
}

/// A sign-in that is about to succeed.
#[derive(Clone, Copy, Debug)]
pub struct SignInAttempt<'a> {
    /// Who it is: as stored, or as a new user will be. Before a mail is sent only the address is known.
    pub user: &'a User,
    /// Whether this user does not exist yet.
    pub is_new: bool,
    /// Id of the provider.
    pub provider: &'a str,
    /// The account at the provider; none by e-mail.
    pub account: Option<&'a Account>,
    /// What the provider said of the person, as it came: hostile until checked.
    pub profile: Option<&'a Value>,
    /// A mail is asked for; nothing is proven yet.
    pub is_request: bool,
}

/// The answer to [`Callbacks::sign_in`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInDecision {
    /// Come in.
    Allow,
    /// Come in, but the session ends so long after its last renewal (at most `AUTH_SESSION_MAX_AGE`).
    AllowFor(Duration),
    /// Stay out: the error page says `AccessDenied`.
    Deny,
    /// Stay out, and go there instead: a path of this site or a whole URL.
    Redirect(String),
}

/// Why a token is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwtTrigger {
    /// A known user signed in.
    SignIn,
    /// A new user signed in.
    SignUp,
    /// `update()` of the hook, or a `POST` to the session.
    Update,
    /// It is old, or what it says of the user may be.
    Renewal,
}

/// What is known when a token is made.
#[derive(Clone, Copy, Debug)]
pub struct JwtContext<'a> {
    /// Why.
    pub trigger: JwtTrigger,
    /// The user, where they were looked up: at a sign-in, and at an update with a database.
    pub user: Option<&'a User>,
    /// The account they came by; only at a sign-in.
    pub account: Option<&'a Account>,
    /// What the provider said of them; only at a sign-in.
    pub profile: Option<&'a Value>,
    /// What `update(data)` sent: from the browser, so check it.
    pub data: Option<&'a Value>,
}

/// What a session is read from.
#[derive(Clone, Copy, Debug)]
pub enum SessionSource<'a> {
    /// A stateless session: the token.
    Token(&'a Token),
    /// A database session: the user as stored now.
    User(&'a User),
}

/// The application's callbacks, behind their time limit.
#[derive(Clone)]
pub(crate) struct Hooks(pub(crate) Option<Arc<dyn Callbacks>>);

impl Hooks {
    /// Asks whether somebody may come in: how long their session may live, if that is limited.
    pub(crate) async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<Option<Duration>, AuthError> {
        let Some(callbacks) = &self.0 else { return Ok(None) };
        match asked("sign_in", callbacks.sign_in(attempt)).await? {
            SignInDecision::Allow => Ok(None),
            SignInDecision::AllowFor(max_age) => Ok(Some(max_age)),
            SignInDecision::Deny => Err(AuthError::AccessDenied("the sign_in callback refused")),
            SignInDecision::Redirect(to) => Err(AuthError::Redirected(to)),
        }
    }

    pub(crate) async fn redirect(&self, url: &str, base_url: &Url) -> Result<Option<Url>, AuthError> {
        let Some(callbacks) = &self.0 else { return Ok(None) };
        asked("redirect", callbacks.redirect(url, base_url)).await
    }

    pub(crate) async fn jwt(&self, token: &mut Token, context: JwtContext<'_>) -> Result<(), AuthError> {
        let Some(callbacks) = &self.0 else { return Ok(()) };
        asked("jwt", callbacks.jwt(token, context)).await
    }

    pub(crate) async fn session(
        &self,
        session: &mut Session,
        source: SessionSource<'_>,
    ) -> Result<(), AuthError> {
        let Some(callbacks) = &self.0 else { return Ok(()) };
        asked("session", callbacks.session(session, source)).await
    }
}

async fn asked<T>(
    name: &'static str,
    call: impl Future<Output = Result<T, CallbackError>> + Send,
) -> Result<T, AuthError> {
    let answer = bounded(call).await.unwrap_or_else(|reason| Err(reason.into()));
    answer.map_err(|reason| AuthError::Hook { name, reason })
}

/// Runs what the application has written: what it returned, or why it did not.
pub(crate) async fn bounded<T>(call: impl Future<Output = T> + Send) -> Result<T, &'static str> {
    within(TIME_LIMIT, call).await
}

/// The same with another limit.
pub(crate) async fn within<T>(
    limit: Duration,
    call: impl Future<Output = T> + Send,
) -> Result<T, &'static str> {
    match tokio::time::timeout(limit, AssertUnwindSafe(call).catch_unwind()).await {
        Ok(Ok(returned)) => Ok(returned),
        Ok(Err(_panic)) => Err("it panicked"),
        Err(_late) => Err("it took too long"),
    }
}
