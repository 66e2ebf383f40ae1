//! `cargo xtask evidence`: runs tests that take too long for every test run. Rule: a part consists only of tests of the
//! project with higher counts, and every figure in docs/evidence.md was printed by such a test in a run of this command.

mod document;
mod parts;
mod properties;

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::files::{read_text, write_if_changed};
use crate::process::output;
use crate::project::{Project, cargo};
use crate::test::{DEV, PACKAGES};
use crate::{prerequisites, service};
use document::{Document, Section};
use parts::{PARTS, Part, Suite, Tests};

const DOCUMENT: &str = "docs/evidence.md";
/// Quick runs only show that the command works: their figures do not belong in the documentation.
const QUICK_DOCUMENT: &str = "xtask/evidence-quick.md";
/// The prefix of a line that a test prints.
const FIGURE: &str = "evidence: ";

/// Which parts to run, and for how long.
#[derive(Debug, Default)]
struct Options {
    is_quick: bool,
    parts: Vec<&'static Part>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self::default();
        for argument in arguments {
            match PARTS.iter().find(|part| part.name == argument) {
                _ if argument == "--quick" => options.is_quick = true,
                Some(part) => options.parts.push(part),
                None => {
                    let names = PARTS.each_ref().map(|part| part.name).join(", ");
                    return Err(Failure::new(format!(
                        "There is no part {argument:?}. The parts are {names}."
                    )));
                }
            }
        }
        if options.parts.is_empty() {
            options.parts = PARTS.iter().collect();
        }
        Ok(options)
    }
}

/// Runs the parts one after another and writes each section as soon as its part has ended.
pub fn command(project: &Project, arguments: &[String]) -> Result<ExitCode> {
    let options = Options::parse(arguments)?;
    prerequisites::check()?;
    let path = if options.is_quick { project.target(QUICK_DOCUMENT) } else { project.path(DOCUMENT) };
    let databases = service::start_all(&project.target("xtask/services"));
    print!("{}", service::exports(&databases));
    let mut failed = Vec::new();
    for part in &options.parts {
        println!("\n{}: {}", part.name, part.about);
        let started = Instant::now();
        let run = Run { project, is_quick: options.is_quick, databases: &databases };
        let outcome = run.part(part)?;
        if !outcome.has_succeeded {
            failed.push(part.name);
        }
        let command =
            format!("cargo xtask evidence {}{}", part.name, if options.is_quick { " --quick" } else { "" });
        let section = Section {
            name: part.name.to_owned(),
            about: part.about.to_owned(),
            run: format!("`{command}` on {}: {}.", commit(project)?, took(started.elapsed())),
            has_succeeded: outcome.has_succeeded,
            figures: outcome.figures,
        };
        let mut document = Document::parse(&read_text(&path).unwrap_or_default());
        document.put(section);
        write_if_changed(&path, document.written(&machine()).as_bytes())?;
        println!("{}: written to {}", part.name, path.display());
    }
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nFailed: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

/// How parts are run.
struct Run<'a> {
    project: &'a Project,
    is_quick: bool,
    databases: &'a [service::Outcome],
}

/// The result of a part.
#[derive(Default)]
struct Outcome {
    has_succeeded: bool,
    /// What was measured, and the value.
    figures: Vec<(String, String)>,
}

