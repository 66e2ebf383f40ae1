//! Client data: what the browser was asked, and by which page (W3C Web Authentication Level 3 section 5.8.1). The
//! authenticator signs its hash, so it cannot be changed on the way.

use serde::Deserialize;

/// Which of the two ceremonies. The words of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Kind {
    #[serde(rename = "webauthn.create")]
    Create,
    #[serde(rename = "webauthn.get")]
    Get,
}

/// The members that are checked. There may be others, in any order: browsers add some so that nobody relies on there
/// being none.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientData {
    pub(super) r#type: Kind,
    /// The challenge that we sent, in base64url. Some client libraries add padding.
    challenge: String,
    pub(super) origin: String,
    #[serde(default)]
    pub(super) cross_origin: bool,
    #[serde(default)]
    pub(super) top_origin: Option<String>,
}

impl ClientData {
    /// # Errors
    /// When it is no JSON, or a member is missing.
    pub(super) fn parse(json: &[u8]) -> Result<Self, &'static str> {
        serde_json::from_slice(json).map_err(|_| "the client data cannot be read")
    }

    /// Returns the challenge without padding, as we sent it.
    pub(super) fn challenge(&self) -> &str {
        self.challenge.trim_end_matches('=')
    }

    /// Checks that the page was ours and not in a frame of another site (section 7.1 steps 7 to 11, 7.2 steps 10 to 14).
    ///
    /// # Errors
    /// What is wrong, for the log.
    pub(super) fn check(&self, kind: Kind, challenge: &str, origin: &str) -> Result<(), &'static str> {
        if self.r#type != kind {
            return Err("the browser was asked for something else");
        }
        if !crate::hash::equal(self.challenge(), challenge) {
            return Err("the challenge is another one");
        }
        if self.origin != origin {
            return Err("the page was of another origin");
        }
        if self.cross_origin || self.top_origin.is_some() {
            return Err("the page was in a frame of another site");
        }
        Ok(())
    }
}
