//! When to ask the server: plain arithmetic in milliseconds. `since` is measured by the wall clock, the only one that
//! tabs share; people and sleep change it, so every rule survives a clock that jumps. `random` is in 0..1 and spreads
//! tabs and machines apart.

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
/// A session that is said to be over and is not: look again so much later, not in a loop.
const NOT_OVER: f64 = 60_000.0;
/// How often a page looks whether it is time to poll.
const TICK: f64 = 5_000.0;
/// How long a tab leads without renewing its lease: a few ticks, which may be late.
const LEASE: f64 = 20_000.0;
/// A `Date` header counts in whole seconds.
pub(super) const DATE_STEP: f64 = 1_000.0;

/// A duration for `setTimeout`.
pub(super) fn timer(wait: f64) -> u32 {
    // `as` saturates and turns NaN into 0.
    (wait as u32).min(LONGEST_TIMER)
}

/// How long ago, by two clocks: the first may stand still while the machine sleeps, the second may be set.
pub(super) fn elapsed(uptime: f64, wall: f64) -> f64 {
    uptime.max(wall)
}

/// The server's time after an answer with this `date`, when it was thought to be `estimate`.
pub(super) fn corrected(estimate: f64, date: f64) -> f64 {
    estimate.clamp(date, date + DATE_STEP)
}

/// May a page that is looked at again ask, when the last question was so long ago?
pub(super) fn focus_is_due(since: f64, max_age_seconds: u32) -> bool {
    !(0.0..FOCUS_GAP.max(f64::from(max_age_seconds) * 1_000.0)).contains(&since)
}

