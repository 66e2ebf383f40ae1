//! The data of the account pages: an example of data that only its owner may read.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use leptos_auth::types::{AccountOverview, Activity};

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
