//! A sign-in begins: `POST /api/auth/signin/:provider`.

use http::HeaderValue;
use url::Url;

use super::{Waiting, is_remembered, wanted_url};
use crate::{
    account_linking,
    adapter::{Adapter, VerificationToken},
    auth::{Auth, AuthState},
    callback,
    email::{DEADLINE, EmailAddress, Letter, MailError, Mailer, OutgoingMail},
    error::AuthError,
    hash,
    oauth::{OAuthClient, Transaction},
    random,
    rate_limit::{MAILS_BY_CLIENT, MAILS_TO_ADDRESS},
    request::{ActionRequest, Redirect},
    session::Reading,
};

/// Sends the browser to the provider, or a mail to the person.
pub(crate) async fn sign_in(
    auth: &Auth,
    provider: &str,
    request: &ActionRequest<'_>,
) -> Result<Redirect, AuthError> {
    let callback_url = wanted_url(auth, request).await?;
    if let Some(client) = auth.oauth_client(provider) {
        return to_provider(auth, client, request, &callback_url).await;
    }
    match (provider, &auth.email) {
        ("email", Some(email)) => by_email(auth, email, request, &callback_url).await,
        // As Auth.js: credentials and passkeys post to the callback; whoever comes here is shown the page.
        (id, _) if auth.providers().iter().any(|provider| provider.id == id) => {
            Ok(Redirect { to: auth.page("/signin", &[]), set_cookies: Vec::new() })
        }
        _ => Err(AuthError::NotFound),
    }
}

async fn to_provider(
    auth: &Auth,
    client: &OAuthClient,
    request: &ActionRequest<'_>,
    callback_url: &Url,
) -> Result<Redirect, AuthError> {
    let read = auth.sessions.read(&request.cookies, request.now, Reading::Look).await?;
    let user = read.session.map(|session| session.user.id);
    let (provider, remembered) = (&client.provider.id, is_remembered(request));
    let mut transaction = Transaction::new(provider, callback_url.as_str(), user, remembered, request.now);
    let to = client.begin(&auth.config.base_url, &mut transaction).await?;
    let prefix = &auth.cookies.transaction;
    let name = Transaction::cookie_name(prefix, &transaction.state);
    let sealed = transaction.seal(&auth.transaction_keys);
    let lifetime = Some((crate::oauth::TRANSACTION_LIFETIME, request.now));
    let mut set_cookies: Vec<HeaderValue> =
        Transaction::superfluous(&auth.transaction_keys, prefix, &request.cookies)
            .iter()
            .map(|name| auth.cookies.clear(name))
            .collect();
    set_cookies.push(auth.cookies.set(&name, &sealed, lifetime));
    set_cookies.push(auth.cookies.set(&auth.cookies.callback_url, callback_url.as_str(), None));
    Ok(Redirect { to, set_cookies })
}

/// What sign-in by e-mail needs.
pub(crate) struct EmailSignIn {
    pub(crate) adapter: std::sync::Arc<dyn Adapter>,
    pub(crate) mailer: std::sync::Arc<dyn Mailer>,
    pub(crate) from: String,
}

impl EmailSignIn {
    /// A mail to somebody, still to be written.
    pub(crate) fn letter<'a>(&'a self, auth: &'a AuthState, to: &'a EmailAddress) -> Letter<'a> {
        Letter { to, from: &self.from, host: auth.config.base_url.host_str().unwrap_or_default() }
    }

    /// Hands a mail over; who asked waits meanwhile, but not for ever.
    pub(crate) async fn send(&self, mail: OutgoingMail) -> Result<(), AuthError> {
        // The mailer may be a function of the application.
        let sent = callback::within(DEADLINE, self.mailer.send(mail)).await;
        let sent = sent.unwrap_or_else(|reason| Err(MailError(format!("the mailer: {reason}"))));
        sent.map_err(|error| AuthError::EmailSignin(error.into()))
    }
}

async fn by_email(
    auth: &Auth,
    email: &EmailSignIn,
    request: &ActionRequest<'_>,
    callback_url: &Url,
) -> Result<Redirect, AuthError> {
    let address = EmailAddress::parse(request.parameters.get("email").unwrap_or_default())
        .map_err(|error| AuthError::EmailSignin(error.into()))?;
    if let Some(client) = request.client {
        auth.limits.count(&MAILS_BY_CLIENT, &crate::rate_limit::network(client), request.now).await?;
    }
    auth.limits.count(&MAILS_TO_ADDRESS, address.key(), request.now).await?;

    account_linking::ask_for_mail(&auth.linking(), &email.adapter, &address, request.now).await?;
    let (token, code) = (random::token(), random::eight_digits());
    let token_hash = auth.token_hash(&token);
    // Stored before it is sent: a mail never holds a dead link (ML-13).
    let stored = VerificationToken {
        identifier: address.key().to_owned(),
        token_hash: token_hash.clone(),
        expires: request.now.plus(Waiting::LIFETIME),
    };
    email.adapter.create_verification_token(&stored).await?;
    if let Err(error) = send(auth, email, &address, &token, &code, callback_url, is_remembered(request)).await
    {
        email.adapter.delete_verification_token(&stored.identifier, &stored.token_hash).await?;
        return Err(error);
    }
    let waiting =
        Waiting::new(&address, token_hash, &code, callback_url.as_str(), is_remembered(request), request.now);
    let set_cookies = vec![
        waiting.cookie(auth, request.now),
        auth.cookies.set(&auth.cookies.callback_url, callback_url.as_str(), None),
    ];
    Ok(Redirect {
        to: auth.page("/verify-request", &[("provider", "email"), ("type", "email")]),
        set_cookies,
    })
}

async fn send(
    auth: &Auth,
    email: &EmailSignIn,
    address: &EmailAddress,
    token: &str,
    code: &str,
    callback_url: &Url,
    remembered: bool,
) -> Result<(), AuthError> {
    let mut parameters =
        vec![("callbackUrl", callback_url.as_str()), ("token", token), ("email", address.as_str())];
    if !remembered {
        parameters.push(("remember", "false"));
    }
    let link = auth.page("/api/auth/callback/email", &parameters);
    email.send(email.letter(auth, address).sign_in(&link, code, Waiting::LIFETIME)).await?;
    let recipient = &hash::sha256_hex(&[address.key()])[..12];
    tracing::info!(recipient, "sign-in mail sent");
    Ok(())
}
