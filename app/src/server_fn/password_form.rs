//! What the pages about passwords need.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_auth::types::{PasswordForm, PasswordOverview};

use super::FnError;

/// The data of the pages for a new account and a forgotten password, while one is rendered; `None`: there are no
/// passwords.
pub(crate) fn load_password_form(callback_url: Option<String>) -> Option<PasswordForm> {
    read(callback_url.as_deref())
}

/// What the account page about the password shows of whoever calls.
///
/// # Errors
/// `SessionRequired` (401) without a session, `Unavailable` (503) when that cannot be known.
#[server(name = GetPassword, prefix = "/api/fn", endpoint = "password", input = GetUrl)]
pub async fn password() -> Result<PasswordOverview, FnError> {
    super::context::of_owner(async |auth, headers| auth.password_overview(&headers).await).await
}

#[cfg(feature = "ssr")]
fn read(callback_url: Option<&str>) -> Option<PasswordForm> {
    let (auth, headers) = super::context::auth_and_headers()?;
    let page = auth.password_form(&headers, callback_url);
    super::context::append_cookies(page.set_cookies);
    page.data
}

#[cfg(not(feature = "ssr"))]
fn read(_: Option<&str>) -> Option<PasswordForm> {
    None
}
