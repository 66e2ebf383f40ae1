//! Credentials: your own check of a name and a password, like Auth.js's `authorize` hook.

use std::{collections::BTreeMap, fmt, pin::Pin, sync::Arc, time::Duration};

use serde_json::Value;

use crate::{error::Source, secret::Secret};

/// What the form sent: every field but `csrfToken`, `callbackUrl` and the like.
#[derive(Clone, Debug, Default)]
pub struct Credentials(BTreeMap<String, Secret>);

impl Credentials {
    pub(crate) fn new(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
    }

    /// Returns the names of all fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A field's value, or the empty text.
    #[must_use]
    pub fn get(&self, field: &str) -> &str {
        self.0.get(field).map_or("", Secret::expose)
    }
}

/// Who the hook says that signed in.
#[derive(Clone, Debug, Default)]
pub struct AuthorizedUser {
    /// The hook's own, stable id of the person. With a database it becomes an account of provider `credentials`, or
    /// `ldap` when a directory checks.
    pub id: String,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address: shown, never used to find a user.
    pub email: Option<String>,
    /// URL of a picture.
    pub image: Option<String>,
    /// Whatever else is known of the person, for the callbacks: they get it as the `profile` of a provider.
    pub profile: Option<Value>,
}

/// The hook refuses.
#[derive(Debug)]
pub enum CredentialsError {
    /// Wrong: the word reaches the sign-in page as `code=`, for a text of its own.
    Refused(&'static str),
    /// The check itself failed, and only the operator can mend it; the reason goes to the log.
    Failed(Box<dyn std::error::Error + Send + Sync>),
    /// What checks is away for the moment: 503, and nobody was refused. The reason goes to the log.
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
}

type AuthorizeResult = Result<Option<AuthorizedUser>, CredentialsError>;

/// The hook.
pub type Authorize =
    Arc<dyn Fn(Credentials) -> Pin<Box<dyn Future<Output = AuthorizeResult> + Send>> + Send + Sync>;

/// Tries ahead of the first sign-in whether the check can be had.
type WarmUp = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), Source>> + Send>> + Send + Sync>;

/// Sign-in by the `authorize` hook.
#[derive(Clone)]
pub struct CredentialsProvider {
    /// The word in URLs and tables.
    pub(crate) id: &'static str,
    pub(crate) name: String,
    /// The field that identifies the account: attempts are counted by it.
    pub(crate) identifier: Option<&'static str>,
    /// The response time of a rejection is rounded up to a multiple of this, so that it does not reveal the reason.
    pub(crate) refusal_step: Option<Duration>,
    pub(crate) authorize: Authorize,
    pub(crate) warm_up: Option<WarmUp>,
}

impl CredentialsProvider {
    /// Creates a provider with this label and hook. `Ok(None)` means: wrong name or password.
    ///
    /// The form has the fields `username` and `password`. If the hook reads another field, name the one that identifies the
    /// account with [`identified_by`](Self::identified_by); otherwise requests with further fields are rejected.
    ///
    /// ```
    /// use leptos_auth::provider::{AuthorizedUser, CredentialsProvider};
    ///
    /// let provider = CredentialsProvider::new("Staff", |credentials| async move {
    ///     let is_right = credentials.get("username") == "ada" && credentials.get("password") == "from a real check";
    ///     Ok(is_right.then(|| AuthorizedUser { id: "ada".into(), name: Some("Ada".into()), ..Default::default() }))
    /// });
    /// ```
    pub fn new<F>(name: &str, authorize: impl Fn(Credentials) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = AuthorizeResult> + Send + 'static,
    {
        Self {
            id: "credentials",
            name: name.to_owned(),
            identifier: None,
            refusal_step: None,
            authorize: Arc::new(move |credentials| Box::pin(authorize(credentials))),
            warm_up: None,
        }
    }

    /// Names the field that identifies the account. Failed attempts are counted by it, and a request without it is rejected
    /// without calling the hook. The hook must not take the name from any other field.
    ///
    /// ```
    /// use leptos_auth::provider::CredentialsProvider;
    ///
    /// let provider = CredentialsProvider::new("Staff", |credentials| async move {
    ///     let _number = credentials.get("staffNumber");
    ///     Ok(None)
    /// });
    /// let provider = provider.identified_by("staffNumber");
    /// ```
    #[must_use]
    pub fn identified_by(self, field: &'static str) -> Self {
        Self { identifier: Some(field), ..self }
    }

    /// Rounds the response time of each rejection up to a multiple of `step`.
    #[cfg(feature = "ldap")]
    pub(crate) fn with_refusal_step(self, step: Duration) -> Self {
        Self { refusal_step: Some(step), ..self }
    }

    /// A ready check with accounts of its own.
    #[cfg(feature = "ldap")]
    pub(crate) fn with_id(self, id: &'static str) -> Self {
        Self { id, ..self }
    }

    #[cfg(feature = "ldap")]
    pub(crate) fn with_warm_up<F>(self, warm_up: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Source>> + Send + 'static,
    {
        Self { warm_up: Some(Arc::new(move || Box::pin(warm_up()))), ..self }
    }
}

impl fmt::Debug for CredentialsProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsProvider")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
