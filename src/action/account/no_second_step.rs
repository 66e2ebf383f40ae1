//! In place of `second_step.rs` in a build without the feature `totp`: there is nothing to set up.

use crate::{
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    request::{ActionRequest, Redirect},
    types::SecondStepOverview,
};

pub(super) const PAGE: &str = "/account";

pub(super) async fn change(_: &Auth, _: &str, _: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    Err(AuthError::NotFound)
}

pub(crate) async fn second_step(
    _: &Auth,
    _: &Cookies<'_>,
    _: Timestamp,
) -> Result<Option<SecondStepOverview>, AuthError> {
    Err(AuthError::NotFound)
}