impl Run<'_> {
    fn part(&self, part: &Part) -> Result<Outcome> {
        let mut suites = Vec::new();
        for suite in part.suites {
            let tests = match suite.tests {
                Tests::Named(words) => words.iter().map(|word| (*word).to_owned()).collect(),
                Tests::Properties(folders) => properties::names(self.project, folders)?,
            };
            suites.extend((!tests.is_empty()).then_some((suite, tests)));
        }
        let share = part.seconds.map(|seconds| {
            let count = u32::try_from(suites.len()).unwrap_or(1).max(1);
            Duration::from_secs(seconds.of(self.is_quick)) / count
        });
        let mut all = Outcome { has_succeeded: !suites.is_empty(), figures: Vec::new() };
        for (suite, tests) in &suites {
            let started = Instant::now();
            let mut rounds: u64 = 0;
            // A part with a time limit repeats each suite, with other random numbers, until its share of the time is used.
            while rounds == 0 || all.has_succeeded && share.is_some_and(|share| started.elapsed() < share) {
                let outcome = self.suite(part, suite, tests)?;
                rounds += 1;
                all.has_succeeded &= outcome.has_succeeded;
                all.figures.extend(outcome.figures);
            }
            if let (Some(cases), true) = (part.cases(self.is_quick), all.has_succeeded) {
                let figure =
                    format!("{} tests with {} random inputs each, 0 failed", tests.len(), cases * rounds);
                all.figures.push((suite.about.to_owned(), figure));
            }
        }
        Ok(all)
    }

    /// Runs a test program once.
    fn suite(&self, part: &Part, suite: &Suite, tests: &[String]) -> Result<Outcome> {
        let mut command = Command::new(cargo());
        command.arg("test").args(PACKAGES).args(DEV).args(suite.program);
        command.args(["--", "--include-ignored", "--nocapture", "--test-threads", "1"]).args(tests);
        command.current_dir(self.project.path("")).stdout(Stdio::piped());
        for (variable, scale) in part.variables {
            command.env(variable, scale.of(self.is_quick).to_string());
        }
        for service::Outcome { kind, running } in self.databases {
            match running {
                Ok(running) => _ = command.env(kind.variable, &running.url),
                Err(_) => _ = command.args(["--skip", &kind.tests()]),
            }
        }
        let cannot = || Failure::because("cargo test");
        let mut child = command.spawn().map_err(cannot())?;
        let mut outcome = Outcome::default();
        let mut passed = 0;
        if let Some(output) = child.stdout.take() {
            for line in BufReader::new(output).lines() {
                let line = line.map_err(cannot())?;
                println!("{line}");
                // libtest writes the name of the test before the first line that it prints.
                outcome.figures.extend(
                    line.split_once(FIGURE).and_then(|(_, figure)| figure.split_once(" | ")).map(own),
                );
                passed += passed_in(&line);
            }
        }
        let is_success = child.wait().map_err(cannot())?.success();
        // A name that matches no test proves nothing, and the figure counts all of them.
        let is_complete = passed >= tests.len();
        if is_success && !is_complete {
            println!("Only {passed} tests have passed: fewer than there are in {tests:?}.");
        }
        outcome.has_succeeded = is_success && is_complete;
        Ok(outcome)
    }
}

fn own((what, figure): (&str, &str)) -> (String, String) {
    (what.to_owned(), figure.to_owned())
}

/// Returns the count of `test result: ok. 9 passed; …`.
fn passed_in(line: &str) -> usize {
    let count =
        line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")?.1.split_once(" passed"));
    count.and_then(|(count, _)| count.parse().ok()).unwrap_or_default()
}

/// Returns the commit that was measured.
fn commit(project: &Project) -> Result<String> {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        output(
            git.args(arguments).current_dir(project.path("")),
            "git cannot read the commit: its error is above.",
        )
    };
    let commit = git(&["rev-parse", "--short=10", "HEAD"])?.trim().to_owned();
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    let is_document = |line: &str| line.ends_with(DOCUMENT);
    let suffix = if changes.lines().all(is_document) { "" } else { " with local changes" };
    Ok(format!("commit {commit}{suffix}"))
}

fn took(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Returns the processor and the memory of this machine, as far as Linux reports them.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let field = |file: &str, name: &str| {
        let text = std::fs::read_to_string(file).ok()?;
        let line = text.lines().find(|line| line.starts_with(name))?.to_owned();
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let kilobytes =
        field("/proc/meminfo", "MemTotal").and_then(|text| text.strip_suffix(" kB")?.parse::<u64>().ok());
    let memory =
        kilobytes.map_or(String::new(), |kilobytes| format!(", {} GB of memory", kilobytes / 1_000_000));
    format!("{cores} cores ({model}){memory}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Options, passed_in, took};

    #[test]
    fn options() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let options = Options::parse(&words("races --quick")).unwrap();
        assert!(options.is_quick && options.parts.len() == 1);
        assert!(Options::parse(&[]).unwrap().parts.len() > 3);
        assert!(Options::parse(&words("nothing")).unwrap_err().to_string().contains("races"));
    }

    #[test]
    fn durations_and_summaries() {
        let times = [12, 75, 7300].map(|seconds| took(Duration::from_secs(seconds)));
        assert_eq!(times, ["12 s", "1 min 15 s", "2 h 1 min"]);
        assert_eq!(passed_in("test result: ok. 9 passed; 0 failed; 1 ignored"), 9);
        assert_eq!(passed_in("test a ... ok"), 0);
    }
}
