//! The data of the account pages: an example of data that only its owner may read.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_auth::types::AccountOverview;
#[cfg(feature = "passkey")]
use leptos_auth::types::PasskeyList;

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

/// The passkeys of whoever calls.
///
/// # Errors
/// As [`account`].
#[cfg(feature = "passkey")]
#[server(name = GetPasskeys, prefix = "/api/fn", endpoint = "account_passkeys", input = GetUrl)]
pub async fn account_passkeys() -> Result<PasskeyList, FnError> {
    super::context::of_owner(async |auth, headers| auth.account_passkeys(&headers).await).await
}
