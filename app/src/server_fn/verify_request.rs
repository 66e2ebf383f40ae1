//! The email sign-in that this browser is waiting for.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_auth::types::VerifyRequest;

use super::FnError;

/// The waiting email sign-in, or `None` when this browser asked for none.
///
/// # Errors
/// `Configuration` when called outside of a request.
#[server(name = GetVerifyRequest, prefix = "/api/fn", endpoint = "verify_request", input = GetUrl)]
pub async fn verify_request() -> Result<Option<VerifyRequest>, FnError> {
    read().ok_or(FnError(leptos_auth::types::ErrorCode::Configuration))
}

/// The same while a page is rendered.
pub(crate) fn load_verify_request() -> Option<VerifyRequest> {
    read().flatten()
}

/// The outer `None` when there was nobody to ask.
#[cfg(feature = "ssr")]
fn read() -> Option<Option<VerifyRequest>> {
    let (auth, headers) = super::context::auth_and_headers()?;
    let page = auth.verify_request(&headers);
    super::context::append_cookies(page.set_cookies);
    Some(page.data)
}

#[cfg(not(feature = "ssr"))]
fn read() -> Option<Option<VerifyRequest>> {
    None
}
