//! What the sign-in page, and every other page with an auth form, needs to be drawn.

use serde::{Deserialize, Serialize};

use super::SignInMethod;

/// The data behind a form that POSTs to `/api/auth/…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInForm {
    /// The methods that are on, in the order to show them.
    pub providers: Vec<SignInMethod>,
    /// Goes into the hidden field `csrfToken`.
    pub csrf_token: String,
    /// Where to go afterwards: already checked, absolute, on this origin. Hidden field `callbackUrl`.
    pub callback_url: String,
    /// Id of the provider this browser used last.
    pub last_used: Option<String>,
    /// Name of the provider whose account waits to be linked, once its owner has signed in the way they did before.
    pub waits_to_link: Option<String>,
}
