//! Runs `cargo test` and counts the results. Rule: the counts come from the summary lines of the test programs, whose output
//! is shown at the same time.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::report::Counts;
use crate::failure::{Failure, Result};

/// Runs the command, shows its output and adds up its `test result:` lines. Calls `on_start` whenever a test program starts:
/// cargo compiles nothing after the first one.
pub fn run(command: &mut Command, mut on_start: impl FnMut()) -> Result<Counts> {
    let cannot = || Failure::because("cargo test");
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(cannot())?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.map_err(cannot())?;
            println!("{line}");
            if line.starts_with("running ") {
                on_start();
            }
            counts.add(summary(&line).unwrap_or_default());
        }
    }
    let status = child.wait().map_err(cannot())?;
    Ok(counts.or_failed(status.success()))
}

/// The counts of `test result: ok. 9 passed; 0 failed; 1 ignored; …`.
fn summary(line: &str) -> Option<Counts> {
    let (_, fields) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let count = |name: &str| {
        fields.split("; ").find_map(|field| field.strip_suffix(name)?.trim().parse().ok()).unwrap_or_default()
    };
    Some(Counts { passed: count("passed"), failed: count("failed"), skipped: count("ignored") })
}

#[cfg(test)]
mod tests {
    use super::{Counts, summary};

    #[test]
    fn reads_a_summary_line() {
        let line = "test result: FAILED. 8 passed; 1 failed; 2 ignored; 0 measured; 40 filtered out; finished in 0.06s";
        assert_eq!(summary(line), Some(Counts { passed: 8, failed: 1, skipped: 2 }));
        assert_eq!(summary("test a::b ... ok"), None);
    }
}
