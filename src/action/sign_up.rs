//! Creates an account with a password: `POST /api/auth/signup`.
//!
//! Nothing is stored for the address until it is verified by email. The password is kept, hashed, in an encrypted cookie
//! of the browser where it was chosen, and counts only if the email's link or code is used in that browser. An attacker
//! who signs up with another person's address therefore sets no password for that person's future account (LK-01). The
//! response is the same if the address has an account; only the email says so (CR-01).

use super::{
    Choice,
    sign_in::{MailPurpose, count_mails, send_token},
    wanted_url,
};
use crate::{
    account_linking,
    auth::Auth,
    email::EmailAddress,
    error::AuthError,
    password::{Password, Passwords},
    request::{ActionRequest, Redirect, Refused},
};

const PAGE: &str = "/signup";

/// Sends the mail that proves the address.
pub(crate) async fn sign_up(
    auth: &Auth,
    passwords: &Passwords,
    request: &ActionRequest<'_>,
) -> Result<Redirect, Refused> {
    ask(auth, passwords, request).await.map_err(|error| Refused::on_page(error, PAGE))
}

async fn ask(auth: &Auth, passwords: &Passwords, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let email = auth.email.as_deref().ok_or(AuthError::NotFound)?;
    let callback_url = wanted_url(auth, request).await?;
    let address = EmailAddress::parse(request.parameters.get("email").unwrap_or_default())
        .map_err(|error| AuthError::EmailSignin(error.into()))?;
    let password = Password::parse(request.parameters.get("password").unwrap_or_default())?;
    let name = super::account::name(&request.parameters)?;
    passwords.rules.check(&password, &address, name.as_deref())?;
    count_mails(auth, request, &address, MailPurpose::SignIn).await?;
    account_linking::ask_for_mail(&auth.linking(), &email.adapter, &address, request.now).await?;
    let hash = passwords.hasher.hash(&password).await?;
    let choice = Choice { password: hash, name };
    send_token(auth, email, request, &address, &callback_url, Some(choice)).await
}
