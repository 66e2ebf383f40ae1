//! What the page shows that lists a user's ways to sign in.

use serde::{Deserialize, Serialize};

use super::SignInMethod;

/// The ways to sign in of the signed-in user, and those that they could add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountMethods {
    /// The providers that are on, and others where the user has an account.
    pub providers: Vec<ProviderMethod>,
    /// Sign-in by e-mail; `None` when no mails are sent here.
    pub email: Option<EmailMethod>,
    /// Whether the user has a password; `None` when passwords are off.
    pub has_password: Option<bool>,
    /// How many passkeys the user has; `None` when passkeys are off.
    pub passkeys: Option<u32>,
    /// Id of the provider this browser used last.
    pub last_used: Option<String>,
    /// Whether the user proved a short while ago who they are: changes need that.
    pub is_fresh: bool,
}

/// A provider, and the user's accounts there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderMethod {
    /// The provider.
    pub method: SignInMethod,
    /// Whether an account there is linked by going there: not with names and passwords, nor at a provider that was
    /// switched off.
    pub can_link: bool,
    /// The accounts there, the newest first.
    pub accounts: Vec<LinkedAccount>,
}

/// An account at a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LinkedAccount {
    /// The provider's own id of it: what to call it when it is unlinked.
    pub id: String,
    /// What it is called there, for example `octocat`, where that was told.
    pub name: Option<String>,
    /// When it was linked: RFC 3339 in UTC.
    pub since: String,
    /// Whether it is the last way in, and so stays.
    pub is_last: bool,
}

/// Sign-in by a mail to the user's address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmailMethod {
    /// The address, where one is known.
    pub address: Option<String>,
    /// Whether the user has proven it: else no mail to it leads here.
    pub is_proven: bool,
}
