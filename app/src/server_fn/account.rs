//! The data of the account pages: an example of data that only its owner may read.

use leptos::{prelude::*, server_fn::codec::GetUrl};
#[cfg(feature = "passkey")]
use leptos_auth::types::PasskeyList;
use leptos_auth::types::{AccountDevices, AccountMethods, AccountOverview, Activity, LinkOffer};

use super::FnError;

/// The account of whoever calls.
///
/// The check is here and not only on the page: anyone can call this address directly.
///
/// # Errors
/// `SessionRequired` (401) without a session, `Unavailable` (503) when that cannot be known.
#[server(name = GetAccount, prefix = "/api/fn", endpoint = "account", input = GetUrl)]
pub async fn account() -> Result<AccountOverview, FnError> {
    super::context::of_owner(async |auth, headers| auth.account_overview(&headers).await).await
}

/// What happened to the account of whoever calls, from before the entry with that id.
///
/// # Errors
/// `SessionRequired` (401) without a session, `Unavailable` (503) when that cannot be known.
#[server(name = GetActivity, prefix = "/api/fn", endpoint = "activity", input = GetUrl)]
pub async fn activity(before: Option<String>) -> Result<Activity, FnError> {
    super::context::of_owner(async |auth, headers| auth.activity(&headers, before.as_deref()).await).await
}

/// The passkeys of whoever calls.
///
/// # Errors
/// As [`account`].
#[cfg(feature = "passkey")]
#[server(name = GetPasskeys, prefix = "/api/fn", endpoint = "account_passkeys", input = GetUrl)]
pub async fn account_passkeys() -> Result<PasskeyList, FnError> {
    super::context::of_owner(async |auth, headers| auth.account_passkeys(&headers).await).await
}

/// The ways to sign in of whoever calls.
///
/// # Errors
/// As [`account`].
#[server(name = GetAccountMethods, prefix = "/api/fn", endpoint = "account_methods", input = GetUrl)]
pub async fn account_methods() -> Result<AccountMethods, FnError> {
    let read = super::context::of_owner(async |auth, headers| auth.account_methods(&headers).await);
    let mut methods = read.await?;
    for provider in &mut methods.providers {
        let color = provider.method.color.take();
        provider.method.color = color.and_then(|brand| crate::brand_color::on_button(&brand));
    }
    Ok(methods)
}

/// Where whoever calls is signed in.
///
/// # Errors
/// As [`account`].
#[server(name = GetAccountDevices, prefix = "/api/fn", endpoint = "account_devices", input = GetUrl)]
pub async fn account_devices() -> Result<AccountDevices, FnError> {
    super::context::of_owner(async |auth, headers| auth.account_devices(&headers).await).await
}

/// What waits to be linked to the account of whoever calls, in the browser that calls.
///
/// # Errors
/// As [`account`].
#[server(name = GetLinkOffer, prefix = "/api/fn", endpoint = "link_offer", input = GetUrl)]
pub async fn link_offer() -> Result<LinkOffer, FnError> {
    super::context::of_owner(async |auth, headers| auth.link_offer(&headers).await).await
}
