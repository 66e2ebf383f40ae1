//! The pause before a call is repeated because other requests changed the same rows.

use std::time::Duration;

use crate::random;

/// Pauses before the repetition with this number: up to 64 milliseconds, later up to a quarter of a second. The length is
/// random, so that requests that met once do not meet again.
pub(super) async fn pause(number: u32) {
    const MOST: u32 = 4;
    let [jitter] = random::bytes::<1>();
    tokio::time::sleep(Duration::from_millis(u64::from(jitter) / 4) * number.min(MOST)).await;
}
