//! The second step: what the page that asks for a code needs, and what its owner sees of it.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_auth::types::{SecondStepForm, SecondStepOverview};

use super::FnError;

/// Whether a sign-in of this browser waits for a code, for a page of your own; `None` where there are no second steps.
/// Sets the cookie that belongs to its CSRF token.
///
/// # Errors
/// `Configuration` when called outside of a request.
#[server(name = GetSecondStepForm, prefix = "/api/fn", endpoint = "second_step_form", input = GetUrl)]
pub async fn second_step_form() -> Result<Option<SecondStepForm>, FnError> {
    read().ok_or(FnError(leptos_auth::types::ErrorCode::Configuration))
}

/// The same while a page is rendered.
pub(crate) fn load_second_step_form() -> Option<SecondStepForm> {
    read().flatten()
}

/// The second step of whoever calls, with what is on their screen while they set it up.
///
/// # Errors
/// `SessionRequired` (401) without a session, `Unavailable` (503) when that cannot be known.
#[server(name = GetSecondStep, prefix = "/api/fn", endpoint = "second_step", input = GetUrl)]
pub async fn second_step() -> Result<SecondStepOverview, FnError> {
    super::context::of_owner(async |auth, headers| auth.second_step(&headers).await).await
}

#[cfg(feature = "ssr")]
fn read() -> Option<Option<SecondStepForm>> {
    let (auth, headers) = super::context::auth_and_headers()?;
    let page = auth.second_step_form(&headers);
    super::context::append_cookies(page.set_cookies);
    Some(page.data)
}

#[cfg(not(feature = "ssr"))]
fn read() -> Option<Option<SecondStepForm>> {
    None
}
