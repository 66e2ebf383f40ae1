//! Begins a sign-in: `POST /api/auth/signin/:provider`. With `link=true` it does not start another session, but adds the
//! sign-in method to the signed-in user.

use http::HeaderValue;
use leptos_auth_locales::Language;
use url::Url;

use super::{
    Choice, Waiting,
    account::{METHODS_PAGE, Owner},
    is_remembered, recipient, wanted_url,
};
use crate::{
    account_linking,
    adapter::{Adapter, VerificationToken},
    auth::{Auth, AuthState},
    callback,
    email::{DEADLINE, EmailAddress, Letter, MailError, Mailer, OutgoingMail},
    error::AuthError,
    oauth::{OAuthClient, Transaction},
    random,
    rate_limit::{Attempt, DeviceCookie, OnSuccess, network},
    request::{ActionRequest, Redirect, Refused},
    session::Reading,
};

/// Sends the browser to the provider, or a mail to the person.
pub(crate) async fn sign_in(
    auth: &Auth,
    provider: &str,
    request: &ActionRequest<'_>,
) -> Result<Redirect, Refused> {
    let callback_url = wanted_url(auth, request).await?;
    let links = request.parameters.get("link") == Some("true");
    if let Some(client) = auth.oauth_client(provider) {
        let begun = to_provider(auth, client, request, &callback_url, links).await;
        return begun
            .map_err(|error| if links { Refused::on_page(error, METHODS_PAGE) } else { error.into() });
    }
    match (provider, &auth.email) {
        _ if links => Err(AuthError::NotFound.into()),
        ("email", Some(email)) => Ok(by_email(auth, email, request, &callback_url).await?),
        // As Auth.js: credentials and passkeys post to the callback; whoever comes here is shown the page.
        (id, _) if auth.providers().iter().any(|provider| provider.id == id) => {
            let mut to = auth.page("/signin", &[]);
            if callback_url != *auth.base_url() {
                to.query_pairs_mut().append_pair("callbackUrl", callback_url.as_str());
            }
            Ok(Redirect { to, set_cookies: Vec::new() })
        }
        _ => Err(AuthError::NotFound.into()),
    }
}

async fn to_provider(
    auth: &Auth,
    client: &OAuthClient,
    request: &ActionRequest<'_>,
    callback_url: &Url,
    links: bool,
) -> Result<Redirect, AuthError> {
    if let Some(client) = request.client {
        let limit = &auth.limits.configured.network_starts;
        auth.limits.count(limit, &network(client), request.now).await?;
    }
    let read = auth.sessions.read(&request.cookies, request.now, Reading::Look).await?;
    if links {
        // A session that was left open is not enough (LK-07).
        Owner::fresh(auth, request).await?;
    }
    let user = read.session.map(|session| session.user.id);
    let (provider, remembered) = (&client.provider.id, is_remembered(request));
    let mut transaction = Transaction::new(provider, callback_url.as_str(), user, remembered, request.now);
    transaction.links = links;
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
    pub(crate) fn letter<'a>(
        &'a self,
        auth: &'a AuthState,
        language: &'static Language,
        to: &'a EmailAddress,
    ) -> Letter<'a> {
        let host = auth.config.base_url.host_str().unwrap_or_default();
        Letter { to, from: &self.from, host, theme: &auth.config.theme, language }
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
    count_mails(auth, request, &address, MailPurpose::SignIn).await?;
    account_linking::ask_for_mail(&auth.linking(), &email.adapter, &address, request.now).await?;
    // Sent again: what was chosen in this browser still holds.
    let waiting = Waiting::read(auth, &request.cookies).filter(|waiting| waiting.email == address.as_str());
    let choice =
        waiting.filter(|_| request.parameters.get("again").is_some()).and_then(|waiting| waiting.choice);
    send_token(auth, email, request, &address, callback_url, choice).await
}

