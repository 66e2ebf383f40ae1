//! Runs a part of the checks in a separate process while tests run, with a lower priority, so that it only uses processor time
//! that the tests leave. Rule: its output is shown in one piece after it has ended, and its report is added to ours.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::report::Report;
use crate::failure::{Failure, Result};
use crate::files::{create_folder, read_text};
use crate::process::exists;
use crate::project::Project;

/// A part, started or not.
pub struct Beside {
    part: &'static str,
    is_quick: bool,
    root: PathBuf,
    folder: PathBuf,
    child: Option<Child>,
}

impl Beside {
    /// Creates a part with this name, not started yet.
    pub fn new(project: &Project, part: &'static str, is_quick: bool) -> Self {
        Self { part, is_quick, root: project.path(""), folder: project.target("xtask"), child: None }
    }

    /// Returns the name for `--only`.
    pub fn part(&self) -> &'static str {
        self.part
    }

    /// Starts the part, once. Errors are reported by `finish`.
    pub fn start(&mut self) {
        if self.child.is_none() {
            self.child = self.spawn().ok();
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.part))
    }

    fn spawn(&self) -> Result<Child> {
        create_folder(&self.folder)?;
        let cannot = || Failure::because(format!("Cannot start the {}", self.part));
        let log = File::create(self.log()).map_err(cannot())?;
        let program = std::env::current_exe().map_err(cannot())?;
        let mut command = if exists("nice") {
            let mut nice = Command::new("nice");
            nice.args(["-n", "10"]).arg(program);
            nice
        } else {
            Command::new(program)
        };
        command.args(["test", "--only", self.part]).args(self.is_quick.then_some("--quick"));
        command.current_dir(&self.root).stdin(Stdio::null());
        command.stdout(log.try_clone().map_err(cannot())?).stderr(log).spawn().map_err(cannot())
    }

    /// Waits for the end of the part, starts it first if necessary, and shows its output.
    pub fn finish(mut self) -> Result<Report> {
        let mut child = match self.child.take() {
            Some(child) => child,
            None => self.spawn()?,
        };
        let status = child.wait().map_err(Failure::because(format!("Cannot wait for the {}", self.part)))?;
        let text = read_text(&self.log())?;
        println!("{text}");
        let report = Report::parse(&text)
            .ok_or_else(|| Failure::new(format!("The {} ended without a report.", self.part)))?;
        if status.success() == report.succeeded() {
            Ok(report)
        } else {
            Err(Failure::new(format!("The {} ended with an error: {status}.", self.part)))
        }
    }
}
