//! In place of `second_step.rs` in a build without the feature `totp`: nobody is asked for a code.

use url::Url;

use crate::{
    account_linking::Resolved,
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    request::{ActionRequest, Redirect, Refused},
    types::SecondStepForm,
    user_records::UserRecords,
};

pub(super) async fn ask(
    _: &Auth,
    _: &ActionRequest<'_>,
    _: &Resolved,
    _: &UserRecords,
    _: &str,
    _: bool,
    _: &Url,
) -> Result<Option<Redirect>, AuthError> {
    Ok(None)
}

pub(crate) fn form(_: &Auth, _: &Cookies<'_>, _: String, _: Timestamp) -> Option<SecondStepForm> {
    None
}

pub(crate) async fn callback_totp(_: &Auth, _: &ActionRequest<'_>) -> Result<Redirect, Refused> {
    Err(AuthError::NotFound.into())
}

pub(crate) async fn forget(_: &Auth, _: &str) -> Result<(), AuthError> {
    Ok(())
}