/// The purpose of an email. Each is counted separately, so that a stranger who requests one kind does not block another.
#[derive(Clone, Copy)]
pub(super) enum MailPurpose {
    SignIn,
    #[cfg(feature = "password")]
    Reset,
    Change,
}

/// Counts an email that a request asks for. A browser with the device cookie of the address has its own count, which
/// requests from strangers or from its network do not affect.
pub(super) async fn count_mails(
    auth: &Auth,
    request: &ActionRequest<'_>,
    address: &EmailAddress,
    purpose: MailPurpose,
) -> Result<(), AuthError> {
    let purpose = match purpose {
        MailPurpose::SignIn => "sign-in",
        #[cfg(feature = "password")]
        MailPurpose::Reset => "reset",
        MailPurpose::Change => "change",
    };
    let limits = &auth.limits.configured;
    let device = DeviceCookie::load_for_address(auth, request, address);
    let device_id = device.as_ref().map_or("", |device| &device.id);
    let subject = format!("{purpose}\n{device_id}\n{}", address.key());
    let mut counts = vec![(limits.address_emails, subject, OnSuccess::GiveBack)];
    if let Some(client) = request.client.filter(|_| device.is_none()) {
        counts.insert(0, (limits.network_emails, network(client), OnSuccess::GiveBack));
    }
    Attempt::new(&auth.limits, request.now).count(&counts).await
}

/// Emails a link and a code that verify the address, and makes this browser wait for them.
///
/// The token is stored under exactly the address that the email is sent to. A reader of a mailbox with another spelling
/// cannot use it for an account that gets the address meanwhile.
pub(super) async fn send_token(
    auth: &Auth,
    email: &EmailSignIn,
    request: &ActionRequest<'_>,
    address: &EmailAddress,
    callback_url: &Url,
    choice: Option<Choice>,
) -> Result<Redirect, AuthError> {
    let owner = email.adapter.get_user_by_email(address.key()).await?;
    let to = recipient(owner.as_ref(), address)?;
    let (token, code) = (random::token(), random::eight_digits());
    let token_hash = auth.token_hash(&token);
    // Stored before it is sent: a mail never holds a dead link (ML-13).
    let stored = VerificationToken {
        identifier: to.to_string(),
        token_hash: token_hash.clone(),
        expires: request.now.plus(Waiting::LIFETIME),
    };
    email.adapter.create_verification_token(&stored).await?;
    let link = link(auth, request, &to, &token, callback_url);
    let letter = email.letter(auth, request.language, &to);
    let mail = match choice {
        None => letter.sign_in(&link, &code, Waiting::LIFETIME),
        // Only its reader learns whether there is an account.
        Some(_) if owner.is_some() => letter.signed_up_before(&link, &code, Waiting::LIFETIME),
        Some(_) => letter.sign_up(&link, &code, Waiting::LIFETIME),
    };
    if let Err(error) = email.send(mail).await {
        email.adapter.delete_verification_token(&stored.identifier, &stored.token_hash).await?;
        return Err(error);
    }
    tracing::info!(recipient = auth.pseudonyms.name(address.key()), "sign-in email sent");
    let (target, remembered) = (callback_url.as_str(), is_remembered(request));
    let waiting = Waiting::new((address, &to), token_hash, &code, target, remembered, choice, request.now);
    let set_cookies = vec![
        waiting.cookie(auth, request.now),
        auth.cookies.set(&auth.cookies.callback_url, callback_url.as_str(), None),
    ];
    Ok(Redirect {
        to: auth.page("/verify-request", &[("provider", "email"), ("type", "email")]),
        set_cookies,
    })
}

/// Where the mail leads.
fn link(
    auth: &Auth,
    request: &ActionRequest<'_>,
    address: &EmailAddress,
    token: &str,
    callback_url: &Url,
) -> Url {
    let mut parameters =
        vec![("callbackUrl", callback_url.as_str()), ("token", token), ("email", address.as_str())];
    if !is_remembered(request) {
        parameters.push(("remember", "false"));
    }
    auth.page("/api/auth/callback/email", &parameters)
}
