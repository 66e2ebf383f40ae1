//! The data of the account page: an example of data that only its owner may read.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

use super::FnError;

/// What the account page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The user's id.
    pub id: String,
    /// Display name, where one is known.
    pub name: Option<String>,
    /// Email address, where one is known.
    pub email: Option<String>,
}

/// The account of whoever calls.
///
/// The check is here and not only on the page: anyone can call this address directly.
///
/// # Errors
/// `SessionRequired` (401) without a session, `Unavailable` (503) when that cannot be known.
#[server(name = GetAccount, prefix = "/api/fn", endpoint = "account", input = GetUrl)]
pub async fn account() -> Result<Account, FnError> {
    let user = super::context::require_session().await?.user;
    Ok(Account { id: user.id, name: user.name, email: user.email })
}
