//! Reads the times of tokens that other software wrote (RFC 7519 section 2).

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// The last second of the year 9999. A larger number is not a time in seconds, but most likely one in milliseconds.
const LAST: i64 = 253_402_300_799;

/// A NumericDate: seconds since 1970, as any JSON number. Fractions are truncated.
///
/// Strings, booleans, negative numbers and times after the year 9999 are rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumericDate(pub(crate) i64);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumericDateVisitor)
    }
}

struct NumericDateVisitor;

impl Visitor<'_> for NumericDateVisitor {
    type Value = NumericDate;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a time in seconds since 1970")
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<NumericDate, E> {
        let is_time = (0..=LAST).contains(&seconds);
        is_time
            .then_some(NumericDate(seconds))
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(seconds), &self))
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<NumericDate, E> {
        self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<NumericDate, E> {
        // `as` saturates and turns NaN into zero. Without the first case, -0.5 would be truncated to 0, which is a valid time.
        if seconds < 0.0 { self.visit_i64(-1) } else { self.visit_i64(seconds as i64) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<i64> {
        serde_json::from_str::<NumericDate>(json).ok().map(|NumericDate(seconds)| seconds)
    }

    #[test]
    fn i_07_fractions_and_exponents_are_times() {
        for json in ["1767225600", "1767225600.123", "1767225600.0", "1.7672256e9", "17672256E2"] {
            assert_eq!(read(json), Some(1_767_225_600), "{json}");
        }
        assert_eq!((read("0"), read("0.9"), read("253402300799.9")), (Some(0), Some(0), Some(LAST)));
    }

    #[test]
    fn i_07_other_values_are_no_times() {
        for json in [
            "\"1767225600\"",
            "-1",
            "-0.5",
            "-1e300",
            "1e400",
            "1e308",
            "253402300800",
            "18446744073709551615",
            "true",
            "null",
            "[1]",
            "{}",
            "",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn i_07_a_time_is_the_whole_part_of_its_number(seconds in 0..LAST, fraction in 0_u32..1000) {
            prop_assert_eq!(read(&format!("{seconds}.{fraction:03}")), Some(seconds));
        }
    }
}
