//! Credentials: the user's own check of a name and a password, as Auth.js's `authorize` hook.

use std::{collections::BTreeMap, fmt, pin::Pin, sync::Arc};

use crate::secret::Secret;

/// What the form sent: every field but `csrfToken`, `callbackUrl` and the like.
#[derive(Clone, Debug, Default)]
pub struct Credentials(BTreeMap<String, Secret>);

impl Credentials {
    pub(crate) fn new(fields: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
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
    /// The hook's own, stable id of the person. With a database it becomes an account of provider `credentials`.
    pub id: String,
    /// Display name.
    pub name: Option<String>,
    /// E-mail address: shown, never used to find a user.
    pub email: Option<String>,
    /// URL of a picture.
    pub image: Option<String>,
}

/// The hook refuses.
#[derive(Debug)]
pub enum CredentialsError {
    /// Wrong: the word reaches the sign-in page as `code=`, for a text of its own.
    Refused(&'static str),
    /// The check itself failed; the reason goes to the log.
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

type AuthorizeResult = Result<Option<AuthorizedUser>, CredentialsError>;

/// The hook.
pub type Authorize =
    Arc<dyn Fn(Credentials) -> Pin<Box<dyn Future<Output = AuthorizeResult> + Send>> + Send + Sync>;

/// Sign-in by the `authorize` hook.
#[derive(Clone)]
pub struct CredentialsProvider {
    pub(crate) name: String,
    pub(crate) authorize: Authorize,
}

impl CredentialsProvider {
    /// A provider with that label and hook. `Ok(None)` means: wrong name or password.
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
            name: name.to_owned(),
            authorize: Arc::new(move |credentials| Box::pin(authorize(credentials))),
        }
    }
}

impl fmt::Debug for CredentialsProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsProvider").field("name", &self.name).finish_non_exhaustive()
    }
}
