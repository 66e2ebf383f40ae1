//! Verifies an email address: `POST /api/auth/callback/email`, with the token of the link or with the typed code.
//!
//! The link signs in the browser that opened it, whichever browser asked for the email. The code works only in the browser
//! that asked. Both use up the same stored token, once.
//!
//! A password that was chosen for a new account is kept in a cookie of the browser that chose it. It counts if the link or
//! the code of the same email is used in that browser, and never for an existing account (LK-01).

use url::Url;

use super::{Choice, Waiting, complete_sign_in, is_remembered, recipient, sign_in::EmailSignIn, target};
use crate::{
    account_linking,
    adapter::UserRecord,
    auth::Auth,
    email::EmailAddress,
    error::AuthError,
    rate_limit::{Attempt, CODES_FOR_MAIL, DeviceCookie, OnSuccess, WRONG_LINKS, network},
    request::{ActionRequest, Redirect, Refused},
    user_records::kind,
};

const WAITING_PAGE: &str = "/verify-request";

/// Signs the owner of the address in.
pub(crate) async fn callback_email(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, Refused> {
    let email = auth.email.as_deref().ok_or(AuthError::NotFound)?;
    let Proof { address, remembered, callback_url, choice } = match request.parameters.get("token") {
        Some(token) => by_link(auth, email, request, token).await?,
        None => by_code(auth, email, request).await.map_err(|error| Refused::on_page(error, WAITING_PAGE))?,
    };
    let name = choice.as_ref().and_then(|choice| choice.name.clone());
    let resolved =
        account_linking::by_proven_email(&auth.linking(), &email.adapter, &address, name, request.now)
            .await?;
    if recipient(Some(&resolved.user), &address)?.as_str() != address.as_str() {
        // Another user has created an account with a different spelling of the address since the email was sent.
        return Err(AuthError::Verification("the email was sent to another spelling of the address").into());
    }
    if let Some(choice) = choice.filter(|_| resolved.is_new) {
        keep_password(email, &resolved.user.id, choice, request).await?;
    }
    let mut redirect = complete_sign_in(auth, request, resolved, "email", remembered, callback_url).await?;
    redirect.set_cookies.push(auth.cookies.clear(&auth.cookies.verify_request));
    Ok(redirect)
}

const WRONG: AuthError = AuthError::Verification("the code is wrong, used or expired");

/// What was proven, and what the person wanted with it.
struct Proof {
    address: EmailAddress,
    remembered: bool,
    callback_url: Url,
    choice: Option<Choice>,
}

async fn keep_password(
    email: &EmailSignIn,
    user_id: &str,
    choice: Choice,
    request: &ActionRequest<'_>,
) -> Result<(), AuthError> {
    let record = UserRecord {
        user_id: user_id.to_owned(),
        kind: kind::PASSWORD.to_owned(),
        id: String::new(),
        value: choice.password,
        created: request.now,
        expires: None,
    };
    email.adapter.put_user_record(&record, None).await?;
    Ok(())
}

async fn by_link(
    auth: &Auth,
    email: &EmailSignIn,
    request: &ActionRequest<'_>,
    token: &str,
) -> Result<Proof, AuthError> {
    let address = EmailAddress::parse(request.parameters.get("email").unwrap_or_default())
        .map_err(|_| AuthError::Verification("the link has no address"))?;
    let token_hash = auth.token_hash(token);
    if !email.adapter.use_verification_token(address.as_str(), &token_hash, request.now).await? {
        auth.limits.count(&WRONG_LINKS, address.key(), request.now).await?;
        return Err(AuthError::Verification("the link is wrong, used or expired"));
    }
    let callback_url = target(auth, request.parameters.get("callbackUrl")).await?;
    let waiting = Waiting::read(auth, &request.cookies).filter(|waiting| waiting.is_for(&token_hash));
    let choice = waiting.and_then(|waiting| waiting.choice);
    Ok(Proof { address, remembered: is_remembered(request), callback_url, choice })
}

async fn by_code(auth: &Auth, email: &EmailSignIn, request: &ActionRequest<'_>) -> Result<Proof, AuthError> {
    let waiting = Waiting::read(auth, &request.cookies)
        .filter(|waiting| !waiting.is_over(request.now))
        .ok_or(AuthError::Verification("this browser waits for no code"))?;
    let address = EmailAddress::parse(&waiting.email).map_err(|_| WRONG)?;
    // Counted before it is looked at, and in the store: a copied cookie gives no new tries.
    let mut counts = vec![(CODES_FOR_MAIL, waiting.token_hash.clone(), OnSuccess::GiveBack)];
    let is_known = DeviceCookie::load_for_address(auth, request, &address).is_some();
    if let Some(client) = request.client.filter(|_| !is_known) {
        let limit = auth.limits.configured.network_sign_ins;
        counts.push((limit, network(client), OnSuccess::GiveBack));
    }
    let mut attempt = Attempt::new(&auth.limits, request.now);
    attempt.count(&counts).await?;
    let proof = check_code(auth, email, request, waiting).await;
    attempt.settle(proof.as_ref()).await;
    proof
}

async fn check_code(
    auth: &Auth,
    email: &EmailSignIn,
    request: &ActionRequest<'_>,
    waiting: Waiting,
) -> Result<Proof, AuthError> {
    if !waiting.has_code(request.parameters.get("code").unwrap_or_default()) {
        return Err(WRONG);
    }
    let address = EmailAddress::parse(waiting.recipient()).map_err(|_| WRONG)?;
    if !email.adapter.use_verification_token(address.as_str(), &waiting.token_hash, request.now).await? {
        return Err(WRONG);
    }
    let callback_url = target(auth, Some(waiting.callback_url.as_str())).await?;
    Ok(Proof { address, remembered: waiting.remembered, callback_url, choice: waiting.choice })
}
