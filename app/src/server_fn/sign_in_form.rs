//! The data of the sign-in page: the enabled methods, the CSRF token, the validated callback URL.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_auth::types::SignInForm;

use super::FnError;
#[cfg(feature = "ssr")]
use crate::brand_color;

/// The sign-in form for a page of your own. Sets the cookie that belongs to its CSRF token.
///
/// # Errors
/// `Configuration` when called outside of a request.
#[server(name = GetSignInForm, prefix = "/api/fn", endpoint = "sign_in_form", input = GetUrl)]
pub async fn sign_in_form(callback_url: Option<String>) -> Result<SignInForm, FnError> {
    read(callback_url.as_deref()).ok_or(FnError(leptos_auth::types::ErrorCode::Configuration))
}

/// The same while a page is rendered.
pub(crate) fn load_sign_in_form(callback_url: Option<String>) -> Option<SignInForm> {
    read(callback_url.as_deref())
}

/// Like [`load_sign_in_form`], for a page whose form names no method: it does not need the list of methods. It also begins no
/// sign-in, so without a target in the address it leads to the front page.
pub(crate) fn load_auth_form(callback_url: Option<String>) -> Option<SignInForm> {
    let callback_url = callback_url.as_deref().or(Some("/"));
    Some(SignInForm { providers: Vec::new(), ..read(callback_url)? })
}

#[cfg(feature = "ssr")]
fn read(callback_url: Option<&str>) -> Option<SignInForm> {
    let (auth, headers) = super::context::auth_and_headers()?;
    let page = auth.sign_in_form(&headers, callback_url);
    super::context::append_cookies(page.set_cookies);
    let mut form = page.data;
    for method in &mut form.providers {
        method.color = method.color.take().and_then(|brand| brand_color::on_button(&brand));
    }
    Some(form)
}

#[cfg(not(feature = "ssr"))]
fn read(_: Option<&str>) -> Option<SignInForm> {
    None
}
