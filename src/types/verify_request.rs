//! What the page that waits for an e-mail knows about the mail that this browser asked for.

use serde::{Deserialize, Serialize};

/// The running e-mail sign-in of this browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyRequest {
    /// The address the mail went to, as typed.
    pub email: String,
    /// Goes into the hidden field `csrfToken`.
    pub csrf_token: String,
    /// Where to go after the code was right.
    pub callback_url: String,
    /// Whether the mail was asked for on a shared computer.
    pub is_shared: bool,
    /// Seconds until the mail may be sent once more; 0 when it may be now.
    pub resend_after: u32,
    /// Seconds that the link and the code are still good for; 0 when they are not.
    pub expires_in: u32,
}