/// How long a window without focus lets the one with it go first.
pub(super) fn look_wait(random: f64) -> f64 {
    200.0 + random * 800.0
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

/// How long until the end of the session has passed, `remaining` before it. Up to a second more decides which tab is
/// first.
pub(super) fn expiry_wait(remaining: f64, random: f64) -> f64 {
    (if remaining > 0.0 { remaining + EXPIRY_SLACK } else { NOT_OVER }) + random * 1_000.0
}

/// Is it time to ask about a session that ended `over` ago? Not when a tab has asked after the end: it tells the
/// others if nobody is signed in any more.
pub(super) fn end_is_due(over: f64, since: f64) -> bool {
    over > 0.0 && !(0.0..over.min(NOT_OVER)).contains(&since)
}

/// Seconds between two polls, under both names; 0 is off.
pub(super) fn interval(names: [u32; 2], max_age: u32) -> u32 {
    match names.into_iter().find(|seconds| *seconds > 0) {
        Some(seconds) => seconds.max(max_age),
        None => 0,
    }
}

/// Is it time to keep the session alive? Any tab's last question counts.
pub(super) fn poll_is_due(since: f64, interval: f64) -> bool {
    !(0.0..interval).contains(&since)
}

/// When to look again.
pub(super) fn tick(since: f64, interval: f64) -> f64 {
    if poll_is_due(since, interval) { TICK } else { TICK.min(interval - since) }
}

/// A moment (ms) as it stands in storage: whole, because what prints and reads fractions weighs 17 kB.
pub(super) fn write(moment: f64) -> String {
    (moment as u64).to_string()
}

/// A moment from there, if it is one.
pub(super) fn read(text: &str) -> Option<f64> {
    text.parse::<u64>().ok().map(|moment| moment as f64)
}

/// What the tab `id` writes into storage to lead.
pub(super) fn lease(id: u32, now: f64) -> String {
    format!("{id} {}", write(now + LEASE))
}

/// Is this lease the one of `id`?
pub(super) fn is_lease_of(lease: &str, id: u32) -> bool {
    lease.split_once(' ').is_some_and(|(owner, _)| owner.parse() == Ok(id))
}

/// May `id` take over from this `lease`, or renew it? One that ends later than any tab can make it is from before the
/// clock was set back.
pub(super) fn may_lead(lease: Option<&str>, id: u32, now: f64) -> bool {
    let Some(lease) = lease else { return true };
    let until = lease.split_once(' ').and_then(|(_, until)| read(until));
    is_lease_of(lease, id) || !until.is_some_and(|until| (now..=now + LEASE).contains(&until))
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
        assert!(focus_is_due(NOW, 0), "nobody has asked yet");
        assert!(!focus_is_due(0.0, 0) && !focus_is_due(4_999.0, 0));
        assert!(focus_is_due(5_000.0, 0));
        assert!(focus_is_due(-86_400_000.0, 0), "a clock that was set back does not silence us");
        assert!(!focus_is_due(59_999.0, 60) && focus_is_due(60_000.0, 60));
    }

    /// TS-04
    #[test]
    fn a_window_without_focus_waits_but_not_long() {
        assert_eq!((look_wait(0.0), look_wait(1.0)), (200.0, 1_000.0));
    }

    #[test]
    fn the_servers_time_survives_sleep_and_a_clock_that_is_set() {
        let hour = 3_600_000.0;
        assert_eq!(elapsed(5.0, 5.0 + hour), 5.0 + hour, "slept");
        assert_eq!(elapsed(hour, 5.0), hour, "set back");
        assert_eq!(corrected(NOW + hour, NOW), NOW + 1_000.0);
        assert_eq!(corrected(NOW - hour, NOW), NOW);
        assert_eq!(corrected(NOW + 400.0, NOW), NOW + 400.0, "better than whole seconds");
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
        assert_eq!(expiry_wait(3_000.0, 0.0), 4_000.0);
        assert_eq!(expiry_wait(3_000.0, 1.0), 5_000.0);
        assert_eq!(expiry_wait(0.0, 0.0), 60_000.0);
        assert_eq!(expiry_wait(-1e12, 0.0), 60_000.0);
        assert_eq!(timer(expiry_wait(1e12, 0.0)), LONGEST_TIMER);
    }

    /// TS-04
    #[test]
    fn one_tab_asks_at_the_end() {
        assert!(end_is_due(1_000.0, 5_000.0));
        assert!(!end_is_due(1_000.0, 500.0), "another tab asked after the end");
        assert!(!end_is_due(61_000.0, 30_000.0), "or is asking still, for itself");
        assert!(end_is_due(61_000.0, 61_000.0));
        assert!(end_is_due(1_000.0, -1.0), "the clock was set back");
        assert!(!end_is_due(-1.0, 5_000.0), "it is not the end");
    }

    #[test]
    fn both_names_of_the_interval_count() {
        assert_eq!(interval([0, 0], 60), 0);
        assert_eq!((interval([5, 0], 0), interval([0, 7], 0)), (5, 7));
        assert_eq!(interval([5, 7], 0), 5);
        assert_eq!(interval([5, 0], 60), 60);
    }

    #[test]
    fn a_page_looks_at_the_clock_every_few_seconds() {
        assert_eq!(tick(0.0, 60_000.0), 5_000.0);
        assert_eq!(tick(58_000.0, 60_000.0), 2_000.0);
        assert_eq!(tick(70_000.0, 60_000.0), 5_000.0, "due, but not ours to ask");
        assert_eq!(tick(0.0, 1_000.0), 1_000.0);
        assert!(poll_is_due(-1.0, 60_000.0), "a moment in the future does not stop polling");
    }

    /// TS-04
    #[test]
    fn a_lease_has_one_holder_and_an_end() {
        let lease = lease(25, NOW);
        assert!(may_lead(None, 50, NOW) && may_lead(Some(""), 50, NOW) && may_lead(Some("junk x"), 50, NOW));
        assert!(is_lease_of(&lease, 25) && may_lead(Some(&lease), 25, NOW + 1_000.0));
        assert!(!is_lease_of(&lease, 50) && !may_lead(Some(&lease), 50, NOW + 20_000.0));
        assert!(may_lead(Some(&lease), 50, NOW + 20_001.0), "its holder crashed");
        assert!(may_lead(Some(&lease), 50, NOW - 1_000.0), "the clock was set back");
    }
}
