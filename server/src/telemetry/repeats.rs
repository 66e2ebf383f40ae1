//! Keeps the log small while somebody sends thousands of bad requests a second (OP-16).
//!
//! Rule: of one kind of warning or error, up to [`LINES`] are written in a second, the others are counted, and the next
//! line of that kind says how many they were. A kind is a place in the code and an error's word (`code`), so a flood of
//! one kind of refusal hides no other. What is no warning is written always: sign-ins and sign-outs.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tracing::{
    Event, Level, Subscriber,
    callsite::Identifier,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// About 300 bytes each, and some twenty kinds: 20 MB a minute at the very worst.
const LINES: u32 = 50;
const WINDOW: Duration = Duration::from_secs(1);

/// Formats events as `F` does, without those that repeat themselves.
pub(super) struct WithoutRepeats<F> {
    format: F,
    kinds: Mutex<HashMap<Kind, Window>>,
}

/// Codes are words of a closed list, so there are few.
type Kind = (Identifier, String);

/// A second in which lines of one kind are counted.
#[derive(Debug)]
struct Window {
    begun: Instant,
    written: u32,
    left_out: u64,
}

impl<F> WithoutRepeats<F> {
    pub(super) fn new(format: F) -> Self {
        Self { format, kinds: Mutex::default() }
    }

    /// Whether a line is written now: with the number of those that were left out before it.
    fn admit(&self, event: &Event<'_>) -> Option<u64> {
        if *event.metadata().level() > Level::WARN {
            return Some(0);
        }
        let mut code = Code::default();
        event.record(&mut code);
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        kinds.entry((event.metadata().callsite(), code.0)).or_insert_with(|| Window::new(now)).admit(now)
    }
}

impl Window {
    fn new(begun: Instant) -> Self {
        Self { begun, written: 0, left_out: 0 }
    }

    fn admit(&mut self, now: Instant) -> Option<u64> {
        let former = self.left_out;
        if now.duration_since(self.begun) >= WINDOW {
            *self = Self::new(now);
        }
        if self.written == LINES {
            self.left_out += 1;
            return None;
        }
        self.written += 1;
        Some(if self.written == 1 { former } else { 0 })
    }
}

impl<S, N, F> FormatEvent<S, N> for WithoutRepeats<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(left_out) = self.admit(event) else { return Ok(()) };
        if left_out == 0 {
            return self.format.format_event(context, writer, event);
        }
        let mut line = String::new();
        self.format.format_event(context, Writer::new(&mut line), event)?;
        writeln!(writer, "{} left_out={left_out}", line.trim_end())
    }
}

/// The field `code` of an event; empty when it has none.
#[derive(Default)]
struct Code(String);

impl Visit for Code {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "code" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn op_16_what_is_left_out_in_a_second_is_counted_in_the_next() {
        let start = Instant::now();
        let mut window = Window::new(start);
        let mut admitted = |millis, times: usize| {
            let now = start + Duration::from_millis(millis);
            (0..times).filter_map(|_| window.admit(now)).collect::<Vec<_>>()
        };
        assert_eq!(admitted(0, 10), [0; 10], "a few are never touched");
        assert_eq!(admitted(999, 1000), [0; 40], "fifty in a second");
        assert_eq!(admitted(1000, 2), [960, 0], "said once");
        assert_eq!(admitted(5000, 60)[..2], [0, 0], "nothing was left out in between");
        assert_eq!(admitted(9000, 1), [10]);
    }
}
