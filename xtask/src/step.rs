//! Numbered steps with the time each took. Rule: the current step is always visible, and a step during which another program
//! prints repeats its line below that output.

use std::fmt::{Display, Formatter};
use std::io::Write;
use std::time::{Duration, Instant};

use crate::failure::Result;

/// A counter of steps, shown as `[3/7] Building the browser bundle … 12.3 s`, or as `[3] …` if the total is not known.
#[derive(Default)]
pub struct Steps {
    total: Option<usize>,
    done: usize,
    times: Vec<Time>,
}

/// The time of one step.
struct Time {
    title: String,
    elapsed: Duration,
    /// Processor time of all programs that ended during the step, if the system reports it.
    processor: Option<Duration>,
}

impl Steps {
    /// A run of `total` steps.
    pub fn new(total: usize) -> Self {
        Self { total: Some(total), ..Self::default() }
    }

    /// A step that prints nothing itself.
    pub fn quiet<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.step(title, "", work)
    }

    /// A step in which cargo or npm print their progress.
    pub fn noisy<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.step(title, "\n", work)
    }

    fn step<T>(&mut self, title: &str, separator: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.done += 1;
        let total = self.total.map_or(String::new(), |total| format!("/{total}"));
        let line = format!("[{}{total}] {title} …", self.done);
        print!("{line}{separator}");
        // If standard output is closed, there is no way to report it.
        let _ = std::io::stdout().flush();
        let (started, before) = (Instant::now(), processor_time());
        let result = work();
        let elapsed = started.elapsed();
        let processor = before.zip(processor_time()).map(|(before, after)| after.saturating_sub(before));
        let outcome = if result.is_ok() { "" } else { "failed after " };
        let line = if separator.is_empty() { "" } else { &line };
        println!("{line} {outcome}{:.1} s", elapsed.as_secs_f64());
        self.times.push(Time { title: title.to_owned(), elapsed, processor });
        result
    }
}

/// A table of all steps so far: the time each took, and the processor time of its programs.
impl Display for Steps {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "{:>9} {:>11}  step", "seconds", "processor s")?;
        for Time { title, elapsed, processor } in &self.times {
            let processor = processor.map_or("-".to_owned(), |time| format!("{:.1}", time.as_secs_f64()));
            writeln!(formatter, "{:>9.1} {processor:>11}  {title}", elapsed.as_secs_f64())?;
        }
        let total: Duration = self.times.iter().map(|time| time.elapsed).sum();
        write!(formatter, "{:>9.1} {:>11}  all steps", total.as_secs_f64(), "")
    }
}

/// Returns the processor time of all child processes that have ended, as Linux reports it (proc(5): `cutime` and `cstime`,
/// in hundredths of a second).
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    ticks(&stat).map(|ticks| Duration::from_millis(ticks * 10))
}

/// The name before the fields may contain any character, but is in parentheses.
fn ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(") ")?.1.split(' ').skip(13).map(str::parse::<u64>);
    Some(fields.next()?.ok()? + fields.next()?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::{Steps, ticks};
    use crate::failure::Failure;

    #[test]
    fn the_table_names_every_step() {
        let mut steps = Steps::new(2);
        assert_eq!(steps.quiet("first", || Ok(1)).unwrap(), 1);
        assert!(steps.noisy("second", || Err::<(), _>(Failure::new("no"))).is_err());
        let table = steps.to_string();
        let titles: Vec<_> = table.lines().map(|line| line.split_whitespace().last().unwrap()).collect();
        assert_eq!(titles, ["step", "first", "second", "steps"]);
    }

    #[test]
    fn times_of_children_are_the_fourteenth_and_fifteenth_field_behind_the_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4 5 6 7 8 11 12 130 14 20 0";
        assert_eq!(ticks(stat), Some(130 + 14));
        assert_eq!(ticks("7 (a"), None);
    }
}
