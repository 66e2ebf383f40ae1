//! `server/src/auth.rs`: a method of the callbacks.

use leptos_auth::{
    CallbackError, Callbacks, JwtContext, SessionSource, SignInAttempt, SignInDecision, Token, async_trait,
    types::Session,
};
use serde_json::Value;

const STAFF: &str = "cn=staff,ou=groups,dc=example,dc=org";

struct Hooks {
    groups: Groups,
}

/// A table of one's own.
struct Groups;

impl Groups {
    async fn of(&self, user_id: &str) -> Result<Option<Value>, CallbackError> {
        Ok(None)
    }
}

#[async_trait]
impl Callbacks for Hooks {
    /* the block */
}
