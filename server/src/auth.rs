//! How users sign in to your app. This is the file to edit.
//!
//! # Providers
//! A provider is enabled when its variables are set; no code is needed:
//!
//! | sign-in method | variables |
//! | --- | --- |
//! | GitHub | `AUTH_GITHUB_ID`, `AUTH_GITHUB_SECRET` |
//! | Google | `AUTH_GOOGLE_ID`, `AUTH_GOOGLE_SECRET` |
//! | any OpenID Connect provider, here called Acme | `AUTH_ACME_ISSUER`, `AUTH_ACME_ID`, `AUTH_ACME_SECRET` |
//! | passwords | none, if email and a database are configured: `docs/passwords.md` |
//! | email | `EMAIL_SERVER` or the key of an email service, `EMAIL_FROM`, and a `DATABASE_URL`: `docs/email.md` |
//!
//! A provider with special settings takes three lines in [`configure`]:
//!
//! ```no_run
//! # use leptos_auth::{AuthBuilder, Secret, provider::OAuthProvider};
//! # fn configure(builder: AuthBuilder) -> AuthBuilder {
//! let acme = OAuthProvider::oidc("acme", "Acme", "https://login.acme.example", "our-id".into(), Secret::new("from a vault"));
//! builder.provider(OAuthProvider { scopes: vec!["openid".into(), "groups".into()], ..acme })
//! # }
//! ```
//! The same goes for a provider with OAuth 1 (RFC 5849) that is not in the catalog:
//! So is one that speaks OAuth 1 (RFC 5849) and is not in the catalogue:
//!
//! ```no_run
//! # use leptos_auth::{AuthBuilder, Secret, provider::{OAuth1Endpoints, OAuthProvider, ProfileMap}};
//! # fn configure(builder: AuthBuilder) -> AuthBuilder {
//! let at = |path: &str| format!("https://photos.example/{path}");
//! let endpoints = OAuth1Endpoints::new(&at("request_token"), &at("authorize"), &at("access_token"), &at("me"));
//! let profile = ProfileMap { name: "display_name", email: "email", ..ProfileMap::ID };
//! let secret = Secret::new("from a vault");
//! builder.provider(OAuthProvider::oauth1("photos", "Photos", "our-key".into(), secret, endpoints, profile))
//! # }
//! ```
//!
//! # Names and passwords checked by another system
//! The hook `authorize` checks a name and a password with another system. It accepts a demo user in development, and no user
//! in production until you write your own check. With `AUTH_LDAP_URL` a directory decides instead: see `docs/ldap.md`.
//!
//! # Callbacks and events
//! `Hooks` adds data about the user to sessions: here the role, which components read as
//! `use_session().data.get().map(|session| session.user.claims.role)`. `docs/callbacks.md` shows all callbacks and
//! events, each with an example.

#[cfg(feature = "dev")]
use leptos_auth::provider::{AuthorizedUser, Credentials, CredentialsError, CredentialsProvider};
use leptos_auth::{
    AuthBuilder, CallbackError, Callbacks, JwtContext, SessionSource, Token, adapter::User, async_trait,
    config::Environment, types::Session,
};
use leptos_auth_app::claims::Role;

/// Adds to what the environment describes.
pub fn configure(builder: AuthBuilder, env: &Environment) -> AuthBuilder {
    let builder = builder.callbacks(Hooks::new(env));
    #[cfg(feature = "dev")]
    if builder.config().mode == leptos_auth::config::Mode::Development && builder.config().ldap.is_none() {
        return builder
            .credentials(CredentialsProvider::new("Demo account", authorize).identified_by("username"));
    }
    builder
}

/// What this application decides.
struct Hooks {
    /// `ADMIN_EMAILS`: addresses whose owners are administrators, separated by commas. In small letters.
    admins: Vec<String>,
}

impl Hooks {
    fn new(env: &Environment) -> Self {
        let emails = env.get("ADMIN_EMAILS").map(String::as_str).unwrap_or_default().to_lowercase();
        let admins = emails.split(',').map(|email| email.trim().to_owned()).filter(|email| !email.is_empty());
        Self { admins: admins.collect() }
    }

    /// An address gives a right only when it is proven: anybody can claim one.
    fn role(&self, user: &User) -> Role {
        let email = user.email.as_deref().filter(|_| user.email_verified.is_some());
        let is_admin = email.is_some_and(|email| self.admins.contains(&email.to_lowercase()));
        if is_admin { Role::Admin } else { Role::Member }
    }
}

#[async_trait]
impl Callbacks for Hooks {
    /// A stateless session carries the role in its token. It is looked up again when the token is made anew: every
    /// `AUTH_SESSION_UPDATE_AGE`, and at once after `auth.user_changed(user_id)`.
    async fn jwt(&self, token: &mut Token, context: JwtContext<'_>) -> Result<(), CallbackError> {
        if let Some(user) = context.user {
            token.claims.insert("role".to_owned(), serde_json::to_value(self.role(user))?);
        }
        Ok(())
    }

    /// What browsers may know. A database session is looked up for every request, and the role with it.
    async fn session(&self, session: &mut Session, source: SessionSource<'_>) -> Result<(), CallbackError> {
        let role = match source {
            SessionSource::Token(token) => token.claims.get("role").cloned(),
            SessionSource::User(user) => Some(serde_json::to_value(self.role(user))?),
        };
        session.user.claims.extend(role.map(|role| ("role".to_owned(), role)));
        Ok(())
    }
}

/// Gets what the form sent and says who that is: `Ok(Some(user))` signs in, `Ok(None)` means a wrong name or password.
///
/// To use it in earnest, remove the three `#[cfg(feature = "dev")]` and the `if` above, and replace the comparison:
/// look the name up in your table, and verify the password against its Argon2id hash on
/// `tokio::task::spawn_blocking`, also when the name is unknown, so that the time tells nothing. Attempts are
/// counted and limited before this is called.
#[cfg(feature = "dev")]
async fn authorize(credentials: Credentials) -> Result<Option<AuthorizedUser>, CredentialsError> {
    let is_right = credentials.get("username") == "demo" && credentials.get("password") == "demo-password";
    Ok(is_right.then(|| AuthorizedUser {
        id: "demo".to_owned(),
        name: Some("Demo User".to_owned()),
        email: Some("demo@example.com".to_owned()),
        ..AuthorizedUser::default()
    }))
}
