//! The totals of a test run. Rule: what could not run is counted as skipped and named, and a program that fails without saying
//! how many tests failed counts as one failure.

use std::fmt::{Display, Formatter};

/// Numbers of tests and checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Went well.
    pub passed: usize,
    /// Went wrong.
    pub failed: usize,
    /// Did not run.
    pub skipped: usize,
}

impl Counts {
    /// A check that is either good or bad as a whole.
    pub fn check(succeeded: bool) -> Self {
        Self { passed: usize::from(succeeded), failed: usize::from(!succeeded), skipped: 0 }
    }

    /// Adds others.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Parses the output of `Display`.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(", ").zip([" passed", " failed", " skipped"]);
        let mut next = || {
            let (field, name) = numbers.next()?;
            field.strip_suffix(name)?.parse().ok()
        };
        Some(Self { passed: next()?, failed: next()?, skipped: next()? })
    }

    /// A program that ended badly has failed, whatever it printed.
    pub fn or_failed(mut self, succeeded: bool) -> Self {
        if !succeeded && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

impl Display for Counts {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// The sums, and what to say below them.
#[derive(Default)]
pub struct Report {
    counts: Counts,
    remarks: Vec<String>,
}

impl Report {
    /// Takes in the counts of one suite.
    pub fn add(&mut self, suite: &str, counts: Counts) {
        self.counts.add(counts);
        if counts.failed > 0 {
            self.remarks.push(format!("FAILED  {suite}: {counts}"));
        } else if counts.skipped > 0 {
            self.remarks.push(format!("skipped {suite}: {counts}"));
        }
    }

    /// A suite that cannot run here.
    pub fn skip(&mut self, suite: &str, reason: &str) {
        println!("Skipped: {suite}: {reason}");
        self.counts.skipped += 1;
        self.remarks.push(format!("skipped {suite}: {reason}"));
    }

    /// Adds the report of another process.
    pub fn append(&mut self, other: Self) {
        self.counts.add(other.counts);
        self.remarks.extend(other.remarks);
    }

    /// Parses a report at the end of a process's output. Returns `None` if there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (_, report) = text.trim_end().rsplit_once("\n\n")?;
        let mut remarks: Vec<_> = report.lines().map(str::to_owned).collect();
        let counts = Counts::parse(&remarks.pop()?)?;
        Some(Self { counts, remarks })
    }

    /// Whether nothing has failed.
    pub fn succeeded(&self) -> bool {
        self.counts.failed == 0
    }
}

/// The remarks, then the totals alone on the last line: the CI reads that line.
impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for remark in &self.remarks {
            writeln!(formatter, "{remark}")?;
        }
        write!(formatter, "{}", self.counts)
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Report};

    #[test]
    fn the_last_line_is_the_totals() {
        let mut report = Report::default();
        report.add("unit", Counts { passed: 5, failed: 0, skipped: 1 });
        report.add("clippy", Counts::check(false));
        report.skip("browser", "no Chromium");
        assert_eq!(report.to_string().lines().last(), Some("5 passed, 1 failed, 2 skipped"));
        assert_eq!(report.to_string().lines().count(), 4);
        assert!(!report.succeeded());
    }

    #[test]
    fn a_report_of_another_process_is_read() {
        let mut report = Report::default();
        report.add("clippy", Counts::check(false));
        report.skip("browser", "no Chromium");
        let text = format!("many lines\n\nhere\n\n{report}\n");
        let read = Report::parse(&text).unwrap();
        assert_eq!(read.to_string(), report.to_string());
        let mut all = Report::default();
        all.add("unit", Counts { passed: 5, failed: 0, skipped: 0 });
        all.append(read);
        assert!(all.to_string().ends_with("\n5 passed, 1 failed, 1 skipped"));
        assert!(Report::parse("thread panicked\n\nat once").is_none() && Report::parse("").is_none());
    }

    #[test]
    fn a_crash_is_a_failure() {
        assert_eq!(Counts::default().or_failed(false).failed, 1);
        assert_eq!(Counts { failed: 3, ..Counts::default() }.or_failed(false).failed, 3);
        assert_eq!(Counts::default().or_failed(true), Counts::default());
    }
}
