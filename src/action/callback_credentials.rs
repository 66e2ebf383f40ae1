//! Credentials: `POST /api/auth/callback/credentials`, or `…/ldap`. The `authorize` hook or the directory decides; here
//! is what surrounds it: limits, and the account that keeps the person apart from everybody else.

use unicode_normalization::UnicodeNormalization;

use super::{complete_sign_in, is_remembered, wanted_url};
use crate::{
    account_linking::{self, Person},
    adapter::Account,
    auth::Auth,
    email::EmailAddress,
    error::AuthError,
    provider::{Credentials, CredentialsError, CredentialsProvider},
    rate_limit::{self, CREDENTIALS_BY_CLIENT, CREDENTIALS_FOR_NAME},
    request::{ActionRequest, Parameters, Redirect},
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
    count(auth, &request).await?;
    let fields = std::mem::take(&mut request.parameters).into_fields();
    let fields = fields.into_iter().filter(|(name, _)| !OWN_FIELDS.contains(&name.as_str()));
    let user = match (provider.authorize)(Credentials::new(fields)).await {
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
    complete_sign_in(auth, &request, resolved, provider.id, remembered, callback_url).await
}

/// Counted before the hook runs, so a burst of parallel guesses gets no more tries than a slow one (RL-12).
async fn count(auth: &Auth, request: &ActionRequest<'_>) -> Result<(), AuthError> {
    if let Some(client) = request.client {
        auth.limits.count(&CREDENTIALS_BY_CLIENT, &rate_limit::network(client), request.now).await?;
    }
    let name = folded(name_field(&request.parameters));
    auth.limits.count(&CREDENTIALS_FOR_NAME, &name, request.now).await
}

fn name_field(parameters: &Parameters) -> &str {
    ["username", "email", "name"].iter().find_map(|field| parameters.get(field)).unwrap_or_default()
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
