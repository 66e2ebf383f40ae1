//! Runs the tests in `end2end/`: a real browser and real providers against the real server. Rule: what they need is installed
//! from registries if possible; otherwise they are skipped, and the report says so.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::report::{Counts, Report};
use crate::failure::Result;
use crate::files::read_text;
use crate::process::{exists, run};
use crate::project::Project;
use crate::{machine, npm};

const SUITE: &str = "browser tests";
/// Chromium without windows: it gives the same results in two thirds of the time.
const HEADLESS: &str = "chromium-headless-shell";
/// The names that `end2end/support/chromium.ts` looks for.
const BROWSERS: [&str; 4] = [HEADLESS, "chromium", "chromium-browser", "google-chrome"];

/// What the tests run against.
pub struct Subject {
    /// A server with the feature `dev`.
    pub server: PathBuf,
    /// The site it serves.
    pub site: PathBuf,
    /// Databases that run: the variable, and the address.
    pub databases: Vec<(&'static str, String)>,
}

/// Runs the browser tests, or says why not.
pub fn run_all(project: &Project, subject: &Subject, filter: Option<&str>, report: &mut Report) -> Result {
    let folder = project.path("end2end");
    if !folder.join("package.json").exists() {
        report.skip(SUITE, "end2end/package.json is missing");
    } else if !npm::is_there() {
        report.skip(SUITE, "they need Node and npm, which are not installed");
    } else if !ensure_chromium() {
        report.skip(SUITE, "they need Chromium: on Debian `apt-get install chromium`");
    } else {
        ensure_firefox();
        npm::install(&folder)?;
        let types = run(Command::new("npm").args(["run", "--silent", "typecheck"]).current_dir(&folder), "");
        report.add("types of the browser tests", Counts::check(types.is_ok()));
        report.add(SUITE, playwright(project, &folder, subject, filter));
    }
    Ok(())
}

fn ensure_chromium() -> bool {
    if std::env::var_os("CHROMIUM").is_some() || exists(HEADLESS) {
        return true;
    }
    if machine::can_install() && machine::install(&[HEADLESS]).is_ok() && exists(HEADLESS) {
        return true;
    }
    let is_there = || BROWSERS.into_iter().any(exists);
    is_there() || (machine::can_install() && machine::install(&["chromium"]).is_ok() && is_there())
}

/// Without it only the tour in Firefox is left out, and the list of tests says so.
fn ensure_firefox() {
    let is_there = ["firefox-esr", "firefox"].into_iter().any(exists);
    if !is_there && machine::can_install() {
        let _ = machine::install(&["firefox-esr"]);
    }
}

fn playwright(project: &Project, folder: &Path, subject: &Subject, filter: Option<&str>) -> Counts {
    let json = project.target("xtask/playwright.json");
    // A result of an earlier run must not be counted when this run crashes.
    let _ = std::fs::remove_file(&json);
    let mut command = Command::new("npx");
    command
        .args(["playwright", "test", "--reporter=list,json"])
        .current_dir(folder)
        // Forbids `test.only`, which would leave out the rest without a word.
        .env("CI", "1")
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &json)
        .env("LEPTOS_AUTH_SERVER", &subject.server)
        .env("LEPTOS_SITE_ROOT", &subject.site)
        .envs(subject.databases.iter().map(|(variable, url)| (variable, url)));
    if let Some(filter) = filter {
        command.args(["--grep", filter, "--pass-with-no-tests"]);
    }
    let succeeded = command.status().is_ok_and(|status| status.success());
    let counts = read_text(&json).map(|json| counts(&json)).unwrap_or_default();
    counts.or_failed(succeeded)
}

/// The `stats` of Playwright's JSON report. A test that passed on a second try passed: Playwright
/// names it in its own summary.
fn counts(json: &str) -> Counts {
    let stats = json.rsplit_once("\"stats\"").map_or("", |(_, stats)| stats);
    let field = |name: &str| {
        let number = stats.split_once(&format!("\"{name}\":"))?.1.trim_start();
        let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        number[..end].parse::<usize>().ok()
    };
    let field = |name| field(name).unwrap_or_default();
    Counts {
        passed: field("expected") + field("flaky"),
        failed: field("unexpected"),
        skipped: field("skipped"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, counts};

    #[test]
    fn reads_the_stats_of_playwright() {
        let json = r#"{ "suites": [{"title":"\"stats\""}], "stats": { "startTime": "x", "duration": 12.5,
            "expected": 41, "skipped": 2, "unexpected": 3, "flaky": 1 } }"#;
        assert_eq!(counts(json), Counts { passed: 42, failed: 3, skipped: 2 });
        assert_eq!(counts(""), Counts::default());
    }
}
