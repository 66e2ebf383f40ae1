//! Handles credentials: `POST /api/auth/callback/credentials`, or `…/ldap`. The `authorize` hook or the directory decides.
//! This module adds rate limits and maps the provider's user to an account.
//!
//! Attempts are counted by the field that the provider names as its identifier, and by no other field. Otherwise an
//! attacker could get new attempts by changing a field that the hook does not read.

use std::time::Duration;

use tokio::time::Instant;
use unicode_normalization::UnicodeNormalization;

use url::Url;

use super::{complete_sign_in, is_remembered, wanted_url};
use crate::{
    account_linking::{self, Person},
    adapter::Account,
    auth::Auth,
    email::EmailAddress,
    error::AuthError,
    provider::{Credentials, CredentialsError, CredentialsProvider},
    rate_limit::{Attempt, DeviceCookie},
    request::{ActionRequest, Redirect},
    text,
};

/// Fields of the protocol, not of the form.
const OWN_FIELDS: [&str; 6] = ["csrfToken", "callbackUrl", "json", "redirect", "redirectTo", "remember"];

/// Signs in whom the hook names.
pub(crate) async fn callback_credentials(
    auth: &Auth,
    provider: &CredentialsProvider,
    mut request: ActionRequest<'_>,
) -> Result<Redirect, AuthError> {
    let callback_url = wanted_url(auth, &request).await?;
    let remembered = is_remembered(&request);
    let fields = std::mem::take(&mut request.parameters).into_fields();
    let fields = fields.into_iter().filter(|(name, _)| !OWN_FIELDS.contains(&name.as_str()));
    let credentials = Credentials::new(fields);
    let name = folded(identifier(provider, &credentials)?);
    let attempt = Attempt::begin(auth, &request, provider.id, &name, &[]).await?;
    let result = sign_in(auth, provider, &request, credentials, remembered, callback_url).await;
    attempt.settle(result.as_ref()).await;
    let mut redirect = result?;
    if !name.is_empty() {
        let account = format!("{}\n{name}", provider.id);
        DeviceCookie::remember(auth, &request, [account], &mut redirect.set_cookies);
    }
    Ok(redirect)
}

async fn sign_in(
    auth: &Auth,
    provider: &CredentialsProvider,
    request: &ActionRequest<'_>,
    credentials: Credentials,
    remembered: bool,
    callback_url: Url,
) -> Result<Redirect, AuthError> {
    let started = Instant::now();
    let result = authorized(auth, provider, request, credentials, remembered, callback_url).await;
    if let (Err(AuthError::Credentials { .. } | AuthError::Locked), Some(step)) =
        (&result, provider.refusal_step)
    {
        tokio::time::sleep_until(next_step(started, step)).await;
    }
    result
}

/// Returns the end of the current step, counted from `started`.
fn next_step(started: Instant, step: Duration) -> Instant {
    let steps = started.elapsed().as_nanos() / step.as_nanos().max(1);
    started + step * u32::try_from(steps).unwrap_or(u32::MAX).saturating_add(1)
}

async fn authorized(
    auth: &Auth,
    provider: &CredentialsProvider,
    request: &ActionRequest<'_>,
    credentials: Credentials,
    remembered: bool,
    callback_url: Url,
) -> Result<Redirect, AuthError> {
    let user = match (provider.authorize)(credentials).await {
        Ok(Some(user)) => user,
        Ok(None) => return Err(AuthError::Credentials { code: "credentials" }),
        Err(CredentialsError::Refused(code)) => return Err(AuthError::Credentials { code }),
        Err(CredentialsError::Failed(error)) => return Err(AuthError::Configuration(error)),
        Err(CredentialsError::Unavailable(error)) => return Err(AuthError::CheckUnavailable(error)),
    };
    let person = Person {
        account: Account {
            r#type: "credentials".to_owned(),
            provider: provider.id.to_owned(),
            provider_account_id: user.id,
        },
        name: user.name.as_deref().and_then(text::short_name),
        email: user.email.and_then(|email| EmailAddress::parse(&email).ok()),
        is_email_proven: false,
        image: user.image,
        profile: user.profile,
        tokens: None,
    };
    let resolved = account_linking::by_account(&auth.linking(), person, request.now).await?;
    complete_sign_in(auth, request, resolved, provider.id, remembered, callback_url).await
}

/// Returns the identifier that attempts are counted by.
///
/// A provider that names no identifier field accepts only `username` and `password`: the core cannot know which other
/// field its hook reads as the name. If the name is missing there, only the network is limited.
///
/// # Errors
/// `Credentials` if the identifier field is empty: the hook is not called. `BadRequest` if a field is not allowed.
fn identifier<'c>(
    provider: &CredentialsProvider,
    credentials: &'c Credentials,
) -> Result<&'c str, AuthError> {
    let Some(field) = provider.identifier else {
        if credentials.fields().any(|field| !matches!(field, "username" | "password")) {
            return Err(AuthError::BadRequest(
                "the credentials provider takes username and password only: name the field that identifies the account \
                 by CredentialsProvider::identified_by",
            ));
        }
        return Ok(credentials.get("username"));
    };
    match credentials.get(field) {
        "" => Err(AuthError::Credentials { code: "credentials" }),
        name => Ok(name),
    }
}

/// A name as it is counted. Databases and directories take names for equal that differ in case, width, accents, spaces
/// or characters that nobody sees; whoever guesses must not get a new count with each way to write one (RL-01, IN-08).
fn folded(name: &str) -> String {
    let is_seen = |c: &char| c.is_alphanumeric() || c.is_ascii_punctuation();
    // Large letters first: `ß` is `SS`.
    name.nfkd().filter(is_seen).collect::<String>().to_uppercase().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn rl_01_in_08_ways_to_write_a_name_are_one_count() {
        for same in ["Ada", " ada ", "ad\u{ad}a", "a\u{200b}da", "ádà", "ａｄａ", "a d a"] {
            assert_eq!(folded(same), "ada", "{same:?}");
        }
        assert_eq!(folded("Straße"), folded("STRASSE"));
        for other in ["adam", "ada@example.com", "ada.", "ada2", "адa"] {
            assert_ne!(folded(other), "ada", "{other:?}");
        }
    }
}
