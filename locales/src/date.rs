//! Dates in words: the same on the server, in the browser and in mails, so always in UTC.

use crate::{Key, fill, time};

const MONTHS: [Key; 12] = [
    time::JAN,
    time::FEB,
    time::MAR,
    time::APR,
    time::MAY,
    time::JUN,
    time::JUL,
    time::AUG,
    time::SEP,
    time::OCT,
    time::NOV,
    time::DEC,
];

/// `2026-12-21T08:00:00.000Z` as people read it, in the language of `text`. What is no such date comes back as it is.
pub fn date_time<'t>(rfc3339: &str, text: impl Fn(Key) -> &'t str) -> String {
    let month = rfc3339.get(5..7).and_then(|digits| digits.parse::<usize>().ok());
    let month = month.and_then(|number| MONTHS.get(number.wrapping_sub(1)));
    match (rfc3339.get(..4), month, rfc3339.get(8..10), rfc3339.get(11..16)) {
        (Some(year), Some(month), Some(day), Some(clock)) => {
            let day = day.trim_start_matches('0');
            let values = [("day", day), ("month", text(*month)), ("year", year), ("time", clock)];
            fill(text(time::DATE_TIME), &values)
        }
        _ => rfc3339.to_owned(),
    }
}
