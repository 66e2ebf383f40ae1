//! Ends all sessions of a user, in all browsers.

use crate::{auth::Auth, config::SessionStrategy, error::AuthError};

/// Ends a user's sessions; `session_id` is the provider's name for the one that it means.
///
/// A row of ours does not hold the provider's name, so all sessions of the user end, as OpenID Connect Back-Channel
/// Logout 1.0 section 2.7 leaves open.
///
/// # Errors
/// When the store is away, or sessions are stateless: then there is nothing to end them by.
pub(crate) async fn end_sessions(
    auth: &Auth,
    user_id: &str,
    _session_id: Option<&str>,
) -> Result<(), AuthError> {
    match (auth.config.session.strategy, &auth.adapter) {
        (SessionStrategy::Database, Some(adapter)) => {
            let ended = adapter.delete_user_sessions(user_id).await?;
            tracing::info!(user = user_id, ended, "sessions ended");
            Ok(())
        }
        _ => Err(AuthError::Configuration("stateless sessions cannot be ended".into())),
    }
}
