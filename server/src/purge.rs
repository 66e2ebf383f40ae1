//! Removes what has expired from the database: sessions, mailed tokens, counters. Nothing depends on it for
//! safety, as every read looks at the time itself; it keeps the tables small.

use std::time::Duration;

use leptos_auth::Auth;

const INTERVAL: Duration = Duration::from_secs(10 * 60);

/// Purges for ever, in small batches (see [`Auth::purge_expired`]), so that no sign-in waits for it.
pub async fn run(auth: Auth) {
    let mut interval = tokio::time::interval(INTERVAL);
    // A machine that slept has nothing to catch up with.
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        match auth.purge_expired().await {
            Ok(0) => tracing::debug!("nothing has expired"),
            Ok(rows) => tracing::info!(rows, "expired rows removed"),
            Err(error) => tracing::warn!(%error, "expired rows could not be removed; trying again later"),
        }
    }
}
