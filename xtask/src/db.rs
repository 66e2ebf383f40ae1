//! `cargo xtask db copy OLD NEW`: from any database to any other. Rule: the work is the server's (`copy-database`); here it
//! is built with every database there is.

use std::process::{Command, ExitCode};

use crate::failure::{Failure, Result};
use crate::process::run;
use crate::project::{Project, SERVER, cargo};

/// Builds the server and has it copy.
pub fn command(project: &Project, arguments: &[String]) -> Result<ExitCode> {
    let ["copy", from, to] = arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        return Err(Failure::new("`cargo xtask db` is followed by: copy OLD NEW"));
    };
    let mut command = Command::new(cargo());
    command.args(["run", "--quiet", "--package", SERVER, "--features", "leptos-auth-server/all-databases"]);
    command.args(["--", "copy-database", from, to]).current_dir(project.path(""));
    run(&mut command, "The databases are not the same: the reason is above.")?;
    Ok(ExitCode::SUCCESS)
}
