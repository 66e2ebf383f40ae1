//! How people sign in to your app. This is the file to edit.
//!
//! # Providers
//! A provider is on when its variables are set; nothing has to be written here:
//!
//! | who | variables |
//! | --- | --- |
//! | GitHub | `AUTH_GITHUB_ID`, `AUTH_GITHUB_SECRET` |
//! | Google | `AUTH_GOOGLE_ID`, `AUTH_GOOGLE_SECRET` |
//! | any OpenID Connect provider, here called Acme | `AUTH_ACME_ISSUER`, `AUTH_ACME_ID`, `AUTH_ACME_SECRET` |
//! | email | `EMAIL_SERVER`, `EMAIL_FROM`, and a `DATABASE_URL` |
//!
//! A provider with habits of its own is three lines in [`configure`]:
//!
//! ```no_run
//! # use leptos_auth::{AuthBuilder, Secret, provider::{OAuthProvider, catalog}};
//! # fn configure(builder: AuthBuilder) -> AuthBuilder {
//! let acme = catalog::oidc("acme", "Acme", "https://login.acme.example", "our-id".into(), Secret::new("from a vault"));
//! builder.provider(OAuthProvider { scopes: vec!["openid".into(), "groups".into()], ..acme })
//! # }
//! ```
//!
//! # Names and passwords
//! The hook `authorize` decides who comes in with a name and a password. It has a demo user in development, and
//! nobody in production until you write your own check.

use leptos_auth::AuthBuilder;
#[cfg(feature = "dev")]
use leptos_auth::provider::{AuthorizedUser, Credentials, CredentialsError, CredentialsProvider};

/// Adds to what the environment describes.
pub fn configure(builder: AuthBuilder) -> AuthBuilder {
    #[cfg(feature = "dev")]
    if builder.config().mode == leptos_auth::config::Mode::Development {
        return builder.credentials(CredentialsProvider::new("Demo account", authorize));
    }
    builder
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
        image: None,
    }))
}
