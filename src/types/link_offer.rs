//! What the page shows that asks whether to link what somebody has just signed in with.

use serde::{Deserialize, Serialize};

use super::SignInMethod;

/// A sign-in that waits to be linked, as the user sees it who is signed in now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum LinkOffer {
    /// It is for this user to decide.
    #[serde(rename_all = "camelCase")]
    Ready {
        /// The provider.
        method: SignInMethod,
        /// What the account is called there, for example `octocat`.
        account_name: Option<String>,
        /// Where the person wanted to go.
        callback_url: String,
    },
    /// It belongs to the account of another address: nothing will be linked to this one.
    #[serde(rename_all = "camelCase")]
    OtherUser {
        /// The provider.
        method: SignInMethod,
    },
    /// Nothing waits in this browser: it was linked, or a quarter of an hour is over.
    Nothing,
}
