//! When to ask the server: plain arithmetic in milliseconds. `now` is the wall clock, which people and sleep
//! change, so every rule survives a clock that jumps; `random` is in 0..1 and spreads tabs and machines apart.

/// The longest time `setTimeout` can count; a longer one would fire at once.
pub(super) const LONGEST_TIMER: u32 = i32::MAX.unsigned_abs();

const FOCUS_GAP: f64 = 5_000.0;
const MESSAGE_GAP: f64 = 250.0;
const FIRST_RETRY: f64 = 2_000.0;
const LAST_RETRY: f64 = 60_000.0;
/// Longer wishes of a server are cut: a tab must find back by itself.
const LONGEST_WISH: f64 = 900_000.0;
/// The session ends at a whole second and the server's clock decides: ask a little later, not too early.
const EXPIRY_SLACK: f64 = 1_000.0;
/// A fresh session that is over already means that this clock is wrong: do not ask in a loop.
const WRONG_CLOCK: f64 = 60_000.0;

/// A duration for `setTimeout`.
pub(super) fn timer(wait: f64) -> u32 {
    // `as` saturates and turns NaN into 0.
    (wait as u32).min(LONGEST_TIMER)
}

/// May a page that is looked at again ask, when the last question was at `last`?
pub(super) fn focus_is_due(now: f64, last: f64) -> bool {
    !(0.0..FOCUS_GAP).contains(&(now - last))
}

/// How long to wait before following a message, so that a flood of them is one request each quarter second.
pub(super) fn message_wait(now: f64, last: f64) -> f64 {
    let since = now - last;
    if (0.0..MESSAGE_GAP).contains(&since) { MESSAGE_GAP - since } else { 0.0 }
}

/// How long to wait after the `failures`-th failure in a row (from 1): doubling, spread, and never shorter than
/// the server asked for.
pub(super) fn retry_wait(failures: u32, wish_seconds: Option<u32>, random: f64) -> f64 {
    let doubled = FIRST_RETRY * f64::from(1_u32 << failures.saturating_sub(1).min(10));
    let backoff = doubled.min(LAST_RETRY) * (0.5 + random / 2.0);
    match wish(wish_seconds) {
        Some(wish) => (wish * (1.0 + random / 10.0)).max(backoff),
        None => backoff,
    }
}

/// What the server asked for, within reason.
pub(super) fn wish(seconds: Option<u32>) -> Option<f64> {
    seconds.map(|seconds| (f64::from(seconds) * 1_000.0).min(LONGEST_WISH))
}

/// How long until the end of the session has passed, `remaining` before it.
pub(super) fn expiry_wait(remaining: f64) -> f64 {
    if remaining > 0.0 { remaining + EXPIRY_SLACK } else { WRONG_CLOCK }
}

/// Is it this tab's turn to keep the session alive? Any tab's last question, at `last`, counts.
pub(super) fn poll_is_due(now: f64, last: f64, interval: f64) -> bool {
    !(0.0..interval).contains(&(now - last))
}

/// How long until then. All tabs count from the same moment; up to a tenth more decides who is first.
pub(super) fn poll_wait(now: f64, last: f64, interval: f64, random: f64) -> f64 {
    let left = if poll_is_due(now, last, interval) { interval } else { interval - (now - last) };
    left + interval * random / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_800_000_000_000.0;

    #[test]
    fn a_timer_never_overflows() {
        assert_eq!(timer(1_500.9), 1_500);
        assert_eq!(timer(30.0 * 86_400_000.0), LONGEST_TIMER);
        assert_eq!(timer(f64::INFINITY), LONGEST_TIMER);
        assert_eq!(timer(-5.0), 0);
        assert_eq!(timer(f64::NAN), 0);
        assert!(i32::try_from(LONGEST_TIMER).is_ok());
    }

    /// U-33
    #[test]
    fn focus_asks_once_in_five_seconds() {
        assert!(focus_is_due(NOW, 0.0));
        assert!(!focus_is_due(NOW, NOW));
        assert!(!focus_is_due(NOW, NOW - 4_999.0));
        assert!(focus_is_due(NOW, NOW - 5_000.0));
        assert!(focus_is_due(NOW, NOW + 86_400_000.0), "a clock that was set back does not silence us");
    }

    #[test]
    fn a_flood_of_messages_is_slowed_down() {
        assert_eq!(message_wait(NOW, 0.0), 0.0);
        assert_eq!(message_wait(NOW, NOW - 100.0), 150.0);
        assert_eq!(message_wait(NOW, NOW - 250.0), 0.0);
        assert_eq!(message_wait(NOW, NOW + 1_000.0), 0.0);
    }

    /// TS-06
    #[test]
    fn retries_double_up_to_a_minute() {
        assert_eq!(retry_wait(1, None, 1.0), 2_000.0);
        assert_eq!(retry_wait(1, None, 0.0), 1_000.0);
        assert_eq!(retry_wait(3, None, 1.0), 8_000.0);
        for failures in [6, 20, u32::MAX] {
            assert_eq!(retry_wait(failures, None, 1.0), 60_000.0);
            assert_eq!(retry_wait(failures, None, 0.0), 30_000.0);
        }
        assert!(retry_wait(0, None, 0.5) > 0.0);
    }

    /// U-32
    #[test]
    fn the_wish_of_the_server_is_kept() {
        assert_eq!(retry_wait(1, Some(30), 0.0), 30_000.0);
        assert_eq!(retry_wait(1, Some(30), 1.0), 33_000.0);
        assert_eq!(retry_wait(1, Some(0), 0.0), 1_000.0);
        assert_eq!(retry_wait(1, Some(u32::MAX), 0.0), 900_000.0);
        assert_eq!(wish(None), None);
    }

    #[test]
    fn the_end_is_looked_at_after_it() {
        assert_eq!(expiry_wait(3_000.0), 4_000.0);
        assert_eq!(expiry_wait(0.0), 60_000.0);
        assert_eq!(expiry_wait(-1e12), 60_000.0);
        assert_eq!(timer(expiry_wait(1e12)), LONGEST_TIMER);
    }

    /// TS-04
    #[test]
    fn twenty_tabs_poll_as_one() {
        let interval = 60_000.0;
        let mut last = NOW;
        let mut wakes: Vec<f64> =
            (0..20).map(|tab| NOW + poll_wait(NOW, last, interval, f64::from(tab) / 20.0)).collect();
        let mut polls = 0;
        while let Some((tab, now)) = wakes.iter().copied().enumerate().min_by(|a, b| a.1.total_cmp(&b.1)) {
            if now > NOW + 3_600_000.0 {
                break;
            }
            if poll_is_due(now, last, interval) {
                polls += 1;
                last = now;
            }
            wakes[tab] = now + poll_wait(now, last, interval, (tab as f64 * 0.37 + now / 7_919.0).fract());
        }
        assert!((54..=60).contains(&polls), "{polls} polls in an hour");
    }

    #[test]
    fn a_mark_from_the_future_does_not_stop_polling() {
        assert!(poll_is_due(NOW, NOW + 1.0, 60_000.0));
        assert_eq!(poll_wait(NOW, NOW + 9e9, 60_000.0, 0.0), 60_000.0);
    }
}
